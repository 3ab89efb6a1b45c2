"""Worked examples of the statutes, the published conversion table, and a naive oracle."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.deadlines import rules, seeds
from app.deadlines.rules import Interval, Limit, Side, Unit, due, parse_limit
from app.kernel.clock import CHINA
from app.kernel.errors import Invalid

from .conftest import china

CALENDAR = seeds.shipped_calendar()
D = date.fromisoformat


@pytest.mark.parametrize(
    ("limit", "event", "last", "why"),
    [
        ("2wd", "2026-06-17", "2026-06-22", "端午 Friday 19 June is rest: Thursday, then Monday"),
        ("3wd", "2026-02-11", "2026-02-14", "Saturday 14 February is worked before 春节"),
        ("5wd", "2026-02-12", "2026-02-26", "13 and 14, then rest until 24 February"),
        ("7wd", "2026-02-12", "2026-02-28", "Saturday 28 February is worked too"),
        ("1wd", "2026-10-01", "2026-10-08", "an event on a holiday: the next working day is the first"),
        ("7wd", "2026-09-28", "2026-10-13", "国庆 to 7 October, Saturday 10 October worked"),
        ("5wd", "2026-09-18", "2026-09-24", "Sunday 20 September is worked"),
        ("5wd", "2025-09-26", "2025-10-10", "国庆 and 中秋 together, Sunday 28 September worked"),
        ("90d", "2025-05-02", "2025-07-31", "calendar days, an authority's limit"),
        ("90d", "2025-07-03", "2025-10-01", "an authority's last day of rest does not roll"),
        ("2y", "2024-02-29", "2026-02-28", "no corresponding day: the month's last"),
        ("1m", "2026-01-31", "2026-02-28", "no corresponding day: the month's last"),
        ("3m", "2025-11-15", "2026-02-15", "across the year, and no rolling for an authority"),
    ],
)
def test_an_authoritys_limit(limit, event, last, why):
    found = due(parse_limit(limit), china(event), CALENDAR)
    assert found.day == D(last), why
    assert found.at == china(f"{found.day + timedelta(1)} 00:00")
    assert not found.provisional
    assert found.earliest == found.latest == found.day


@pytest.mark.parametrize(
    ("limit", "event", "last", "why"),
    [
        ("15d", "2026-02-02", "2026-02-24", "17 February is 春节; 24 is the first working day after"),
        ("15d", "2025-09-20", "2025-10-09", "5 October rolls over 国庆 and 中秋"),
        ("15d", "2026-01-30", "2026-02-14", "a Saturday that is worked does not roll"),
        ("15d", "2026-06-04", "2026-06-22", "端午 Friday rolls to Monday"),
        ("90d", "2025-07-03", "2025-10-09", "1 October rolls to 9 October"),
        ("60d", "2026-03-02", "2026-05-06", "1 May rolls over 劳动节"),
        ("5wd", "2026-02-12", "2026-02-26", "working days need no rolling"),
        ("6m", "2025-08-15", "2026-02-24", "15 February 2026 begins 春节"),
    ],
)
def test_a_partys_last_day_rolls_to_a_working_day(limit, event, last, why):
    assert due(parse_limit(limit), china(event), CALENDAR, Side.PARTY).day == D(last), why


def test_hours_do_not_skip_holidays_and_run_from_the_event():
    found = due(parse_limit("24h"), china("2026-02-16 23:30"), CALENDAR)
    assert found.at == china("2026-02-17 23:30")
    assert found.day == D("2026-02-17")
    midnight = due(parse_limit("24h"), china("2026-02-16 00:00"), CALENDAR)
    assert midnight.day == D("2026-02-16"), "24:00 belongs to the day it ends"


@pytest.mark.parametrize(
    ("moment", "last"),
    [
        (datetime(2026, 3, 2, 15, 59, tzinfo=UTC), "2026-03-03"),  # 23:59 in China
        (datetime(2026, 3, 2, 16, 0, tzinfo=UTC), "2026-03-04"),  # 0:00 of the next day in China
        (datetime(2026, 3, 1, 16, 0, tzinfo=UTC), "2026-03-03"),
        (datetime(2026, 3, 2, 23, 59, tzinfo=CHINA), "2026-03-03"),
    ],
)
def test_the_event_day_is_the_day_in_china(moment, last):
    found = due(parse_limit("1wd"), moment, CALENDAR)
    assert found.day == D(last)
    assert found.at.tzinfo is UTC
    assert found.at.hour == 16, "24:00 in China all year round: there is no summer time"


@pytest.mark.parametrize(
    "text", ["", "5", "wd", "0wd", "-5d", "5 wd", "5WD", "5w", "٥d", "05d", "10000d", "5wd\n"]
)
def test_a_badly_written_limit_is_refused(text):
    with pytest.raises(Invalid) as refused:
        parse_limit(text)
    assert refused.value.code == "limit"


def test_limits_read_and_print():
    for text, words in [
        ("5wd", "5个工作日"),
        ("90d", "90日"),
        ("24h", "24小时"),
        ("3m", "3个月"),
        ("2y", "2年"),
    ]:
        assert str(parse_limit(text)) == text
        assert parse_limit(text).words == words


CONVERSION = {1: (11, 1), 3: (13, 3), 5: (15, 5), 7: (19, 7), 10: (22, 11), 15: (29, 18), 20: (38, 25),
              30: (52, 39), 45: (73, 60), 60: (96, 81)}  # fmt: skip
HELD = {7: (0, 7), 10: (0, 9), 15: (5, 12), 30: (15, 23), 60: (36, 45), 90: (56, 66), 120: (77, 87)}


def test_working_days_as_calendar_days_longest_and_shortest():
    """The table of 09_working_days, 2019 to 2026: every start day whose end is published."""
    days = [date(2019, 1, 1) + timedelta(n) for n in range(2922)]
    for n, expected in CONVERSION.items():
        ends = ((day, rules.add_working_days(day, n, CALENDAR)) for day in days)
        lengths = [(end - day).days for day, end in ends if end <= CALENDAR.official_until]
        assert (max(lengths), min(lengths)) == expected, n


def test_calendar_days_hold_so_many_working_days():
    days = [date(2019, 1, 1) + timedelta(n) for n in range(2922)]
    for k, expected in HELD.items():
        ends = ((day, day + timedelta(k)) for day in days)
        held = [
            rules.working_days_between(day, end, CALENDAR)
            for day, end in ends
            if end <= CALENDAR.official_until
        ]
        assert (min(held), max(held)) == expected, k


DAYS = st.dates(date(2019, 1, 1), date(2026, 6, 30))


@settings(max_examples=150, deadline=None)
@given(DAYS, st.integers(1, 100))
def test_working_days_against_two_oracles(naive, day, n):
    found = rules.add_working_days(day, n, CALENDAR)
    assert found == naive.nth(day, n)
    assert rules.working_days_between(day, found, CALENDAR) == n
    if n <= 20:
        passed = chinese_calendar.get_workdays(day + timedelta(1), found)
        assert len(passed) == n
        assert passed[-1] == found


@settings(max_examples=150, deadline=None)
@given(DAYS, st.integers(1, 90), st.sampled_from([Unit.DAYS, Unit.WORKING_DAYS]), st.sampled_from(Side),
       st.lists(st.tuples(st.integers(-5, 60), st.integers(0, 20)), max_size=4),
       st.lists(st.integers(1, 15), max_size=2))  # fmt: skip
def test_suspensions_and_extensions_against_the_oracle(naive, day, n, unit, side, pauses, more):
    """Counting day by day, leaving suspended days out once however many causes they have."""
    intervals = [
        Interval(day + timedelta(first), day + timedelta(first + length)) for first, length in pauses
    ]
    suspended = {
        interval.first + timedelta(k)
        for interval in intervals
        for k in range((interval.until - interval.first).days)
    }
    expected = naive.nth(day, n + sum(more), suspended, working=unit is Unit.WORKING_DAYS)
    if side is Side.PARTY and unit is Unit.DAYS and not naive.works(expected):
        expected = naive.nth(expected, 1)
    extensions = [Limit(k, unit) for k in more]
    found = due(Limit(n, unit), china(str(day)), CALENDAR, side, suspended=intervals, extensions=extensions)
    if found.latest <= CALENDAR.official_until:
        assert found.day == expected


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=8))
def test_a_union_keeps_the_days_and_nothing_overlaps(pairs):
    origin = date(2026, 1, 1)
    intervals = [Interval(origin + timedelta(a), origin + timedelta(a + b)) for a, b in pairs]
    merged = rules.union(intervals)

    def days(of):
        return {i.first + timedelta(k) for i in of for k in range((i.until - i.first).days)}

    assert days(merged) == days(intervals)
    assert all(a.until < b.first for a, b in pairwise(merged))


def test_a_suspension_shifts_by_its_days():
    pauses = [Interval(D("2026-03-10"), D("2026-03-20")), Interval(D("2026-03-15"), D("2026-03-25"))]
    found = due(parse_limit("90d"), china("2026-03-02"), CALENDAR, suspended=pauses)
    assert found.day == D("2026-05-31") + timedelta(15), "fifteen days, not twenty: five are suspended twice"
    months = due(parse_limit("3m"), china("2026-03-02"), CALENDAR, suspended=pauses)
    assert months.day == D("2026-06-02") + timedelta(15)
    hours = due(parse_limit("24h"), china("2026-03-09 12:00"), CALENDAR, suspended=pauses)
    assert hours.at == china("2026-03-25 12:00")


def test_hours_and_days_do_not_extend_each_other():
    for limit, more in [("24h", "1d"), ("5wd", "24h")]:
        with pytest.raises(Invalid):
            due(parse_limit(limit), china("2026-03-02"), CALENDAR, extensions=[parse_limit(more)])


@settings(max_examples=200, deadline=None)
@given(DAYS, st.integers(1, 30))
def test_notice_before_an_event_leaves_whole_working_days_between(naive, event, n):
    """行政处罚法 64(2): the notice comes seven working days before; both ends are left out."""
    event += timedelta(90)
    notice = rules.latest_notice_day(event, n, CALENDAR)

    def between(first):
        return sum(naive.works(first + timedelta(k)) for k in range(1, (event - first).days))

    if event <= CALENDAR.certain_until:
        assert between(notice) >= n > between(notice + timedelta(1))
        first = rules.earliest_event_day(notice, n, CALENDAR)
        assert first == naive.nth(notice, n + 1)


def test_the_hearing_example():
    assert rules.latest_notice_day(D("2026-03-02"), 7, CALENDAR) == D("2026-02-12")
    assert rules.earliest_event_day(D("2026-02-12"), 7, CALENDAR) == D("2026-03-02")


def test_the_small_functions_agree_with_due():
    day = D("2026-02-02")
    assert rules.add_days(day, 15, CALENDAR, Side.PARTY) == D("2026-02-24")
    assert rules.add_days(day, 15, CALENDAR) == D("2026-02-17")
    assert rules.add_months(D("2025-08-15"), 6, CALENDAR, Side.PARTY) == D("2026-02-24")
    assert rules.add_months(D("2025-08-31"), 6, CALENDAR) == D("2026-02-28")
    assert rules.add_hours(china("2026-02-16 23:30"), 24) == china("2026-02-17 23:30")


def test_beyond_the_published_calendar_an_authority_gets_the_earliest_and_a_party_the_latest_day():
    start = china("2027-01-18")
    office = due(parse_limit("20wd"), start, CALENDAR)
    party = due(parse_limit("20wd"), start, CALENDAR, Side.PARTY)
    assert office.provisional
    assert office.earliest == office.day < party.day == party.latest
    assert (office.earliest, office.latest) == (party.earliest, party.latest)


def test_a_limit_across_the_year_end_is_provisional_but_calendar_days_of_an_authority_are_not():
    start = china("2026-12-10")
    assert due(parse_limit("20wd"), start, CALENDAR).provisional
    assert due(parse_limit("30d"), start, CALENDAR, Side.PARTY).provisional
    certain = due(parse_limit("90d"), start, CALENDAR)
    assert not certain.provisional
    assert certain.day == D("2027-03-10")
    assert due(parse_limit("20y"), start, CALENDAR).day == D("2046-12-10")
    assert due(parse_limit("50y"), start, CALENDAR).day == D("2076-12-10"), "needs no calendar at all"
