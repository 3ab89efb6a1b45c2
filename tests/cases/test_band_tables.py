"""A band whose tiers a decision table decides: the case's attributes find the tier, another amount needs a reason."""

from dataclasses import replace

import pytest
from diagrams.tables.made import TIERS, dmn

from app.cases.gates import tiers
from app.cases.stepping import evaluate
from app.diagrams.rules import parse

from .gate_facts import LAW, act, refused

BAND = {"name": "罚款", "steps": ["decide"], "amount": "fine", "minimum": "least", "maximum": "most",
        "table": "tiers", "reason": "why", "lenient": "减轻", **LAW}  # fmt: skip


def rules(band=BAND, official=False):
    return parse(
        {
            "key": "test",
            "name": "测试程序",
            "kind": "penalty",
            "attributes": {
                "fine": {"type": "number", "default": 0},
                "times": {"type": "number", "default": 1},
            },
            "params": {"least": {"value": 2000}, "most": {"value": 20000}},
            "bands": [band],
            "tables": {"tiers": {"official": official}},
        },
        dmn(TIERS),
    )


def decided(fine, times, *, why="", tier="", band=BAND):
    facts = act(
        attributes={"fine": fine, "times": times}, data={"why": why}, filed={"report": {"tier": tier}}
    )
    return replace(facts, rules=rules(band))


@pytest.mark.parametrize(
    ("fine", "times", "why", "found"),
    [
        (2000, 1, "", None),
        (8000, 1, "", None),  # 以下 includes the number
        (8000, 2, "", None),
        (8000.01, 1, "", "discretion"),
        (8000.01, 1, "有从重情节", None),
        (5000, 2, "", "discretion"),
        (20000, 7, "", None),
        (20000.01, 7, "有从重情节", "discretion"),  # beyond the law no reason helps
        (1999, 1, "情节轻微", "discretion"),  # below the law only as mitigated
        (0, 2, "", None),
    ],
)
def test_the_tier_follows_from_the_case(fine, times, why, found):
    assert refused(decided(fine, times, why=why)) == found


def test_the_refusal_names_the_tier_and_its_range():
    from app.cases.gates import first_refusal

    refusal = first_refusal(decided(5000, 2), evaluate)
    assert (
        refusal.message == "罚款5000元不在裁量基准“一般”的幅度（8000元至14000元）之内，应当写明偏离的理由。"
    )


def test_a_case_without_a_tier_needs_a_reason():
    assert refused(decided(5000, 1.5)) == "discretion"
    assert refused(decided(5000, 1.5, why="基准没有规定")) is None


def test_a_mitigated_penalty_is_still_chosen_by_the_officer():
    band = {**BAND, "tier": "report.tier"}
    assert refused(decided(1000, 1, tier="减轻", band=band)) == "discretion"
    assert refused(decided(1000, 1, tier="减轻", why="主动消除危害后果", band=band)) is None


def test_where_two_rows_speak_of_a_case_the_lighter_applies():
    (band,) = rules().bands
    both = replace(band, tiers=tuple({**raw, "when": {}} for raw in reversed(band.tiers)))
    assert tiers.recommended(both, {}, {}, evaluate).name == "从轻"
