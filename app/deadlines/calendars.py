"""The calendar in the database: loading, seeding, the yearly notice, and the alert when it is missing."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.kernel import clock as kernel_clock
from app.kernel import editions
from app.kernel.auth import Actor
from app.kernel.clock import legal_day
from app.kernel.errors import Invalid

from . import seeds
from .calendar import Calendar, Kind, default_kind
from .models import CALENDAR, CalendarAlert, CalendarDay, CalendarEdition, DayStatus

log = logging.getLogger(__name__)

ALERT_FROM = (11, 15)
"""The notice usually comes in the first days of November; the one for 2026 came on 4 November 2025."""
LEAST, MOST = 244, 256
"""Working days of a plausible year (2019 to 2026: 248 to 251)."""


@dataclass(slots=True)
class _Loaded:
    """The rows of one version of the calendar, and the calendars built from them by set of overrides."""

    version: str
    official: frozenset[int]
    days: dict[date, Kind]
    overrides: dict[str, dict[date, Kind]]
    built: dict[tuple[str, ...], Calendar] = field(default_factory=dict)


_loaded: _Loaded | None = None
"""Only a cache: every question asks the database for the version first."""


def _prefix(region: str) -> str:
    while region.endswith("00") and len(region) > 2:
        region = region[:-2]
    return region


def _load(session: Session, version: str) -> _Loaded:
    loaded = _Loaded(
        version,
        frozenset(session.scalars(select(CalendarEdition.year).where(CalendarEdition.region.is_(None)))),
        {},
        {},
    )
    for day, region, kind in session.execute(select(CalendarDay.date, CalendarDay.region, CalendarDay.kind)):
        where = loaded.days if region is None else loaded.overrides.setdefault(region, {})
        where[day] = Kind(kind)
    return loaded


def _build(loaded: _Loaded, regions: tuple[str, ...]) -> Calendar:
    days = dict(loaded.days)
    for region in regions:
        days |= loaded.overrides[region]
    years = range(min(loaded.official), max(max(seeds.festivals()), max(loaded.official)) + 1)
    leeways = [leeway for guess in seeds.estimates().values() for leeway in guess.leeways]
    return Calendar.build(days, years, loaded.official, leeways)


def calendar(session: Session, region: str = "") -> Calendar:
    """The working calendar of a region, cached in the process until the next import.

    A region takes the nation's days, then the province's, the city's and its own differences. A database
    nobody has seeded has the calendar as shipped.
    """
    global _loaded
    version = editions.current(session, CALENDAR)
    loaded = _loaded
    if loaded is None or loaded.version != version:
        loaded = _loaded = _load(session, version)
    if not loaded.official:
        return seeds.shipped_calendar()
    regions = tuple(sorted((r for r in loaded.overrides if region.startswith(_prefix(r))), key=_prefix))
    if regions not in loaded.built:
        loaded.built[regions] = _build(loaded, regions)
    return loaded.built[regions]


def seed(session: Session) -> None:
    """Write the shipped calendar (2019 to 2026 published, later years estimated) into an empty table."""
    if session.scalar(select(func.count()).select_from(CalendarEdition)):
        return
    rows = [
        {"date": d.date, "kind": d.kind, "source": d.source, "status": DayStatus.OFFICIAL}
        for d in seeds.published()
    ]
    official = {day.date.year for day in seeds.published()}
    for year in sorted(set(seeds.festivals()) - official):
        rows += [
            {"date": d.date, "kind": d.kind, "source": d.source, "status": DayStatus.ESTIMATED}
            for d in seeds.estimated(year)
        ]
    session.execute(insert(CalendarDay), rows)
    now = kernel_clock.now()
    for year in sorted(official):
        session.add(CalendarEdition(year=year, source="随系统提供的数据", difference=[], at=now))
        session.flush()  # one by one: the newest id must be the last year's


@dataclass(frozen=True, slots=True)
class DayChange:
    """A day a notice changes against the calendar of today."""

    date: date
    before: Kind
    after: Kind


def _checked(year: int, rows: Mapping[date, Kind] | Iterable[tuple[date, Kind]]) -> dict[date, Kind]:
    """The days of a notice that differ from Monday to Friday, checked for being plausible."""
    pairs = list(rows.items() if isinstance(rows, Mapping) else rows)
    days = {day: Kind(kind) for day, kind in pairs}
    if len(days) != len(pairs):
        raise Invalid("通知中有重复的日期，请核对。", code="notice_duplicate")
    if year not in seeds.estimates():
        raise Invalid(f"系统没有{year}年的节气和农历数据，无法核对通知。", code="notice_year")
    for day in days:
        if day.year != year and (day.year, day.month) != (year - 1, 12):
            raise Invalid(f"{day}不属于{year}年的放假安排，请核对。", code="notice_year")
    movable = seeds.festivals()[year]
    fixed = [date(year, 1, 1), date(year, 5, 1), date(year, 10, 1)]
    for day in [*fixed, movable.spring, movable.qingming, movable.dragon_boat, movable.mid_autumn]:
        if days.get(day, default_kind(day)) is not Kind.REST:
            raise Invalid(f"{day}是法定节日，通知中却是上班日或者没有列出，请核对。", code="notice_festival")
    days = {day: kind for day, kind in days.items() if kind is not default_kind(day)}
    only = Calendar.build(days, [year], [year])
    worked = only.count(date(year - 1, 12, 31), date(year, 12, 31))
    if not LEAST <= worked <= MOST:
        raise Invalid(
            f"按此安排{year}年有{worked}个工作日，与往年（248至251个）相差过大，请核对是否漏列。",
            code="notice_implausible",
        )
    return days


def preview_notice(
    session: Session,
    year: int,
    rows: Mapping[date, Kind] | Iterable[tuple[date, Kind]],
    region: str | None = None,
) -> list[DayChange]:
    """What a notice would change, day by day, without changing it.

    `rows` are the days of the year (and of the last December) that differ from Monday to Friday; other days
    may be listed too. A regional notice lists only what differs from the nation's calendar.

    Raises:
        Invalid: the notice cannot be right (codes `notice_...`).
    """
    today = calendar(session, region or "")
    if region is not None:
        days = {day: Kind(kind) for day, kind in (rows.items() if isinstance(rows, Mapping) else rows)}
        affected = sorted(days)
        after = days
    else:
        after = _checked(year, rows)
        ordinals = range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())
        affected = sorted({date.fromordinal(ordinal) for ordinal in ordinals} | set(after))
    changes = []
    for day in affected:
        was = Kind.WORK if today.is_working(day) else Kind.REST
        becomes = after.get(day, default_kind(day))
        if was is not becomes:
            changes.append(DayChange(day, was, becomes))
    return changes


def store_notice(
    session: Session,
    year: int,
    rows: Mapping[date, Kind] | Iterable[tuple[date, Kind]],
    source: str,
    actor: Actor,
    region: str | None = None,
) -> CalendarEdition:
    """Replace a year's days by those of a notice and record who did it and what changed."""
    pairs = list(rows.items() if isinstance(rows, Mapping) else rows)
    changes = preview_notice(session, year, pairs, region)
    days = dict(pairs) if region is not None else _checked(year, pairs)
    if region is None:
        first, last = date(year, 1, 1), date(year, 12, 31)
        session.execute(
            delete(CalendarDay).where(CalendarDay.region.is_(None), CalendarDay.date.between(first, last))
        )
    for day, kind in sorted(days.items()):
        values = {"kind": Kind(kind), "status": DayStatus.OFFICIAL, "source": source}
        statement = upsert(CalendarDay).values(date=day, region=region, **values)
        session.execute(statement.on_conflict_do_update(index_elements=["date", "region"], set_=values))
    edition = CalendarEdition(
        year=year,
        region=region,
        source=source,
        difference=[[str(c.date), c.before, c.after] for c in changes],
        by=actor.account_id,
        by_name=actor.name,
        at=kernel_clock.now(),
    )
    session.add(edition)
    session.execute(
        update(CalendarAlert).where(CalendarAlert.year == year, CalendarAlert.cleared_at.is_(None))
        .values(cleared_at=edition.at)
    )  # fmt: skip
    session.flush()
    return edition


def missing_year(calendar: Calendar, today: date) -> int | None:
    """The year whose arrangement should be known by now and is not: next year's from 15 November on."""
    year = today.year + 1 if (today.month, today.day) >= ALERT_FROM else today.year
    return year if calendar.official_until.year < year else None


def raise_alert(session: Session, now: datetime) -> None:
    """Record that a year's arrangement is missing (daily, by the worker)."""
    year = missing_year(calendar(session), legal_day(now))
    if year is None:
        return
    log.warning("the working calendar of %s has not been imported", year)
    statement = upsert(CalendarAlert).values(year=year, first_raised_at=now, last_raised_at=now)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["year"], set_={"last_raised_at": now, "cleared_at": None}
        )
    )


def open_alert(session: Session) -> CalendarAlert | None:
    """The alert an administrator should see now, if any."""
    statement = select(CalendarAlert).where(CalendarAlert.cleared_at.is_(None)).order_by(CalendarAlert.year)
    return session.scalars(statement).first()
