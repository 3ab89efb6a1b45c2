"""The shipped calendar says what two independent packages say, and what the shipped sources say."""

from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest

from app.deadlines import seeds
from app.deadlines.calendar import Calendar, Kind, default_kind
from app.kernel.errors import Invalid

DAYS = [date(2019, 1, 1) + timedelta(n) for n in range(2922)]


def test_every_day_of_2019_to_2026_agrees_with_both_packages(calendar):
    second = holidays.China(years=range(2019, 2027))
    differing = [
        day
        for day in DAYS
        if not calendar.is_working(day) == chinese_calendar.is_workday(day) == second.is_working_day(day)
    ]
    assert DAYS[-1] == date(2026, 12, 31)
    assert differing == []


def test_working_days_per_year(calendar):
    counted = [calendar.count(date(y - 1, 12, 31), date(y, 12, 31)) for y in range(2019, 2027)]
    assert counted == [250, 249, 250, 249, 249, 251, 248, 248]


def test_only_differences_are_listed_and_each_names_its_notice():
    for day in seeds.published():
        assert default_kind(day.date) is not day.kind
        assert day.source.startswith("国务院办公厅关于")


def test_the_estimate_agrees_with_the_second_package_on_2027_to_2050(calendar):
    """`holidays` guesses unpublished years by the same regulation; it forgets joint festivals (2028)."""
    second = holidays.China(years=range(2027, 2051))
    day, differing = date(2027, 1, 1), []
    while day.year < 2051:
        if calendar.is_working(day) != second.is_working_day(day):
            differing.append(day)
        day += timedelta(1)
    joint = {
        year
        for year, found in seeds.festivals().items()
        if date(year, 10, 1) <= found.mid_autumn <= date(year, 10, 3)
    }
    assert {day.year for day in differing} <= joint
    assert all(day.month == 10 for day in differing)


def test_a_year_outside_is_refused_in_words(calendar):
    with pytest.raises(Invalid, match="工作日历只有2019年至2050年的数据"):
        calendar.nth(date(2018, 12, 30), 1)
    with pytest.raises(Invalid, match="2051年"):
        calendar.nth(date(2050, 12, 30), 5)


def test_years_must_follow_each_other():
    with pytest.raises(ValueError, match="consecutive"):
        Calendar.build({}, [2025, 2027], [2025])


def test_a_calendar_is_official_up_to_the_first_gap():
    built = Calendar.build({date(2025, 1, 1): Kind.REST}, range(2025, 2029), [2025, 2027])
    assert built.official_until == date(2025, 12, 31)
