"""The working calendar as a value. PURE.

A calendar covers whole years. Up to `official_until` every day is published; after it the days are an
estimate, and `leeways` say how far a notice may still move them, so that a count can be bounded.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from app.kernel.errors import Invalid

ONE_DAY = timedelta(days=1)
SATURDAY = 5


class Kind(StrEnum):
    """What a day is for counting."""

    WORK = "work"
    REST = "rest"


class Bound(StrEnum):
    """Which of the possible calendars a count is made in, where days are not published yet."""

    LIKELY = "likely"
    EARLIEST = "earliest"  # as many working days as a notice could still make
    LATEST = "latest"  # as few


@dataclass(frozen=True, slots=True)
class Leeway:
    """At most `at_most` of these estimated `days` may turn out to be `becomes` instead.

    `days` ascend. `year` is the year whose notice will decide: a notice may reach into the last days of the
    year before (29 December 2018 was worked for the New Year of 2019).
    """

    year: int
    days: tuple[date, ...]
    at_most: int
    becomes: Kind


def default_kind(day: date) -> Kind:
    """Monday to Friday are worked; every other difference must be listed."""
    return Kind.REST if day.weekday() >= SATURDAY else Kind.WORK


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Working days from `first` to `last`, both included. Immutable; every question costs O(log n) or less.

    `_working` holds the ordinals of all working days, ascending.
    """

    first: date
    last: date
    official_until: date
    certain_until: date
    leeways: tuple[Leeway, ...] = field(repr=False)
    _working: Sequence[int] = field(repr=False)

    @classmethod
    def build(
        cls,
        days: Mapping[date, Kind],
        years: Iterable[int],
        official: Iterable[int],
        leeways: Iterable[Leeway] = (),
    ) -> "Calendar":
        """A calendar of consecutive `years` from the `days` that differ from Monday to Friday.

        `official` are the years with a published notice; leeways of those years are dropped.

        Raises:
            ValueError: years are missing or not consecutive.
        """
        span = sorted(set(years))
        if not span or span != list(range(span[0], span[-1] + 1)):
            raise ValueError("a calendar needs consecutive years")
        published = set(official)
        first, last = date(span[0], 1, 1), date(span[-1], 12, 31)
        until = first - ONE_DAY
        for year in span:
            if year not in published:
                break
            until = date(year, 12, 31)
        open_leeways = tuple(
            leeway for leeway in leeways if leeway.year not in published and leeway.days[-1] >= first
        )
        certain = min([until, *(leeway.days[0] - ONE_DAY for leeway in open_leeways)])
        working = array("l")
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            if days.get(day, default_kind(day)) is Kind.WORK:
                working.append(ordinal)
        return cls(first, last, until, certain, open_leeways, working)

    def covers(self, day: date) -> bool:
        """Whether the calendar knows this day at all."""
        return self.first <= day <= self.last

    def is_working(self, day: date) -> bool:
        """Whether people work on this day (likely, where it is estimated)."""
        self._demand(day)
        position = bisect_left(self._working, day.toordinal())
        return position < len(self._working) and self._working[position] == day.toordinal()

    def count(self, after: date, until: date, bound: Bound = Bound.LIKELY) -> int:
        """Working days in (after, until]: the first day is not counted, the last one is."""
        if until <= after:
            return 0
        self._demand(after + ONE_DAY)
        self._demand(until)
        found = bisect_left(self._working, until.toordinal() + 1) - bisect_left(
            self._working, after.toordinal() + 1
        )
        if bound is Bound.LIKELY or until <= self.certain_until:
            return found
        wanted = Kind.WORK if bound is Bound.EARLIEST else Kind.REST
        moved = sum(
            min(leeway.at_most, sum(after < day <= until for day in leeway.days))
            for leeway in self.leeways
            if leeway.becomes is wanted and leeway.days[0] <= until and leeway.days[-1] > after
        )
        return found + moved if bound is Bound.EARLIEST else max(0, found - moved)

    def nth(self, after: date, n: int, bound: Bound = Bound.LIKELY) -> date:
        """The n-th working day after a day, which itself is not counted (n >= 1)."""
        self._demand(after + ONE_DAY)
        position = bisect_left(self._working, after.toordinal() + 1) + n - 1
        if position >= len(self._working):
            self._demand(self.last + ONE_DAY)
        likely = date.fromordinal(self._working[position])
        if bound is Bound.LIKELY or likely <= self.certain_until:
            return likely
        day = likely
        if bound is Bound.EARLIEST:
            # counts never fall from one day to the next, so the first day that reaches n is found backwards
            while day > after + ONE_DAY and self.count(after, day - ONE_DAY, bound) >= n:
                day -= ONE_DAY
            return day
        while self.count(after, day, bound) < n:
            day += ONE_DAY
        return day

    def nth_before(self, before: date, n: int) -> date:
        """The n-th working day before a day, which itself is not counted (n >= 1)."""
        self._demand(before - ONE_DAY)
        position = bisect_left(self._working, before.toordinal()) - n
        if position < 0:
            self._demand(self.first - ONE_DAY)
        return date.fromordinal(self._working[position])

    def _demand(self, day: date) -> None:
        if not self.covers(day):
            raise Invalid(
                f"工作日历只有{self.first.year}年至{self.last.year}年的数据，无法推算{day.year}年的工作日。"
                "请核对日期，或者请系统管理员补充日历。",
                code="calendar_gap",
            )
