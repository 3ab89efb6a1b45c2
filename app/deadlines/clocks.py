"""Clocks that start and stop with the steps of a case, and the arithmetic of one running clock."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import reads, writes
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
    """The statutory clocks of a procedure. A list of declarations that is the same as before is not read again."""
    found = _declarations(procedure)
    known = _read.get(procedure)
    if known is None or known[0] is not found:
        known = _read[procedure] = (found, [read_rule(one) for one in found])
    return known[1]


_read: dict[str, tuple[Sequence[Mapping[str, Any]], list[ClockRule]]] = {}


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
    work_item_id: int | None = None,
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
        work_item_id=work_item_id,
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
    for clock in open_of(session, case_id):
        if clock.state in open_states():
            end(session, clock, at)


OPEN_CLOCKS = reads.Fragment(
    "clocks",
    "select coalesce(jsonb_agg(to_jsonb(k) order by k.id), '[]') from clock k where k.case_id = {case}"
    " and k.state in ('running', 'paused')",
)

SPARE_IDS = reads.Fragment(
    "clock_ids", "select jsonb_agg(nextval('clock_id_seq')) from generate_series(1, 2)"
)


def start(session: Session, clock: Clock) -> None:
    """Write a clock that has begun, under an id drawn with the lock of its case."""
    spare = reads.found(session, clock.case_id, SPARE_IDS.name, list)
    clock.id = spare.pop(0) if spare else _draw(session)
    writes.insert(session, clock)
    known = reads.found(session, clock.case_id, OPEN_CLOCKS.name, list)
    known[:] = [*_held_ones(session, known), clock]


def _draw(session: Session) -> int:
    number: int = reads.fetch(session, ("select nextval('clock_id_seq') as id", {}))[0][0]["id"]
    return number


def open_of(session: Session, case_id: int) -> list[Clock]:
    """The clocks of a locked case that have not ended, held by this act: what changes is written with it."""
    known = reads.found(session, case_id, OPEN_CLOCKS.name, lambda: None)
    if known is None:
        query = f"select ({OPEN_CLOCKS.sql.replace('{case}', '%(case)s')}) as clocks"
        return _hold(session, reads.fetch(session, (query, {"case": case_id}))[0][0]["clocks"])
    known[:] = _held_ones(session, known)
    return [clock for clock in known if clock.state in open_states()]


def _held_ones(session: Session, known: Sequence[Any]) -> list[Clock]:
    return list(known) if known and isinstance(known[0], Clock) else _hold(session, known)


def _hold(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[Clock]:
    found = [reads.from_json(Clock, row) for row in rows]
    for clock in found:
        writes.hold(session, clock)
    return found


def begin_position(
    session: Session, event: CaseEvent, days: Calendar, task: LiveTask, work_item_id: int | None
) -> None:
    """Start the clock of a task that has just appeared, where it has a limit."""
    if limit := task.attributes.get("limit"):
        warn = task.attributes.get("warn")
        clock = begin(
            event,
            days,
            kind=ClockKind.POSITION,
            name=task.name,
            limit=parse_limit(limit),
            side=Side.AUTHORITY,
            started_at=event.at,
            basis=task.attributes.get("basis", ""),
            task_id=task.id,
            work_item_id=work_item_id,
            rule={"warn": warn} if warn else {},
        )
        start(session, clock)
