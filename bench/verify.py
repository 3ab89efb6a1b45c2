"""Proving procedures lawful: the demonstration pair, the pair after one edit, and random diagrams by size.

Times are milliseconds of one core's work (`time.process_time`), so that other work on the machine does not count;
`pair_wall_ms` is what the clock on the wall said meanwhile.
"""

import argparse
import gc
import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from app.cases import proving
from app.diagrams import service as diagrams
from app.kernel import clock
from app.verify.proof import Proof, prove
from app.verify.reader import BPMN, XQ
from app.verify.recheck import Session

from . import _random_diagrams as drawings

PROCEDURE = "penalty/ordinary"
WARM, ROUNDS = 3, 25
EDITS = 12
"""Of every kind."""
SIZES = {25: 200, 50: 200, 100: 200, 250: 200, 500: 40}
"""Nodes: number of random diagrams."""
BUDGET = 20_000
"""States of a random diagram looked at before it is counted as inconclusive."""


@dataclass(frozen=True)
class Row:
    """What was measured of diagrams of one size."""

    size: int
    times: Sequence[float]
    states: Sequence[int]
    conclusive: int
    proven: int
    blocked: int


_rows: list[Row] = []
_edits: dict[str, list[float]] = {}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--few", action="store_true", help="a tenth of the random diagrams, to see that it runs"
    )


