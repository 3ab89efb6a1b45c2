"""Limits of months and years in the proof: at their longest where they must fit, at their shortest where they bound."""

import pytest

from app.verify.limits import cost, fewest, span, working_days
from app.verify.rules.terms import read, within


@pytest.mark.parametrize(
    ("text", "days"), [("1m", (28, 31)), ("3m", (89, 92)), ("6m", (181, 184)), ("1y", (365, 366))]
)
def test_how_many_days_months_hold(text, days):
    term = read(text)
    assert span(term.number, term.unit) == days


@pytest.mark.parametrize(
    ("term", "law", "fits"),
    [("89d", "3m", True), ("90d", "3m", False), ("3m", "92d", True), ("3m", "91d", False), ("12m", "1y", True),
     ("13m", "1y", False), ("1y", "12m", True)],
)  # fmt: skip
def test_months_against_days(term, law, fits):
    assert within(read(term), read(law)) is fits


def test_a_limit_of_months_is_good_for_its_fewest_working_days():
    assert working_days("3m") == fewest()[89]
    assert cost("3m") == 92
