"""The door of the room: calendar, due moments, clocks of a case, lights."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import clock as kernel_clock
from app.kernel import jobs, reads
from app.kernel.auth import Actor
from app.kernel.clock import legal_day

from . import calendars, ledger, lights, lines, past
from .calendar import Calendar, Kind
from .calendars import DayChange, calendar, missing_year, open_alert, preview_notice, raise_alert, seed
from .clocks import (
    OPEN_CLOCKS,
    SPARE_IDS,
    due_of,
    install_case_lock,
    install_condition,
    install_procedure_clocks,
    stop_all,
)
from .clocks import ledger as entries
from .declarations import APPROVERS, CAUSE_WORDS, Cause, ExtensionStage, read_rule, stages_of
from .ledger import extend, resume, suspend
from .lights import LIGHTS, Light
from .lines import OF_TASK as CLOCK_OF_TASK
from .lines import ClockLine
from .models import Clock, Extension, Suspension
from .rules import Due, Limit, Side, due, earliest_event_day, parse_limit
from .standing import standing
from .steps import on_event
from .turning import turn_lights
from .undoing import take_back

__all__ = [
    "APPROVERS",
    "CAUSE_WORDS",
    "CLOCK_OF_TASK",
    "OF_CASE",
    "OPEN_CLOCKS",
    "SPARE_IDS",
    "Cause",
    "ClockLine",
    "ClockView",
    "DayChange",
    "Due",
    "Imported",
    "Light",
    "Limit",
    "calendar",
    "due_of",
    "due_of_work_item",
    "earliest_event_day",
    "engine_due",
    "extend",
    "import_notice",
    "install_case_lock",
    "install_condition",
    "install_procedure_clocks",
    "light",
    "lines_of",
    "missing_year",
    "of_case",
    "of_work_items",
    "on_event",
    "open_alert",
    "parse_limit",
    "preview_notice",
    "raise_alert",
    "read_rule",
    "resume",
    "seed",
    "standing",
    "stop_all",
    "suspend",
    "take_back",
    "turn_lights",
    "views_of",
]  # fmt: skip

RECOMPUTE = "deadlines.recompute"
EngineDue = Callable[[str, str, datetime], datetime]


def engine_due(session: Session, passed: Mapping[str, datetime], region: str = "") -> EngineDue:
    """How the engine computes the due moment of its timers: `(limit, anchor step, entered) -> moment`.

    A timer anchored to a legal step counts from when the step was last passed, else from when the timer was
    entered. Timers of a procedure wait for the party (告知期满), so an unpublished calendar gives the latest
    day: the procedure never goes on too early.
    """
    days = calendar(session, region)

    def moment(limit: str, anchor: str, entered: datetime) -> datetime:
        start = passed.get(anchor, entered) if anchor else entered
        return due(parse_limit(limit), start, days, Side.PARTY).at

    return moment


def light(clock: Clock, now: datetime) -> Light:
    """● 正常 ▲ 临期 ■ 超期 ◇ 暂停, as of a moment. An ended clock keeps 正常 or 超期."""
    return LIGHTS[lights.light_of(clock, now)]


@dataclass(frozen=True, slots=True)
class ClockView:
    """One clock as a page shows it. `limit` is in words (`5个工作日`), `extended` too (empty: never).

    `left` says what is left in the unit of the law, how it ended, or that it is paused; `excluded_days` how
    many days do not count so far.
    """

    id: int
    kind: str
    key: str
    name: str
    basis: str
    side: str
    limit: str
    extended: str
    state: str
    work_item_id: int | None
    started_on: date
    due_at: datetime
    due_on: date
    provisional: bool
    earliest_on: date
    latest_on: date
    stopped_on: date | None
    light: Light
    due_words: str
    left: str
    excluded_days: int
    suspensions: tuple[Suspension, ...]
    extensions: tuple[Extension, ...]
    unit: str
    unit_words: str
    next_extension: ExtensionStage | None
    """What the law still allows: its cap, who approves, on which basis; None when nothing."""

    @property
    def stopped(self) -> bool:
        """Whether the clock has ended."""
        return self.stopped_on is not None


def _view(
    clock: Clock,
    suspensions: Iterable[Suspension],
    extensions: Iterable[Extension],
    days: Calendar,
    now: datetime,
) -> ClockView:
    mine = [s for s in suspensions if s.clock_id == clock.id]
    limit = parse_limit(clock.limit_text)
    found = Due(clock.due_at, clock.due_on, clock.provisional, clock.earliest_on, clock.latest_on)
    return ClockView(
        id=clock.id,
        kind=clock.kind,
        key=clock.key,
        name=clock.name,
        basis=clock.basis,
        side=clock.side,
        limit=limit.words,
        extended="、".join(parse_limit(part).words for part in clock.extended_by.split("+") if part),
        state=clock.state,
        work_item_id=clock.work_item_id,
        started_on=legal_day(clock.started_at),
        due_at=clock.due_at,
        due_on=clock.due_on,
        provisional=clock.provisional,
        earliest_on=clock.earliest_on,
        latest_on=clock.latest_on,
        stopped_on=legal_day(clock.stopped_at) if clock.stopped_at else None,
        light=light(clock, now),
        due_words=lights.due_words(found, now),
        left=lights.left_of(clock, limit.unit, found, now, days),
        excluded_days=ledger.excluded_days(clock, mine, legal_day(now)),
        suspensions=tuple(mine),
        extensions=(lengthened := tuple(e for e in extensions if e.clock_id == clock.id)),
        unit=str(limit.unit),
        unit_words=limit.unit.words,
        next_extension=next(iter(stages_of(clock.rule)[len(lengthened) :]), None),
    )


def of_case(session: Session, case_id: int, now: datetime | None = None) -> list[ClockView]:
    """All clocks of a case: the law's first, then the positions', each in order of their start."""
    clocks = list(session.scalars(select(Clock).from_statement(past.OF_CASE), {"case": case_id}))
    if not clocks:
        return []
    suspensions, extensions = entries(session, [clock.id for clock in clocks])
    days = calendar(session, clocks[0].region_code)
    return [_view(clock, suspensions, extensions, days, now or kernel_clock.now()) for clock in clocks]


OF_CASE = (
    past.of_case("{case}"),
    "select s.* from suspension s join clock k on k.id = s.clock_id where k.case_id = {case} order by s.id",
    "select e.* from extension e join clock k on k.id = e.clock_id where k.case_id = {case} order by e.id",
)
"""What `views_of` makes views of, for a page that reads everything in one round trip."""


def views_of(session: Session, rows: Sequence[Sequence[reads.Row]], now: datetime) -> list[ClockView]:
    """All clocks of a case, as `of_case`, from the rows of `OF_CASE`."""
    clocks = [reads.entity(Clock, row) for row in rows[0]]
    suspensions = [reads.entity(Suspension, row) for row in rows[1]]
    extensions = [reads.entity(Extension, row) for row in rows[2]]
    days = calendar(session, clocks[0].region_code) if clocks else None
    return [_view(clock, suspensions, extensions, days, now) for clock in clocks] if days else []


def due_of_work_item(session: Session, work_item_id: int, now: datetime | None = None) -> ClockView | None:
    """The position clock of a task, None where it has no limit."""
    clocks = session.scalars(select(Clock).from_statement(past.OF_WORK), {"items": [work_item_id]}).all()
    if not clocks:
        return None
    clock = clocks[-1]
    suspensions, extensions = entries(session, [clock.id])
    days = calendar(session, clock.region_code)
    return _view(clock, suspensions, extensions, days, now or kernel_clock.now())


def of_work_items(session: Session, work_item_ids: Sequence[int]) -> dict[int, ClockLine]:
    """The position clocks of a list of tasks by work item, in one query however many they are."""
    return lines.of_tasks(session, work_item_ids, kernel_clock.now())


def lines_of(session: Session, clocks: Mapping[int, Mapping[str, Any]]) -> dict[int, ClockLine]:
    """The same from what a list's own query read of each task's clock (`CLOCK_OF_TASK`)."""
    return lines.views(session, clocks, kernel_clock.now())


@dataclass(frozen=True, slots=True)
class Imported:
    """What an imported notice did: its edition, the days it changed, how many open clocks moved so far.

    `pending`: more clocks are being reckoned in the background; the edition counts them.
    """

    edition_id: int
    changes: tuple[DayChange, ...]
    recomputed: int
    pending: bool


def import_notice(
    session: Session,
    year: int,
    rows: Mapping[date, Kind] | Iterable[tuple[date, Kind]],
    *,
    source: str,
    actor: Actor,
    region: str | None = None,
) -> Imported:
    """Take over the arrangement of a year and reckon all open provisional clocks anew, both recorded.

    `source` names the notice. The caller has shown `preview_notice` first.

    Raises:
        Invalid: the notice cannot be right (codes `notice_...`).
    """
    seed(session)
    edition = calendars.store_notice(session, year, rows, source, actor, region)
    pending = _recompute(session, edition.id, 0)
    changes = tuple(
        DayChange(date.fromisoformat(day), Kind(was), Kind(becomes))
        for day, was, becomes in edition.difference
    )
    return Imported(edition.id, changes, edition.recomputed, pending)


def _recompute(session: Session, edition_id: int, after: int) -> bool:
    """One batch now, the next as a job: no transaction holds the cases of a whole city."""
    _, last = ledger.recompute(session, edition_id, after)
    if last is not None:
        jobs.enqueue(session, RECOMPUTE, {"edition": edition_id, "after": last})
    return last is not None


def recompute_job(session: Session, payload: Mapping[str, Any]) -> None:
    """The next batch of clocks after an import."""
    _recompute(session, payload["edition"], payload["after"])
