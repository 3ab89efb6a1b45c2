"""How a legal time limit is counted. PURE: values in, values out.

Sources: 行政处罚法 85 (2, 3, 5 and 7 days are working days, other days are calendar days); 行政强制法 69;
行政许可法 82; 民事诉讼法 85 (the opening day is not counted; a last day of rest rolls to the next
working day); 民法典 202 (the corresponding day ends a period of months, else the last day of the month). A
party's last day rolls forward; an authority's own does not, because whether it may is disputed.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from app.kernel.clock import CHINA, legal_day
from app.kernel.errors import Invalid

from .calendar import ONE_DAY, Bound, Calendar, Kind, Leeway

__all__ = ["Bound", "Calendar", "Kind", "Leeway"]


class Unit(StrEnum):
    """The units in which laws state limits; the value is the suffix in a limit's text."""

    WORKING_DAYS = "wd"
    DAYS = "d"
    HOURS = "h"
    MONTHS = "m"
    YEARS = "y"

    @property
    def words(self) -> str:
        """The unit as a person reads it: `个工作日`."""
        return WORDS[self].format("")


WORDS = {
    Unit.WORKING_DAYS: "{}个工作日",
    Unit.DAYS: "{}日",
    Unit.HOURS: "{}小时",
    Unit.MONTHS: "{}个月",
    Unit.YEARS: "{}年",
}
LIMIT = re.compile(r"([1-9][0-9]{0,3})(wd|d|h|m|y)", re.ASCII)


class Side(StrEnum):
    """Whose time runs: the side decides what happens with a last day of rest and with an unknown calendar."""

    AUTHORITY = "authority"
    PARTY = "party"


@dataclass(frozen=True, slots=True)
class Limit:
    """A length of legal time, such as five working days."""

    n: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.n}{self.unit}"

    @property
    def words(self) -> str:
        """The limit as a person reads it: `5个工作日`."""
        return WORDS[self.unit].format(self.n)


def parse_limit(text: str) -> Limit:
    """Read `5wd`, `90d`, `24h`, `3m` or `2y`.

    Raises:
        Invalid: anything else (code `limit`).
    """
    match = LIMIT.fullmatch(text)
    if match is None:
        raise Invalid(
            f"时限“{text}”写法不对。请写数字加单位：wd 工作日、d 日、h 小时、m 月、y 年，例如 5wd、90d。",
            code="limit",
        )
    return Limit(int(match[1]), Unit(match[2]))


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Days that do not count: `first` included, `until` (the day counting resumes) excluded."""

    first: date
    until: date


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same days as disjoint ascending intervals: a day suspended for two causes is suspended once."""
    merged: list[Interval] = []
    for interval in sorted(intervals):
        if interval.until <= interval.first:
            continue
        if merged and interval.first <= merged[-1].until:
            if interval.until > merged[-1].until:
                merged[-1] = Interval(merged[-1].first, interval.until)
        else:
            merged.append(interval)
    return tuple(merged)


@dataclass(frozen=True, slots=True)
class Due:
    """When a limit ends.

    `day` is the last day and `at` its 24:00 in China (or the exact moment of a limit in hours), in UTC. Where
    the calendar is not published yet, the true day lies in [earliest, latest], and `day` is the one that does
    no harm: the earliest for an authority, the latest for a party.
    """

    at: datetime
    day: date
    provisional: bool
    earliest: date
    latest: date


def end_of(day: date) -> datetime:
    """24:00 of a legal day, in UTC."""
    return datetime.combine(day + ONE_DAY, time(), CHINA).astimezone(UTC)


def start_of(day: date) -> datetime:
    """0:00 of a legal day, in UTC."""
    return datetime.combine(day, time(), CHINA).astimezone(UTC)


