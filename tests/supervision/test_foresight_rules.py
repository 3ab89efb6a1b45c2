"""The days on which lights of item governance turn, counted in the official calendar of 2026."""

from datetime import date, timedelta

import pytest

from app.deadlines import seeds
from app.deadlines.calendar import Calendar
from app.supervision import foresight_rules as rules
from app.supervision.foresight_rules import Colour

EFFECTIVE = date(2026, 10, 20)
"""Before it lie the holidays of the National Day (1 to 7 October) and the working Saturday of 10 October."""


@pytest.fixture(scope="module")
def days() -> Calendar:
    return seeds.shipped_calendar()


def application(today, days, applied=None, waiting=False):
    last = days.nth_before(EFFECTIVE, 15)
    found = rules.application(today, EFFECTIVE, applied, waiting, days, last)
    return found.colour if found else None


def test_yellow_from_the_fifteenth_working_day_before_and_red_when_ten_more_reach_past_the_day(days):
    last = days.nth_before(EFFECTIVE, 15)
    assert days.count(last - timedelta(days=1), EFFECTIVE - timedelta(days=1)) == 15
    assert application(last - timedelta(days=1), days) is None
    assert application(last, days) is Colour.YELLOW
    latest = max(
        last + timedelta(days=n) for n in range(40) if days.nth(last + timedelta(days=n), 10) <= EFFECTIVE
    )
    assert application(latest, days) is Colour.YELLOW
    assert application(latest + timedelta(days=1), days) is Colour.RED
    assert application(EFFECTIVE + timedelta(days=60), days) is Colour.RED


def test_applied_for_in_time_it_stays_dark_unless_the_examination_reaches_past_the_day(days):
    last = days.nth_before(EFFECTIVE, 15)
    assert application(last, days, applied=last, waiting=True) is None
    assert application(EFFECTIVE, days, applied=last, waiting=True) is None
    assert application(EFFECTIVE + timedelta(days=1), days, applied=last, waiting=True) is Colour.RED
    late = EFFECTIVE - timedelta(days=3)
    assert application(late, days, applied=late, waiting=True) is Colour.RED, "it cannot be examined in time"
    assert application(last, days, applied=last, waiting=False) is None, "sent back, there is still time"
    assert application(EFFECTIVE, days, applied=last, waiting=False) is Colour.RED


def test_no_answer_within_ten_working_days_is_red_on_the_day_after(days):
    received = date(2026, 9, 25)
    last = days.nth(received, 10)
    assert last == date(2026, 10, 15), "the holidays are left out, the Saturday worked for them counts"
    assert rules.answer(last, received, days) is None
    found = rules.answer(last + timedelta(days=1), received, days)
    assert (found.colour, found.due_on) == (Colour.RED, last)


def test_thirty_days_after_the_basis_changed(days):
    assert rules.adjustment(date(2026, 9, 13), date(2026, 8, 15), "某法") is None
    found = rules.adjustment(date(2026, 9, 14), date(2026, 8, 15), "某法")
    assert (found.colour, found.due_on) == (Colour.RED, date(2026, 9, 14))
    assert "已满 30 日" in found.told


@pytest.mark.parametrize(
    ("looked", "due"),
    [
        (date(2025, 3, 2), date(2026, 3, 2)),
        (date(2025, 12, 31), date(2026, 12, 31)),
        (date(2024, 2, 29), date(2025, 2, 28)),
    ],
)
def test_a_year_after_the_last_look(looked, due):
    assert rules.review(due - timedelta(days=1), looked, 12) is None
    assert rules.review(due, looked, 12).colour is Colour.YELLOW
