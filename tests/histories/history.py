"""Stored histories of the engine: what was called, what was answered, and the state after each call.

One folder for each released format of the state (`app.engine.state`); its files are never changed once that
format is released. `<name>.json.gz` is a history, `<name>.bpmn.gz` the diagram it ran on, as it was.
"""

import base64
import gzip
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.engine import service

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the engine and what came of it. `due`: what the calendar answered, in order of asking."""

    name: str
    task: str
    values: Mapping[str, Any]
    now: str
    due: list[tuple[str, str, str, str]]
    state: bytes
    live: list[str]
    steps: list[str]
    actions: list[str]
    attributes: Mapping[str, Any]
    next_due: str | None
    finished: bool


@dataclass(frozen=True, slots=True)
class History:
    """The calls of one case on one diagram."""

    name: str
    diagram: bytes
    calls: list[Call]


class Recorder:
    """Stands in for the engine's four functions and writes down what they do."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def wrap(self, name: str, real: Callable[..., service.Advance]) -> Callable[..., service.Advance]:
        """The function, recorded. The arguments are those of `app.engine.run`."""

        def recorded(spec: service.Spec, *given: Any) -> service.Advance:
            asked: list[tuple[str, str, str, str]] = []
            *rest, now, due = given

            def answered(limit: str, anchor: str, entered: datetime) -> datetime:
                moment = due(limit, anchor, entered)
                asked.append((limit, anchor, entered.isoformat(), moment.isoformat()))
                return moment

            advance = real(spec, *rest, now, answered)
            task, values = (rest[1], rest[2]) if name in ("complete", "register") else ("", {})
            if name == "start":
                values = rest[0]
            self.calls.append(call_of(name, task, values, now, asked, advance))
            return advance

        return recorded


def call_of(
    name: str, task: str, values: Mapping[str, Any], now: datetime, due: list, advance: service.Advance
) -> Call:
    """A call as it is stored."""
    return Call(
        name,
        task,
        dict(values),
        now.isoformat(),
        due,
        advance.state,
        [f"{t.id} {t.node} {t.kind}" for t in advance.live],
        list(advance.steps),
        list(advance.actions),
        dict(advance.attributes),
        advance.next_due.isoformat() if advance.next_due else None,
        advance.finished,
    )


def repeat(spec: service.Spec, state: bytes, call: Call) -> Call:
    """Make a stored call with today's engine on a state; what comes of it now."""
    answers = {(limit, anchor, entered): moment for limit, anchor, entered, moment in call.due}

    def due(limit: str, anchor: str, entered: datetime) -> datetime:
        return datetime.fromisoformat(answers[limit, anchor, entered.isoformat()])

    now = datetime.fromisoformat(call.now)
    match call.name:
        case "start":
            advance = service.start(spec, call.values, now, due)
        case "refresh":
            advance = service.refresh(spec, state, now, due)
        case "complete":
            advance = service.complete(spec, state, call.task, call.values, now, due)
        case _:
            advance = service.register(spec, state, call.task, call.values, now, due)
    return call_of(call.name, call.task, call.values, now, call.due, advance)


def save(history: History, folder: Path) -> None:
    """Store a history; the same one always gives the same bytes."""
    text = json.dumps([asdict(call) for call in history.calls], default=_plain, ensure_ascii=False)
    _write(folder / f"{history.name}.json.gz", text.encode())
    _write(folder / f"{history.name}.bpmn.gz", history.diagram)


def load(folder: Path) -> Iterator[History]:
    """The histories of one format."""
    for path in sorted(folder.glob("*.json.gz")):
        stored = json.loads(gzip.decompress(path.read_bytes()), object_hook=_special)
        calls = [Call(**call | {"due": [tuple(each) for each in call["due"]]}) for call in stored]
        name = path.name.removesuffix(".json.gz")
        yield History(name, gzip.decompress((folder / f"{name}.bpmn.gz").read_bytes()), calls)


def formats() -> dict[int, Path]:
    """The folder of each format."""
    return {int(path.name): path for path in FOLDER.iterdir() if path.name.isdigit()}


def digest(folder: Path) -> str:
    """SHA-256 over everything stored for a format."""
    total = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        total.update(path.name.encode() + b"\0" + gzip.decompress(path.read_bytes()) + b"\0")
    return total.hexdigest()


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(gzip.compress(content, 9, mtime=0))


def _plain(value: object) -> Any:
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    raise TypeError(type(value))


def _special(found: dict[str, Any]) -> Any:
    if found.keys() == {"$bytes"}:
        return base64.b64decode(found["$bytes"])
    if found.keys() == {"$decimal"}:
        return Decimal(found["$decimal"])
    return found
