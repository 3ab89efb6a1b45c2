"""Clocks of a case in which acts are taken back: they stand as if those had never been done.

A clock that a voided act started is void. One that it ended runs on, from the day it began: the law's time never starts
anew. So do the days that do not count: a pause it began takes none, a pause it ended goes on. An extension it approved
is gone.
"""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy.orm import Session

from app.kernel import writes
from app.kernel.events import CaseEvent, LiveTask

from .calendars import calendar
from .clocks import begin_position, ledger, open_of, reckon
from .ledger import moved_by
from .lights import LightKey
from .models import Clock, ClockKind, ClockState, Extension, Suspension

CAUSE = "return"


def take_back(
    session: Session,
    event: CaseEvent,
    did: Sequence[tuple[str, str, int]],
    closed: Collection[str],
    opened: Iterable[LiveTask],
    works: dict[str, int],
) -> list[str]:
    """Undo what clocks did, oldest first in `did` (`StepCompleted.clocked`); void those of the tasks `closed`, begin
    those of the tasks `opened` (`works`: their inbox rows). The case is locked. What it did, in words."""
    told: list[str] = []
    touched: dict[int, Clock] = {}
    for _, what, number in reversed(did):
        if what in ("start", "stop"):
            clock = _clock(session, event.case_id, number)
        elif what == "extend":
            clock = _shorten(session, session.get_one(Extension, number))
        else:
            suspension = session.get_one(Suspension, number)
            clock = _clock(session, event.case_id, suspension.clock_id)
            _undo_pause(what, suspension, event)
        if what == "start":
            _void(clock, event)
            told.append(f"“{clock.name}”计时作废")
        elif clock.state != ClockState.VOID:
            if what == "stop":
                _run_on(session, clock)
                told.append(f"“{clock.name}”恢复计时，仍从原起算日计算")
            touched[clock.id] = clock
        writes.flush(session)
        session.flush()
    for clock in touched.values():
        if clock.state != ClockState.VOID:
            _reckon(session, clock, event)
    for clock in open_of(session, event.case_id):
        if clock.kind == ClockKind.POSITION and clock.task_id in closed:
            _void(clock, event)
    days = calendar(session, event.region)
    for task in opened:
        begin_position(session, event, days, task, works.get(task.id))
    return told


def _clock(session: Session, case_id: int, number: int) -> Clock:
    held = next((clock for clock in open_of(session, case_id) if clock.id == number), None)
    return held or session.get_one(Clock, number, populate_existing=True)


def _void(clock: Clock, event: CaseEvent) -> None:
    clock.state, clock.stopped_at, clock.next_light_at = ClockState.VOID, event.at, None
    clock.light = LightKey.NORMAL


def _run_on(session: Session, clock: Clock) -> None:
    """A clock that had ended runs again. What was paused when it ended is paused still."""
    suspensions, _ = ledger(session, [clock.id])
    for one in suspensions:
        if one.ended_by is None and one.ended_at is not None and one.ended_at == clock.stopped_at:
            one.until_day = one.ended_at = None
    clock.state, clock.stopped_at = ClockState.RUNNING, None


def _shorten(session: Session, extension: Extension) -> Clock:
    """The clock of an extension that is not approved any more: it never took place. Its `due_change` stays."""
    clock = session.get_one(Clock, extension.clock_id)
    session.delete(extension)
    session.flush()
    clock.extended_by = "+".join(each.limit_text for each in ledger(session, [clock.id])[1])
    return clock


def _undo_pause(what: str, suspension: Suspension, event: CaseEvent) -> None:
    if what == "resume":
        suspension.until_day = suspension.ended_by = suspension.ended_at = None
    else:  # the row stays and takes no day
        suspension.until_day = suspension.from_day
        suspension.ended_by, suspension.ended_at = event.actor_id, event.at


def _reckon(session: Session, clock: Clock, event: CaseEvent) -> None:
    suspensions, extensions = ledger(session, [clock.id])
    paused = any(one.until_day is None for one in suspensions)
    clock.state = ClockState.PAUSED if paused else ClockState.RUNNING
    days = calendar(session, clock.region_code)
    due = reckon(clock, days, suspensions, extensions)
    moved_by(session, clock, due, days, CAUSE, event.at, event.actor_id)
