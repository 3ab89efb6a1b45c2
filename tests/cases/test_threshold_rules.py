"""Thresholds of an agency as functions of values: when a version is in force, which numbers reach it, what is declared."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import yaml

from app.cases import thresholds
from app.cases.thresholds import Line
from app.diagrams import rules as rule_sets
from app.kernel.errors import Invalid
from app.kernel.settings import ROOT

RAW = yaml.safe_load((ROOT / "bpmn/penalty/ordinary/rules.yaml").read_text(encoding="utf-8"))
RULES = rule_sets.parse(RAW)
CASE = RULES.initial() | {"party_kind": "person", "fine": 5000, "confiscated": 0, "outcome": "penalty"}


def line(amount, most="major_fine_person", item=None):
    return Line(most, Decimal(amount), item)


def reached(*lines, attribute="agency_hearing", item=7, **changes):
    return thresholds.reached(RULES, attribute, lines, item, CASE | changes)


def test_the_amount_itself_reaches_and_a_cent_less_does_not():
    assert reached(line("5000"))
    assert reached(line("4999.99"))
    assert not reached(line("5000.01"))
    assert reached(line("0"), fine=0), "nought: whatever the amount"


def test_it_goes_by_party_number_item_and_attribute():
    assert not reached(line("5000"), party_kind="organisation")
    assert reached(line("5000", "major_fine_organisation"), party_kind="organisation")
    assert not reached(line("1", "major_confiscated_person"))
    assert reached(line("1", "major_confiscated_person"), confiscated=1)
    assert reached(line("10", item=7))
    assert not reached(line("10", item=8))
    assert reached(line("9000"), line("10", item=7)), "the lowest that speaks of the case counts"
    assert reached(line("10"), attribute="agency_major")
    assert not reached()


def moment(day, hour=0):
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def test_a_version_is_in_force_until_the_next_begins_and_never_where_a_later_set_one_begins_first():
    one, two, three = (line("1"),), (line("2"),), (line("3"),)
    set_ = [(1, moment(1), one), (2, moment(20), two), (3, moment(10), three)]
    found = thresholds.stretches_of([thresholds.Version(*version) for version in set_])
    stretches = [(v.id, v.lines, v.since, v.until) for v in found]
    assert stretches == [(1, one, moment(1), moment(10)), (3, three, moment(10), None)]


def test_a_version_never_counts_before_it_was_set():
    assert thresholds.begins(date(2026, 3, 2), moment(1)) == datetime(2026, 3, 1, 16, tzinfo=UTC)
    late = moment(2, 9)
    assert thresholds.begins(date(2026, 3, 2), late) == late
    assert thresholds.begins(date(2026, 3, 2), late) - late == timedelta(0)


def changed(**more):
    return rule_sets.parse({**RAW, **more})


def test_what_is_declared_must_exist_and_be_complete():
    first, *others = RAW["thresholds"]
    for wrong in (
        {"attribute": "major"}, {"attribute": "full_review"}, {"number": "harsh"}, {"number": "nothing"},
        {"most": "nothing"},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            changed(thresholds=[{**first, **wrong}, *others])
    with pytest.raises(Invalid):
        changed(thresholds=[first, *RAW["thresholds"]])
    major = changed(thresholds=[one for one in RAW["thresholds"] if one["attribute"] == "agency_major"])
    assert major.without_standard() == ["agency_hearing"], "a reason not to publish it"
    with pytest.raises(Invalid):
        changed(thresholds=[{key: value for key, value in first.items() if key != "label"}])
