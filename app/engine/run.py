"""Moves a case: start, complete a task, register a message, let timers fire.

Every function takes the stored state and gives a new one; the objects in between are never kept. An error
therefore changes nothing: the caller still holds the bytes it had.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from SpiffWorkflow.util.task import TaskState

from ..kernel.errors import Conflict
from ..kernel.events import LiveTask
from . import state as codec
from .nodes import EventGateway
from .parser import Spec
from .timers import Due
from .workflow import Case, CaseTask, is_message

ACTIONABLE = TaskState.READY | TaskState.WAITING
GONE = "这项工作已经办结或被撤销，请刷新页面查看最新进展。"


@dataclass(frozen=True, slots=True)
class Advance:
    """The outcome of one act.

    Attributes:
        state: what to store.
        opened, closed: live tasks that appeared, and the ids of those that ended, for whatever reason.
        steps: legal steps passed, in order. actions: named actions reached, in order.
        live: everything a person can now act on. next_due: when the earliest waiting timer runs out.
        finished: no token is left. attributes: the routing attributes after the act.
    """

    state: bytes
    opened: tuple[LiveTask, ...]
    closed: tuple[str, ...]
    steps: tuple[str, ...]
    actions: tuple[str, ...]
    live: tuple[LiveTask, ...]
    next_due: datetime | None
    finished: bool
    attributes: dict[str, Any]


def start(spec: Spec, attributes: Mapping[str, Any], now: datetime, due: Due) -> Advance:
    """Open a case.

    Raises:
        Invalid: an attribute is not a plain value, or a condition cannot be judged.
    """
    case = Case(spec, codec.checked(attributes), now, due)
    case.begin()
    case.settle()
    return _advance(case, ())


def complete(
    spec: Spec, state: bytes, task_id: str, writes: Mapping[str, Any], now: datetime, due: Due
) -> Advance:
    """Complete a user task. Timers that are due fire first.

    Raises:
        Conflict: the task is not live (`task_gone`), perhaps because a timer has just ended it.
        Invalid: see `start`.
    """
    case, before = _open(spec, state, now, due)
    task = next((task for task in case.everywhere() if task.id == task_id), None)
    if task is None or task._state != TaskState.READY:
        raise Conflict(GONE, code="task_gone")
    case.attributes.update(codec.checked(writes))
    case.own_step = spec.nodes[task.task_spec.name].attributes.get("step", "")
    task.run()
    return _move_on(case, before)


def register(
    spec: Spec, state: bytes, task_id: str, writes: Mapping[str, Any], now: datetime, due: Due
) -> Advance:
    """Register that a message has come. Timers that are due fire first.

    Raises:
        Conflict: the message is no longer waited for (`task_gone`).
        Invalid: see `start`.
    """
    case, before = _open(spec, state, now, due)
    _happen(case, task_id, writes)
    return _move_on(case, before)


def register_late(
    spec: Spec,
    before: bytes,
    state: bytes,
    task_id: str,
    writes: Mapping[str, Any],
    received: datetime,
    now: datetime,
    due: Due,
) -> Advance:
    """Register a message that came before a timer took its place: the firing is taken back.

    `before` is the state the timer found, `state` what it left, in which nothing else has happened since. The
    case goes on from `before` as of `received`; only then time goes on to `now`.

    Raises:
        Conflict: the message was not waited for before either (`task_gone`).
        Invalid: see `start`.
    """
    left = codec.load(spec, state, now, due)
    case = codec.load(spec, before, received, due)
    case.fire_due()
    case.counter = left.counter  # the ids of tasks that are taken back are not given again
    _happen(case, task_id, writes)
    case.settle()
    case.now = now
    case.fire_due()
    return _advance(case, _live(left))


def _happen(case: Case, task_id: str, writes: Mapping[str, Any]) -> None:
    ident, _, event = task_id.partition(".")
    task = next((task for task in case.everywhere() if task.id == ident), None)
    if task is None or task._state != TaskState.WAITING:
        raise Conflict(GONE, code="task_gone")
    at_gateway = isinstance(task.task_spec, EventGateway)
    if event not in task.task_spec.messages() if at_gateway else event or not is_message(task):
        raise Conflict(GONE, code="task_gone")
    case.attributes.update(codec.checked(writes))
    case.own_step = case.nodes[event or task.task_spec.name].attributes.get("step", "")
    case.happen(task, event)


def refresh(spec: Spec, state: bytes, now: datetime, due: Due) -> Advance:
    """Let the timers fire that are due."""
    case, before = _open(spec, state, now, due)
    return _advance(case, before)


def live(spec: Spec, state: bytes) -> tuple[LiveTask, ...]:
    """Everything a person can act on, as stored: no timer is looked at."""
    return _live(codec.load(spec, state, datetime.max.replace(tzinfo=UTC), _never))


def is_live(spec: Spec, state: bytes, task_id: str, node: str) -> bool:
    """Whether this very task of this very node can be acted on, as stored."""
    ident, _, event = task_id.partition(".")
    place = next((n for n, i, mode in codec.tokens(state) if i == ident and mode & ACTIONABLE), "")
    if not event:
        return place == node and spec.nodes[node].kind in ("user", "message")
    scopes = (spec.process, *spec.subprocesses.values())
    gateway = next((s.task_specs[place] for s in scopes if place in s.task_specs), None)
    return event == node and isinstance(gateway, EventGateway) and node in gateway.messages()


def _never(limit: str, anchor: str, entered: datetime) -> datetime:
    raise AssertionError("looking at a case starts no timer")


def _open(spec: Spec, state: bytes, now: datetime, due: Due) -> tuple[Case, tuple[LiveTask, ...]]:
    case = codec.load(spec, state, now, due)
    before = _live(case)
    case.fire_due()
    return case, before


def _move_on(case: Case, before: tuple[LiveTask, ...]) -> Advance:
    case.settle()
    case.fire_due()  # a limit counted from an earlier step may already have run out
    return _advance(case, before)


def _advance(case: Case, before: tuple[LiveTask, ...]) -> Advance:
    after = _live(case)
    old, new = {task.id for task in before}, {task.id for task in after}
    timers = case.timers()
    return Advance(
        state=codec.dump(case),
        opened=tuple(task for task in after if task.id not in old),
        closed=tuple(task.id for task in before if task.id not in new),
        steps=case.steps(),
        actions=case.actions(),
        live=after,
        next_due=timers[0][0] if timers else None,
        finished=not case.live(),
        attributes=dict(case.attributes),
    )


def _live(case: Case) -> tuple[LiveTask, ...]:
    found: list[LiveTask] = []
    for task in sorted(case.everywhere(), key=lambda task: int(task.id)):
        if task._state == TaskState.READY:
            found.append(_task(case, task, task.id, task.task_spec.name, "user"))
        elif isinstance(task.task_spec, EventGateway):
            for name in task.task_spec.messages():
                found.append(_task(case, task, f"{task.id}.{name}", name, "message"))
        elif is_message(task):
            found.append(_task(case, task, task.id, task.task_spec.name, "message"))
    return tuple(found)


def _task(case: Case, task: CaseTask, ident: str, node: str, kind: str) -> LiveTask:
    info = case.nodes[node]
    return LiveTask(ident, node, info.name, kind, info.position, info.attributes, info.documents)
