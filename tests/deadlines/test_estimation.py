"""The bounds of an estimate hold for every notice that was ever given while the calendar has data."""

from datetime import date, timedelta

import pytest

from app.deadlines import seeds
from app.deadlines.calendar import Bound, Calendar, Kind
from app.deadlines.estimation import REGULATION_2013, REGULATION_2024, estimate


def guessed(year: int) -> Calendar:
    """The calendar as it looked the autumn before `year`'s notice (three years, the first published)."""
    days = {day.date: day.kind for day in seeds.published() if day.date.year < year}
    leeways = []
    for unknown in (year, year + 1):
        regulation = REGULATION_2024 if unknown >= 2025 else REGULATION_2013
        guess = estimate(seeds.festivals()[unknown], regulation)
        days |= dict.fromkeys(guess.rest, Kind.REST)
        leeways += guess.leeways
    return Calendar.build(days, range(year - 1, year + 2), [year - 1], leeways)


@pytest.mark.parametrize("year", range(2020, 2027))
def test_the_true_day_lies_within_the_bounds(year, calendar):
    guess = guessed(year)
    day, outside, widths = date(year - 1, 12, 1), [], []
    while day < date(year, 10, 20):
        for n in (1, 2, 3, 5, 7, 10, 15, 20, 30):
            earliest, latest = guess.nth(day, n, Bound.EARLIEST), guess.nth(day, n, Bound.LATEST)
            true = calendar.nth(day, n)
            widths.append((latest - earliest).days)
            if not earliest <= true <= latest and true.year <= year:
                outside.append((day, n, earliest, true, latest))
        day += timedelta(2)
    assert outside == []
    assert sum(widths) / len(widths) < 4, "bounds that wide would tell nobody anything"


def test_a_year_has_thirteen_statutory_days_off():
    """Eleven before 2025; weekends of rest excluded, every one of them is a weekday lost or made up."""
    for year in range(2027, 2051):
        weekdays = [day for day in seeds.estimates()[year].rest if day.weekday() < 5]
        assert len(weekdays) == 13


def test_the_end_of_a_published_year_is_certain_unless_new_year_can_be_bridged():
    assert guessed(2025).certain_until == date(2024, 12, 31)  # 1 January 2025 is a Wednesday
    assert guessed(2026).certain_until < date(2025, 12, 31)  # a Thursday: 28 December might be worked