def figures(few: bool = False) -> dict[str, float | int]:
    bundle = diagrams.from_folder(PROCEDURE)
    pair = _pair(bundle)
    found = {**pair, **_edited(bundle)}
    for size, number in SIZES.items():
        _rows.append(_random(size, max(number // 10, 4) if few else number))
    row = next(row for row in _rows if row.size == 250)
    found["random250_p50"] = round(statistics.median(row.times), 2)
    found["random250_p99"] = round(statistics.quantiles(row.times, n=100)[-1], 2)
    found["random250_conclusive"] = round(row.conclusive / len(row.times), 3)
    return found


def table(found: dict[str, float | int]) -> str:
    lines = [f"{key:<28} {value:>12,}" for key, value in found.items()]
    lines += ["", f"{'one edit of the pair':<28} {'edits':>7} {'p50':>9} {'most':>9}  milliseconds"]
    for kind, times in _edits.items():
        lines.append(f"{kind:<28} {len(times):>7} {statistics.median(times):>9.1f} {max(times):>9.1f}")
    head = ("diagrams", "states p50", "most", "ms p50", "p99", "conclusive", "proven", "blocked", "open")
    lines += ["", f"{'random, nodes':<14}" + "".join(f"{word:>11}" for word in head)]
    for row in _rows:
        number = len(row.times)
        cells = (
            f"{number:,}",
            f"{statistics.median(row.states):,.0f}",
            f"{max(row.states):,}",
            f"{statistics.median(row.times):,.1f}",
            f"{statistics.quantiles(row.times, n=100)[-1]:,.1f}",
            f"{row.conclusive / number:.1%}",
            f"{row.proven}",
            f"{row.blocked}",
            f"{number - row.proven - row.blocked}",
        )
        lines.append(f"{row.size:<14}" + "".join(f"{cell:>11}" for cell in cells))
    lines.append(
        "proven: conclusive and nothing blocks; open: nothing blocks, but not everything was decided"
    )
    return "\n".join(lines)


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    began = time.process_time()
    found = act()
    return (time.process_time() - began) * 1000, found


def _pair(bundle: diagrams.Bundle) -> dict[str, float | int]:
    """From the files' content to the verdict; templates are read once a process."""
    times, walls = [], []
    proof: Proof | None = None
    for _ in range(WARM + ROUNDS):
        gc.collect()
        began = time.perf_counter()
        spent, proof = _timed(lambda: proving.proof_of(bundle))
        walls.append((time.perf_counter() - began) * 1000)
        times.append(spent)
    if proof is None or not proof.proven:
        raise RuntimeError(f"{PROCEDURE} is not proven: its times say nothing")
    return {
        "pair_ms": round(statistics.median(times[WARM:]), 1),
        "pair_wall_ms": round(statistics.median(walls[WARM:]), 1),
        "states": proof.states,
    }


def _edited(bundle: diagrams.Bundle) -> dict[str, float | int]:
    """From a diagram with one edit to its verdict, when the verdict before the edit is known."""
    today = clock.today()

    def subject(internal: bytes, external: bytes) -> Any:
        return proving.subject_of(internal, external, bundle.rules, bundle.forms)[0]

    def after(session: Session, internal: bytes, external: bytes) -> Proof:
        return session.prove(subject(internal, external), today)

    reused = 0
    for kind, internal, external in _edits_of(bundle):
        session = Session()
        after(session, bundle.whole, bundle.external)
        gc.collect()
        spent, proof = _timed(lambda s=session, i=internal, e=external: after(s, i, e))
        reused += len(session.reused)
        _edits.setdefault(kind, []).append(spent)
        plain = prove(subject(internal, external), today)
        if plain != proof:
            raise RuntimeError(f"another verdict after an edit ({kind}) than without the last proof")
    everything = list(itertools.chain(*_edits.values()))
    return {
        "edit_ms": round(statistics.median(everything), 1),
        "edit_most_ms": round(max(everything), 1),
    }


def _edits_of(bundle: diagrams.Bundle) -> Iterator[tuple[str, bytes, bytes]]:
    """(kind, internal, external): as an analyst draws, with as many of every kind."""
    dice = random.Random(4)  # noqa: S311 - repeatable, nothing secret

    def flows(root: Any) -> list[Any]:
        return list(root.iter(f"{{{BPMN}}}sequenceFlow"))

    def conditions(root: Any) -> list[Any]:
        return list(root.iter(f"{{{BPMN}}}conditionExpression"))

    def limit(root: Any) -> None:
        tasks = [
            e for e in root.iter(f"{{{BPMN}}}userTask") if (e.get(f"{{{XQ}}}limit") or "").endswith("wd")
        ]
        dice.choice(tasks).set(f"{{{XQ}}}limit", f"{dice.randrange(1, 9)}wd")

    def name(root: Any) -> None:
        task = dice.choice([*root.iter(f"{{{BPMN}}}userTask"), *root.iter(f"{{{BPMN}}}serviceTask")])
        task.set("name", task.get("name", "") + "（新）")

    def condition(root: Any) -> None:
        chosen, other = dice.sample(conditions(root), 2)
        chosen.text = other.text

    def route(root: Any) -> None:
        flow = dice.choice(flows(root))
        places = [e.get("id") for e in flow.getparent() if str(e.tag).endswith(("Task", "Gateway"))]
        flow.set("targetRef", dice.choice([p for p in places if p != flow.get("targetRef")]))

    internal: dict[str, Callable[[Any], None]] = {
        "a limit": limit,
        "a name": name,
        "a condition": condition,
        "a flow led elsewhere": route,
    }
    for _ in range(EDITS):
        for kind, edit in internal.items():
            root = etree.fromstring(bundle.whole)
            edit(root)
            yield kind, etree.tostring(root), bundle.external
        root = etree.fromstring(bundle.external)
        route(root)
        yield "a flow of the external one", bundle.whole, etree.tostring(root)


def _random(size: int, number: int) -> Row:
    """Diagrams of a size, from XML to the verdict, with three demands on the order of their steps."""
    times, states = [], []
    conclusive = proven = blocked = 0
    rules = [drawings.Order()]
    gc.collect()
    for seed in range(number):
        drawn = drawings.drawing(seed, size)
        xml = drawn.xml()
        spent, proof = _timed(
            lambda drawn=drawn, xml=xml: prove(drawings.subject(drawn, xml), rules=rules, limit=BUDGET)
        )
        times.append(spent)
        states.append(proof.states)
        conclusive += proof.conclusive
        proven += proof.proven
        blocked += bool(proof.blocking)
    return Row(size, times, states, conclusive, proven, blocked)
