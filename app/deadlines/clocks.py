"""Clocks that start and stop with the steps of a case, and the arithmetic of one running clock."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.kernel.clock import legal_day
from app.kernel.events import CaseEvent, LiveTask

from . import lights
from .calendar import Calendar
from .calendars import calendar
from .declarations import ClockRule, read_rule
from .lights import LightKey
from .models import Clock, ClockKind, ClockState, Extension, Suspension
from .rules import Due, Interval, Limit, Side, due, parse_limit

Declarations = Callable[[str], Sequence[Mapping[str, Any]]]
Condition = Callable[[Any, Mapping[str, Any]], bool]
CaseLock = Callable[[Session, Sequence[int], bool], Collection[int]]
"""`(session, case ids in order, wait) -> the ids now locked`."""


def _no_clocks(procedure: str) -> Sequence[Mapping[str, Any]]:
    return ()


def _evaluate(tree: Any, attributes: Mapping[str, Any]) -> bool:
    from app.forms.conditions import evaluate  # same layer: imported when first needed, not in a circle

    return evaluate(tree, attributes)


def declared(procedure: str) -> list[ClockRule]:
    """The statutory clocks of a procedure."""
    return [read_rule(one) for one in _declarations(procedure)]


def holds(condition: Any, event: CaseEvent) -> bool:
    """Whether a condition tree (none: always) holds for a case as an event left it."""
    if condition is None:
        return True
    return _condition(condition, event.context.get("attributes", {}))


_declarations: Declarations = _no_clocks
_condition: Condition = _evaluate


def install_procedure_clocks(declarations: Declarations) -> None:
    """Tell this room where a procedure's `clocks` (rules.yaml) are found; done once, by `diagrams`."""
    global _declarations
    _declarations = declarations


def install_condition(condition: Condition) -> None:
    """Evaluate `starts_when` with something else than the forms' condition trees (tests)."""
    global _condition
    _condition = condition


def _nobody_else(session: Session, case_ids: Sequence[int], wait: bool) -> Collection[int]:
    return case_ids


_lock_cases: CaseLock = _nobody_else


def install_case_lock(lock: CaseLock) -> None:
    """Tell this room how to lock the rows of cases; done once, by `cases`, which lies above.

    A step locks its case and then touches clocks. Whoever comes from the clocks must hold the case too before
    its subscribers write to it, else the two wait for each other.
    """
    global _lock_cases
    _lock_cases = lock


def lock_cases(session: Session, case_ids: Iterable[int], *, wait: bool) -> Collection[int]:
    """Lock cases in id order and say which are locked; without `wait` those in use are left out."""
    return _lock_cases(session, sorted(set(case_ids)), wait)


def open_states() -> tuple[str, str]:
    """The states of a clock that has not come to its end."""
    return ClockState.RUNNING, ClockState.PAUSED


def due_of(session: Session, task: LiveTask, at: datetime, region: str = "") -> Due | None:
    """When a task opened at a moment is due by its own limit; None where its node declares none."""
    text = task.attributes.get("limit")
    if not text:
        return None
    return due(parse_limit(text), at, calendar(session, region), Side.AUTHORITY)


def set_due(clock: Clock, found: Due, days: Calendar, now: datetime) -> None:
    """Write a due moment into a clock, and the light it has with it."""
    clock.due_at, clock.due_on = found.at, found.day
    clock.provisional = found.provisional
    clock.earliest_on, clock.latest_on = found.earliest, found.latest
    if clock.state == ClockState.RUNNING:
        warn = clock.rule.get("warn")
        warning_from = lights.warn_at(
            parse_limit(clock.limit_text), clock.started_at, found, days, parse_limit(warn) if warn else None
        )
        clock.light, clock.next_light_at = lights.turn(now, warning_from, found.at)
    elif clock.state == ClockState.PAUSED:
        clock.light, clock.next_light_at = LightKey.PAUSED, None


def reckon(
    clock: Clock, days: Calendar, suspensions: Iterable[Suspension], extensions: Iterable[Extension]
) -> Due:
    """When a clock is due with everything in its ledger. A suspension still open takes nothing yet."""
    return due(
        parse_limit(clock.limit_text),
        clock.started_at,
        days,
        Side(clock.side),
        suspended=[Interval(s.from_day, s.until_day) for s in suspensions if s.until_day is not None],
        extensions=[parse_limit(e.limit_text) for e in extensions],
    )


def ledger(session: Session, clock_ids: Sequence[int]) -> tuple[list[Suspension], list[Extension]]:
    """The suspensions and extensions of clocks, oldest first."""
    return (
        list(
            session.scalars(
                select(Suspension).where(Suspension.clock_id.in_(clock_ids)).order_by(Suspension.id)
            )
        ),
        list(
            session.scalars(select(Extension).where(Extension.clock_id.in_(clock_ids)).order_by(Extension.id))
        ),
    )


def begin(
    event: CaseEvent,
    days: Calendar,
    *,
    kind: ClockKind,
    name: str,
    limit: Limit,
    side: Side,
    started_at: datetime,
    basis: str = "",
    key: str = "",
    task_id: str | None = None,
    rule: Mapping[str, Any] | None = None,
) -> Clock:
    """A new running clock for the case of an event, not yet in the session."""
    clock = Clock(
        case_id=event.case_id,
        agency_id=event.agency_id,
        region_code=event.region,
        kind=kind,
        key=key,
        task_id=task_id,
        name=name,
        basis=basis,
        side=side,
        limit_text=str(limit),
        rule=dict(rule or {}),
        started_at=started_at.astimezone(UTC),
        state=ClockState.RUNNING,
    )
    set_due(clock, due(limit, started_at, days, side), days, event.at)
    return clock


def _stop(clock: Clock, at: datetime) -> None:
    """End a clock; its light says for good whether it ended in time."""
    clock.state, clock.stopped_at, clock.next_light_at = ClockState.STOPPED, at, None
    clock.light = LightKey.OVERDUE if at >= clock.due_at else LightKey.NORMAL


def _close_suspensions(session: Session, clock: Clock, at: datetime, days: Calendar) -> None:
    """A clock that ends while it is paused counts no day after the pause began."""
    suspensions, extensions = ledger(session, [clock.id])
    for suspension in suspensions:
        if suspension.until_day is None:
            suspension.until_day = max(suspension.from_day, legal_day(at))
            suspension.ended_at = at
    set_due(clock, reckon(clock, days, suspensions, extensions), days, at)


def end(session: Session, clock: Clock, at: datetime) -> None:
    """End a clock, paused or not."""
    if clock.state == ClockState.PAUSED:
        _close_suspensions(session, clock, at, calendar(session, clock.region_code))
    _stop(clock, at)


def stop_all(session: Session, case_id: int, at: datetime) -> None:
    """End every clock of a case that is closed or withdrawn."""
    statement = (
        select(Clock).where(Clock.case_id == case_id, Clock.state.in_(open_states())).order_by(Clock.id)
    )
    for clock in session.scalars(statement):
        end(session, clock, at)
    session.flush()


def attach(session: Session, case_id: int, work_items: Mapping[str, int]) -> None:
    """Tell the position clocks of a case which inbox row belongs to which engine task."""
    for task_id, work_item_id in sorted(work_items.items(), key=lambda pair: pair[1]):
        session.execute(
            update(Clock)
            .where(Clock.case_id == case_id, Clock.task_id == task_id, Clock.state.in_(open_states()))
            .values(work_item_id=work_item_id)
        )