def corresponding_day(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month where it has none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _walk(
    after: date,
    n: int,
    gaps: Sequence[Interval],
    count: Callable[[date, date], int],
    nth: Callable[[date, int], date],
) -> date:
    """The n-th countable day after a day when the days of `gaps` do not count."""
    for gap in gaps:
        if gap.until - ONE_DAY <= after:
            continue
        passed = count(after, gap.first - ONE_DAY)
        if passed >= n:
            break
        n -= passed
        after = gap.until - ONE_DAY
    return nth(after, n)


def _leg(day: date, limit: Limit, gaps: Sequence[Interval], calendar: Calendar, bound: Bound) -> date:
    if limit.unit is Unit.WORKING_DAYS:
        return _walk(
            day,
            limit.n,
            gaps,
            lambda after, until: calendar.count(after, until, bound),
            lambda after, n: calendar.nth(after, n, bound),
        )
    days = limit.n
    if limit.unit in (Unit.MONTHS, Unit.YEARS):
        months = limit.n * (12 if limit.unit is Unit.YEARS else 1)
        days = (corresponding_day(day, months) - day).days
    return _walk(
        day,
        days,
        gaps,
        lambda after, until: max(0, (until - after).days),
        lambda after, n: after + timedelta(days=n),
    )


def _after_hours(start: datetime, hours: int, gaps: Sequence[Interval]) -> datetime:
    left = timedelta(hours=hours)
    for gap in gaps:
        first, until = start_of(gap.first), start_of(gap.until)
        if until <= start:
            continue
        if first - start >= left:
            break
        left -= max(first - start, timedelta())
        start = until
    return start + left


def due(
    limit: Limit,
    start: datetime,
    calendar: Calendar,
    side: Side = Side.AUTHORITY,
    *,
    suspended: Iterable[Interval] = (),
    extensions: Sequence[Limit] = (),
) -> Due:
    """When a limit ends that an event at `start` set running.

    The day of the event is not counted. An extension begins where the limit before it ended. Hours run from
    the event itself and skip nothing but suspensions.

    Raises:
        Invalid: the calendar does not reach far enough (code `calendar_gap`), or hours and days are mixed
            (code `limit`).
    """
    legs = (limit, *extensions)
    gaps = union(suspended)
    if limit.unit is Unit.HOURS:
        if any(leg.unit is not Unit.HOURS for leg in legs):
            raise Invalid("按小时计算的时限只能按小时延长。", code="limit")
        at = start.astimezone(UTC)
        for leg in legs:
            at = _after_hours(at, leg.n, gaps)
        day = legal_day(at - timedelta(microseconds=1))
        return Due(at, day, False, day, day)
    if any(leg.unit is Unit.HOURS for leg in legs):
        raise Invalid("按日计算的时限不能按小时延长。", code="limit")

    def last_day(bound: Bound) -> date:
        day = legal_day(start)
        for leg in legs:
            day = _leg(day, leg, gaps, calendar, bound)
        if side is Side.PARTY and legs[-1].unit is not Unit.WORKING_DAYS:
            day = calendar.nth(day - ONE_DAY, 1, bound)
        return day

    day = earliest = latest = last_day(Bound.LIKELY)
    counted = side is Side.PARTY or any(leg.unit is Unit.WORKING_DAYS for leg in legs)
    provisional = False
    if counted and day > calendar.certain_until:
        earliest, latest = last_day(Bound.EARLIEST), last_day(Bound.LATEST)
        day = earliest if side is Side.AUTHORITY else latest
        provisional = earliest != latest or latest > calendar.official_until
    return Due(end_of(day), day, provisional, earliest, latest)


def add_working_days(day: date, n: int, calendar: Calendar) -> date:
    """The n-th working day after the day of an event."""
    return calendar.nth(day, n)


def add_days(day: date, n: int, calendar: Calendar, side: Side = Side.AUTHORITY) -> date:
    """The n-th calendar day after the day of an event; a party's rolls from a day of rest."""
    last = day + timedelta(days=n)
    return calendar.nth(last - ONE_DAY, 1) if side is Side.PARTY else last


def add_months(day: date, n: int, calendar: Calendar, side: Side = Side.AUTHORITY) -> date:
    """The corresponding day n months later; a party's rolls from a day of rest."""
    last = corresponding_day(day, n)
    return calendar.nth(last - ONE_DAY, 1) if side is Side.PARTY else last


def add_hours(moment: datetime, n: int) -> datetime:
    """Hours do not skip holidays."""
    return moment.astimezone(UTC) + timedelta(hours=n)


def working_days_between(after: date, until: date, calendar: Calendar) -> int:
    """Working days in (after, until]; 0 where `until` is not later."""
    return calendar.count(after, until)


def latest_notice_day(event: date, n: int, calendar: Calendar) -> date:
    """The last day to give a notice that must come n working days before an event (行政处罚法 64(2): seven).

    Neither the day of the notice nor the day of the event is counted: n whole working days lie between them,
    also under the least favourable arrangement where the calendar is not published yet.
    """
    day = calendar.nth_before(event, n) - ONE_DAY
    while calendar.count(day, event - ONE_DAY, Bound.LATEST) < n:
        day -= ONE_DAY
    return day


def earliest_event_day(notice: date, n: int, calendar: Calendar) -> date:
    """The first working day that leaves n whole working days after a notice given on a day."""
    return calendar.nth(notice, n + 1, Bound.LATEST)
