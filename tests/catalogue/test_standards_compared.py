"""Two discretion standards side by side: which is lighter is told only where it is beyond doubt."""

from datetime import date

import pytest

from app.catalogue import discretion
from app.catalogue.choosing import Basis, Compared, Side
from app.catalogue.lenity import Choice, Verdict
from app.catalogue.ranges import penalty
from app.catalogue.standards import Pair, Standard, _lines, _listed

from .made import baseline

DAYS = date(2025, 3, 1), date(2026, 3, 1)
LOWER, HIGHER = {"tier4": {"high": 9000}}, {"tier2": {"low": 1500}}


def standard(number=1, **changes):
    read = discretion.read(baseline(**changes))
    told = {"key": read.key, "number": number, "version": read.version, "effective_from": "2026-01-01"}
    return Standard(told, (), tuple(_lines(read)))


def pair(**changes):
    return Pair(*DAYS, standard(), standard(2, **changes))


@pytest.mark.parametrize(
    ("changes", "choice"),
    [
        ({"tier3": {"high": 6000}, "tier4": {"low": 6000}}, Choice.NEW),
        (LOWER, Choice.NEW),
        (HIGHER, Choice.OLD),
        (LOWER | HIGHER, Choice.WEIGH),
        ({"tier4": {"conditions": "area_m2 >= 200"}}, Choice.WEIGH),
        ({"tier2": None}, Choice.WEIGH),
        ({"tier2": {"name": "减轻"}}, Choice.WEIGH),
        (
            {"statutory": {"kind": "multiple", "min": 1, "max": 10, "unit": "倍", "base": "货值金额"}},
            Choice.WEIGH,
        ),
        ({"tier4": {"other_penalties": ["责令停产停业"]}}, Choice.OLD),
        ({"tier2": {"high_incl": True}}, Choice.OLD),
    ],
)
def test_the_choice(changes, choice):
    found = pair(**changes)
    assert found.differs
    assert found.verdict.choice is choice
    assert found.verdict.reasons


def test_the_same_content_in_a_new_version_is_no_difference():
    found = pair(version="演示规〔2026〕9号")
    assert not found.differs
    assert found.chosen("old")[0] == "old"


def test_rows_stand_tier_beside_tier_and_new_ones_come_last():
    added = [*baseline()["tiers"], {"name": "减轻", "conditions": "area_m2 < 1", "low": 500, "high": 1000}]
    rows = pair(tiers=added[1:]).rows
    assert [(row.name, bool(row.old), bool(row.new), row.differs) for row in rows] == [
        ("不予处罚", True, False, True),
        ("从轻", True, True, False),
        ("一般", True, True, False),
        ("从重", True, True, False),
        ("减轻", False, True, True),
    ]


def test_a_day_without_a_standard_says_so_and_the_other_one_is_used():
    found = Pair(*DAYS, None, standard())
    assert (found.differs, found.chosen("old")[0]) == (False, "new")
    assert found.lacking == f"行为时（2025年3月1日）没有施行的裁量基准，参照决定时的{standard().name}。"
    assert "决定时（2026年3月1日）没有施行" in Pair(*DAYS, standard(), None).lacking
    assert Pair(*DAYS, None, None).chosen("new") == ("", None)


def test_tiers_that_an_item_lists_say_which_ends_belong_to_them():
    low = _listed({"name": "从轻", "low": 0, "high": 6000}, last=False)
    assert low.span == "0–6,000 元（不含上限）"
    assert _listed({"name": "从重", "low": 6000, "high": 20000}, last=True).span == "6,000–20,000 元"


LAW = penalty("处一千元以上一万元以下的罚款")
LIGHTER_LAW = penalty("处五百元以上一万元以下的罚款")


@pytest.mark.parametrize(
    ("old", "new", "law", "changes", "choice"),
    [
        (LAW, LAW, Choice.OLD, LOWER, Choice.NEW),
        (LAW, LAW, Choice.OLD, HIGHER, Choice.OLD),
        (LAW, LIGHTER_LAW, Choice.NEW, LOWER, Choice.NEW),
        (LAW, LIGHTER_LAW, Choice.NEW, HIGHER, Choice.WEIGH),
        (LAW, LIGHTER_LAW, Choice.NEW, {}, Choice.NEW),
        (LAW, LIGHTER_LAW, Choice.WEIGH, LOWER, Choice.WEIGH),
        (None, LAW, Choice.OLD, LOWER, Choice.OLD),
        (LAW, None, Choice.NEW, HIGHER, Choice.NEW),
    ],
)
def test_law_and_standard_are_applied_as_one(old, new, law, changes, choice):
    sides = [Side(day, (), (), told) for day, told in zip(DAYS, (old, new), strict=True)]
    found = Compared(Basis("", ""), *sides, Verdict(law, ("法律。",)), False, pair(**changes))
    assert found.verdict.choice is choice
