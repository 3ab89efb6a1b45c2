"""What the calendar of an unpublished year will probably be, and how far it may still move. PURE.

The days of rest themselves are fixed by 全国年节及纪念日放假办法; only the exchange of days (调休) is left to
the yearly notice. How far a notice moves days was read off the notices of 2019 to 2026: single-day festivals
are bridged only from a Tuesday or a Thursday, long ones borrow at most two weekend days. The back-test in
`tests/deadlines/test_estimation.py` holds every start day of those years to these bounds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from .calendar import ONE_DAY, SATURDAY, Kind, Leeway

TUESDAY, THURSDAY = 1, 3


@dataclass(frozen=True, slots=True)
class Festivals:
    """The days on which the movable festivals of a year fall (`spring`: first day of the first month)."""

    year: int
    spring: date
    qingming: date
    dragon_boat: date
    mid_autumn: date


@dataclass(frozen=True, slots=True)
class Regulation:
    """How many days the long festivals last. `spring_from` is the offset of the first from `spring`."""

    spring_from: int
    spring_days: int
    labour_days: int
    national_days: int = 3


REGULATION_2013 = Regulation(spring_from=0, spring_days=3, labour_days=1)
"""In force to the end of 2024; kept for back-testing the estimate."""

REGULATION_2024 = Regulation(spring_from=-1, spring_days=4, labour_days=2)
"""全国年节及纪念日放假办法 (revised 10 November 2024, in force from 2025), article 2."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The estimated year: weekdays (and weekend days) of rest, and the leeways of its notice."""

    year: int
    rest: frozenset[date]
    leeways: tuple[Leeway, ...]


def _run(first: date, days: int) -> list[date]:
    return [first + timedelta(days=offset) for offset in range(days)]


def _between(first: date, last: date) -> Iterator[date]:
    return iter(_run(first, (last - first).days + 1))


def statutory_days(festivals: Festivals, regulation: Regulation = REGULATION_2024) -> list[list[date]]:
    """The festivals of a year in calendar order of their groups, each with its statutory days of rest."""
    year = festivals.year
    return [
        [date(year, 1, 1)],
        _run(festivals.spring + timedelta(days=regulation.spring_from), regulation.spring_days),
        [festivals.qingming],
        _run(date(year, 5, 1), regulation.labour_days),
        [festivals.dragon_boat],
        [festivals.mid_autumn],
        _run(date(year, 10, 1), regulation.national_days),
    ]


def _make_up(groups: Iterable[list[date]]) -> frozenset[date]:
    """All days of rest: one that falls on a weekend or another festival is made up on a later weekday."""
    rest: set[date] = set()
    owed: list[date] = []
    for group in groups:
        for day in group:
            if day in rest or day.weekday() >= SATURDAY:
                owed.append(group[-1])
            rest.add(day)
    for last in owed:
        day = last + ONE_DAY
        while day in rest or day.weekday() >= SATURDAY:
            day += ONE_DAY
        rest.add(day)
    return frozenset(rest)


def estimate(festivals: Festivals, regulation: Regulation = REGULATION_2024) -> Estimate:
    """The likely days of rest of a year without a notice, and how a notice may still move days."""
    year = festivals.year
    groups = statutory_days(festivals, regulation)
    rest = _make_up(groups)
    statutory = {day for group in groups for day in group}
    leeways: list[Leeway] = []

    def allow(days: Iterable[date], at_most: int, becomes: Kind) -> None:
        weekend = becomes is Kind.WORK
        fixed = statutory if weekend else rest
        chosen = tuple(day for day in days if (day.weekday() >= SATURDAY) is weekend and day not in fixed)
        if chosen:
            leeways.append(Leeway(year, chosen, at_most, becomes))

    around_national = date(year, 9, 28) <= festivals.mid_autumn <= date(year, 10, 8)
    singles = [date(year, 1, 1), festivals.qingming, festivals.dragon_boat]
    if not around_national:
        singles.append(festivals.mid_autumn)
    for day in singles:
        bridge = {TUESDAY: day - ONE_DAY, THURSDAY: day + ONE_DAY}.get(day.weekday())
        if bridge:
            allow([bridge], 1, Kind.REST)
            allow(_between(day - timedelta(days=4), day + timedelta(days=4)), 1, Kind.WORK)
    spring = festivals.spring
    allow(_between(spring - timedelta(days=3), spring + timedelta(days=9)), 3, Kind.REST)
    allow(_between(spring - timedelta(days=10), spring + timedelta(days=14)), 2, Kind.WORK)
    allow(_between(date(year, 4, 28), date(year, 5, 6)), 2, Kind.REST)
    allow(_between(date(year, 4, 20), date(year, 5, 12)), 2, Kind.WORK)
    extra = 1 if around_national else 0  # a joint holiday is a day longer and borrows a day more
    allow(_between(date(year, 9, 28), date(year, 10, 9)), 2 + extra, Kind.REST)
    allow(_between(date(year, 9, 18), date(year, 10, 14)), 2 + extra, Kind.WORK)
    return Estimate(year, rest, tuple(leeways))
