"""The demands of law along a live case: what the proof decides for all cases is watched in each (`app.verify`).

After an act has passed the gates and the engine has moved, every legal step it passed drives the monitor of the
case's version. A step that breaks a blocking rule refuses the act, whatever led there: a return, a jump, another
version, an edited row, a rule set whose own gates are weaker than the law. What is met stands in `Case.monitor`,
under the seal; a case from before there was one is taken up from the steps it has passed.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from app.diagrams import service as diagrams
from app.engine import service as engine
from app.kernel import clock
from app.kernel.errors import Refused
from app.verify.monitor import Monitor, State, Violation, compiled
from app.verify.rules import RULES

from .models import WorkItem

if TYPE_CHECKING:
    from .locking import Running

CODE = "monitor"
_compiled: dict[tuple[str, frozenset[str]], Monitor] = {}
"""By the digest of the version and the rules in force. Only a cache: versions never change."""


@lru_cache(maxsize=64)
def _law_of(day: date) -> frozenset[str]:
    return frozenset(rule.id for rule in RULES if rule.in_force(day))


def monitor(procedure: diagrams.Procedure, at: datetime) -> Monitor:
    """The monitor of a published version under the law of a moment."""
    day = clock.legal_day(at)
    key = (procedure.digest, _law_of(day))
    if key not in _compiled:
        spec = engine.spec(procedure.digest, lambda: engine.Source(internal=procedure.whole))
        steps = {node.attributes.get("step", "") for node in engine.nodes(spec).values()}
        _compiled[key] = compiled(procedure.rules.scope, steps, frozenset(procedure.rules.names()), day)
    return _compiled[key]


def begin(procedure: diagrams.Procedure, advance: engine.Advance, at: datetime) -> str:
    """What a case keeps that is opened.

    Raises:
        Refused: its procedure begins with a step that the law does not allow there.
    """
    watch = monitor(procedure, at)
    state, values = watch.start(), advance.attributes
    for step in advance.steps:
        state, broken = watch.step(state, step, values, values)
        _refuse(broken, f"发起办件时经过“{step}”")
    return watch.text(state)


def follow(
    running: "Running", advance: engine.Advance, after: Mapping[str, Any], work: WorkItem | None
) -> str:
    """What the case keeps after an act.

    The act's own step is judged by the attributes before and after it. What fired before it saw those before,
    what the engine passes behind it those after.

    Raises:
        Refused: a step breaks a blocking rule, or the case ends with something owed; nothing may be written.
    """
    case, watch = running.case, monitor(running.procedure, running.at)
    state = watch.read(case.monitor, case.passed, case.attributes)
    for step, after_step, broken in driven(watch, state, advance.steps, work, case.attributes, after):
        state = after_step
        if broken:
            name = work.name if work and step == work.step else called(running, step)
            _refuse(broken, f"办理“{name}”")
    if advance.finished:
        _refuse(watch.end(state), "办结案件")
    return watch.text(state)


def driven(
    watch: Monitor,
    state: State,
    steps: Sequence[str],
    work: WorkItem | None,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> Iterator[tuple[str, State, Sequence[Violation]]]:
    """The monitor along the steps of one act: each with the state after it and what it breaks."""
    own = work.step if work and work.step in steps else ""
    now: Mapping[str, Any] = before if own else after
    for step in steps:
        then, now = now, after if step == own else now
        state, broken = watch.step(state, step, then, now)
        yield step, state, broken


def carried(running: "Running", target: diagrams.Procedure, attributes: Mapping[str, Any]) -> str:
    """What the case keeps on another version: what both know carries over, the rest is taken up."""
    case, watch = running.case, monitor(target, running.at)
    return watch.text(watch.read(case.monitor, case.passed, attributes))


def account(running: "Running", ahead: Collection[str]) -> list[tuple[Violation, bool | None]]:
    """The rules of law that are watched in a case: met so far, broken by one of the steps `ahead` as things stand, or
    neither (`Monitor.account`)."""
    case, watch = running.case, monitor(running.procedure, running.at)
    state = watch.read(case.monitor, case.passed, case.attributes)
    return watch.account(state, ahead, case.attributes)


def newly_broken(
    running: "Running", target: diagrams.Procedure, attributes: Mapping[str, Any], waiting: Sequence[str]
) -> Iterator[str]:
    """The rules that the case would break or owe on another version at once, and does not on its own."""
    case = running.case
    found = []
    for procedure, values in ((running.procedure, case.attributes), (target, attributes)):
        watch = monitor(procedure, running.at)
        state = watch.read(case.monitor, case.passed, values)
        broken = watch.end(state)
        for step in waiting:
            broken += watch.step(state, step, values, values)[1]
        found.append({violation.rule: violation.name for violation in broken})
    mine, theirs = found
    yield from (name for rule, name in theirs.items() if rule not in mine)


def called(running: "Running", step: str) -> str:
    """What the diagram calls a legal step."""
    nodes = engine.nodes(running.spec).values()
    return next((node.name for node in nodes if node.attributes.get("step") == step and node.name), step)


def _refuse(broken: Sequence[Violation], what: str) -> None:
    if broken:
        first, *others = broken
        more = "、".join(f"“{other.name}”" for other in others)
        told = f"{what}不符合“{first.name}”：{first.remedy}。" + (f"同时不符合{more}。" if more else "")
        raise Refused(f"{told}本次办理没有执行，案件保持原样。", code=CODE, article=first.cite)
