"""What is wrong with a discretion baseline is found and said; the tier for a case is found, with its reasons."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest

from app.catalogue import discretion
from app.catalogue.discretion import Severity
from app.catalogue.discretion.amounts import amount
from app.kernel.errors import Invalid
from app.kernel.settings import ROOT

from .made import baseline

DATA = ROOT.parent / "shared" / "data" / "discretion.json"
STANDARDS = json.loads(DATA.read_text(encoding="utf-8"))["baselines"] if DATA.exists() else []


def found(official: bool = False, **changes: Any) -> dict[str, str]:
    """The checks that find something, and what they say."""
    problems = discretion.check(discretion.read(baseline(**changes)), official=official)
    return {problem.check: problem.message for problem in problems}


def test_a_sound_baseline_has_no_problem():
    assert found() == {}


@pytest.mark.parametrize(
    ("changes", "check", "said"),
    [
        ({"tier2": {"high": 1000, "high_incl": True}}, "fixed", "“从轻”档是固定的 1000"),
        ({"tier3": {"low": 5000}}, "gap", "3000 至 5000 元之间没有档次"),
        ({"tier2": {"low_incl": False}}, "gap", "1000 元不在任何一档中"),
        ({"tier4": {"high": 9000}}, "gap", "9000 至 10000 元之间没有档次"),
        ({"tier4": {"high_incl": False}}, "gap", "10000 元不在任何一档中"),
        ({"tier3": {"low": 2000}}, "overlap", "2000 至 3000 元"),
        ({"tier2": {"high_incl": True}}, "shared_end", "都包含 3000 元；按较轻的一档处理"),
        ({"tier4": {"high": 20000}}, "bounds", "超出法定上限 10000"),
        ({"tier2": {"low": 500}}, "bounds", "低于法定下限 1000"),
        ({"tier2": {"name": "减轻", "low": 500}}, "milder_without_basis", "没有写明依据"),
        ({"tier3": {"low": 7000, "high": 3000}}, "reversed", "没有可选的金额"),
        ({"tier2": {"name": "从重"}, "tier4": {"name": "从轻"}}, "order", "高于更重的"),
        ({"tier3": {"conditions": "9 <= area_m2 < 100"}}, "two_tiers", "可以同时成立，例如：面积（平方米）＝9"),
        ({"tier3": {"conditions": "10 <= area_m2 <= 100"}}, "shared_end", "都包含面积（平方米）＝100"),
        ({"tier3": {"conditions": "20 <= area_m2 < 100"}}, "no_tier", "不属于任何一档，例如：面积（平方米）＝10"),
        ({"tier3": {"conditions": "area_m2 < 5 and area_m2 > 7"}}, "never", "在任何情形下都不成立"),
        ({"premise": "not corrected"}, "never", "“不予处罚”档"),
        ({"tier2": {"conditions": "面积 较小的"}}, "unreadable", "只能由人对照"),
        ({"tier4": {"conditions": "area_m2 >= 100 or age < 16"}}, "minors", "不满18周岁的人落入“从重”档"),
        ({"tier1": {"basis": ""}}, "no_penalty_basis", "没有写明依据的条款"),
        ({"factors": ["目的原则:保护环境"]}, "factors", "事实性质情节社会影响"),
        ({"tier2": None, "tier4": None}, "one_tier", "只有一档"),
        ({"excerpt_complete": False}, "excerpt", "只有摘录"),
    ],
)  # fmt: skip
def test_every_defect_is_found_and_said(changes, check, said):
    assert said in found(**changes)[check]


def test_every_check_has_a_test():
    mark = next(m for m in test_every_defect_is_found_and_said.pytestmark if m.name == "parametrize")
    tried = {check for _, check, _ in mark.args[1]} | {"not_checked"}
    assert tried == discretion.model.VOCABULARY["checks"].keys()


def test_what_is_taken_over_is_told_and_what_is_drawn_up_is_stopped():
    made = discretion.read(baseline(tier3={"low": 5000}))
    local, official = (discretion.check(made, official=each)[0] for each in (False, True))
    assert (local.severity, official.severity) == (Severity.BLOCK, Severity.WARN)


def test_an_excerpt_is_not_blamed_for_what_may_stand_elsewhere():
    made = discretion.read(baseline(tier4=None, excerpt_complete=False))
    gap = next(p for p in discretion.check(made, official=False) if p.check == "gap")
    assert gap.severity is Severity.NOTE


def test_too_many_facts_are_not_guessed_at():
    many = " and ".join(f"area_{n} > {n}" for n in range(12))
    assert "没有检查" in found(tier2={"conditions": f"({many}) or area_m2 < 10"})["not_checked"]


def test_a_formula_is_tried_for_every_range_of_the_law():
    """A tier from the minimum to half the maximum is empty where the minimum is half the maximum."""
    tiers = [
        {"name": "从轻", "conditions": "minor", "low": "MIN", "high": "MIN+0.1*MAX", "high_incl": False},
        {"name": "一般", "conditions": "normal", "low": "MIN + 0.1*MAX", "high": "MAX/2", "high_incl": False},
        {"name": "从重", "conditions": "serious", "low": "MAX/2", "high": "MAX"},
    ]
    said = found(statutory={"kind": "formula", "unit": "元"}, tiers=tiers)
    assert said["reversed"].endswith("（例如法定幅度 4000 至 10000 元）")
    assert "two_tiers" not in said, "of minor, normal and serious one holds"


@pytest.mark.parametrize(
    ("text", "least", "most", "value"),
    [("2000", 0, 0, 2000), (0.5, 0, 0, "0.5"), ("MIN", 1, 9, 1), ("MAX/2", 1, 9, "4.5"), ("MIN+0.5*MAX-MIN/4", 4, 8, 7)],
)  # fmt: skip
def test_amounts_are_reckoned_exactly(text, least, most, value):
    assert amount(text).value(Decimal(least), Decimal(most)) == Decimal(str(value))


@pytest.mark.parametrize("text", ["", "MAX/0", "2000元", "MIN*MIN", "1e5", "MIN MAX", True, "9" * 80, None])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError):
        amount(text)


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"id": ""}, "id", "请填写编号"),
        ({"law_refs": []}, "law_refs", "请至少填写一条依据条款"),
        ({"statutory": {"kind": "any"}}, "statutory", "法定幅度的种类"),
        ({"statutory": {"kind": "range", "min": 9, "max": 3}}, "statutory", "下限高于上限"),
        ({"tiers": []}, "tiers", "1 至 40 个裁量档次"),
        ({"tier2": {"name": "重"}}, "tiers.2", "第 2 档的名称应当是"),
        ({"tier2": {"low": "一千"}}, "tiers.2", "第 2 档的下限“一千”不是金额"),
        ({"effective_from": "明年"}, "effective_from", "2026-01-31"),
        ({"premise": "corrected()"}, "premise", "事项前提不能识别"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_field(changes, field, said):
    with pytest.raises(Invalid) as caught:
        discretion.read(baseline(**changes))
    assert said in caught.value.errors[field][0]


@pytest.mark.parametrize(
    ("facts", "tier", "low", "high"),
    [
        ({"area_m2": 5, "minor": True, "corrected": True}, "不予处罚", 0, 0),
        ({"area_m2": 5, "minor": False, "corrected": True}, "从轻", 1000, 3000),
        ({"area_m2": 10, "minor": True, "corrected": False}, "一般", 3000, 7000),
        ({"area_m2": 100, "minor": False, "corrected": False}, "从重", 7000, 10000),
    ],
)
def test_the_tier_of_a_case_follows_from_its_facts(facts, tier, low, high):
    advice = discretion.recommend(discretion.read(baseline()), facts)
    assert (advice.tier.name, advice.low, advice.high) == (tier, low, high)
    assert f"属于“{tier}”档" in advice.reasoning


def test_a_fact_that_is_not_known_is_asked_for():
    advice = discretion.recommend(discretion.read(baseline()), {"area_m2": 5})
    assert advice.tier is None
    assert advice.lacking == ("已经及时改正", "违法行为轻微")


def test_of_two_tiers_that_fit_the_lighter_one_is_taken():
    made = discretion.read(baseline(tier3={"conditions": "10 <= area_m2 <= 100"}))
    advice = discretion.recommend(made, {"area_m2": 100, "minor": False, "corrected": False})
    assert advice.tier.name == "一般"


def test_without_a_tier_the_advice_says_what_to_do():
    made = discretion.read(baseline(tier3={"conditions": "20 <= area_m2 < 100"}))
    advice = discretion.recommend(made, {"area_m2": 15, "minor": False, "corrected": False})
    assert (advice.tier, advice.low) == (None, None)
    assert "没有对应的档次" in advice.reasoning


@pytest.mark.skipif(not STANDARDS, reason="the published standards are not at hand")
@pytest.mark.parametrize("standard", STANDARDS, ids=[each["id"] for each in STANDARDS])
def test_the_defects_of_published_standards_are_found(standard):
    """As a program found them before: fixed points, gaps and shared ends, each with its numbers; none stops the import."""
    problems = discretion.check(discretion.read(standard), official=True)
    assert all(problem.severity is not Severity.BLOCK for problem in problems)
    said = {"a": ["fixed"], "c": ["gap", "shared_end", "overlap"]}
    for known in standard["computed_checks"]:
        numbers = re.findall(r"\d+(?:\.\d+)?", known["msg"])
        told = [p.message for p in problems if p.check in said[known["rule"]]]
        assert any(all(number in message for number in numbers) for message in told), known["msg"]


FOUND_BY_PEOPLE = [
    ("DB-SZ-002", {"premise": "not_corrected and not corrected"}, "never", "不予处罚"),
    ("DB-SZ-019", {"premise": "not_corrected and not corrected"}, "never", "不予处罚"),
    ("DB-SZ-041", {}, "two_tiers", "随意抛撒"),
    ("DB-SZ-041", {}, "gap", "50000 至 100000"),
    ("DB-LX-003", {}, "one_tier", "只有一档"),
    ("DB-SC-001", {}, "no_tier", "不属于任何一档"),
    ("DB-SC-002", {}, "two_tiers", "可以同时成立"),
    ("DB-WS-001", {}, "two_tiers", "不改正"),
    ("DB-LL-000", {}, "reversed", "一般"),
]
"""What the data's `real_world_defects` name beyond the amounts of `computed_checks`: conditions and formulas. Borders that
belong to two tiers stand in the words of some standards alone; their evaluable conditions have decided them."""


@pytest.mark.skipif(not STANDARDS, reason="the published standards are not at hand")
@pytest.mark.parametrize(("name", "changes", "check", "said"), FOUND_BY_PEOPLE)
def test_what_people_found_in_published_standards_is_found(name, changes, check, said):
    standard = next(each for each in STANDARDS if each["id"] == name)
    problems = discretion.check(discretion.read({**standard, **changes}), official=True)
    told = [problem.message for problem in problems if problem.check == check]
    assert any(said in message for message in told), (check, [(p.check, p.message) for p in problems])


@pytest.mark.skipif(not STANDARDS, reason="the published standards are not at hand")
@pytest.mark.requirement("S0-8", part="本地起草的真实缺陷被拒")
def test_a_defective_standard_is_taken_over_with_its_warnings_and_never_drawn_up_so():
    defective = [each for each in STANDARDS if each["defective"]]
    assert len(defective) > 10
    for standard in defective:
        made = discretion.read(standard)
        taken_over = discretion.check(made, official=True)
        assert any(p.severity is Severity.WARN for p in taken_over), standard["id"]
        assert not any(p.severity is Severity.BLOCK for p in taken_over), standard["id"]
        assert any(p.severity is Severity.BLOCK for p in discretion.check(made, official=False)), standard[
            "id"
        ]


@pytest.mark.parametrize(
    ("written", "condition"),
    [
        ("面积（平方米） ≥ 10 且 初次违法", "area_m2 >= 10 and first"),
        ("10≤面积（平方米）＜100", "10 <= area_m2 < 100"),
        ("（违法行为轻微 或者 非 情节一般） 并且 没有造成危害后果", "( minor or not normal ) and no_harm"),
        ("违法行为特别轻微", "extra_minor"),
        ("违法主体 = “个人”", 'subject == "个人"'),
        ("area_m2 >= 10 and not first", "area_m2 >= 10 and not first"),
        ("", ""),
    ],
)
def test_conditions_are_written_in_words_and_read_back(written, condition):
    assert discretion.expression(written) == condition
    assert discretion.expression(discretion.words(condition)) == condition


@pytest.mark.parametrize(
    ("written", "rest"), [("面积很大", "面积很大"), ("初次违法 且 情节恶劣", "情节恶劣"), ("first; x", "; x")]
)
def test_where_a_condition_cannot_be_read_is_told(written, rest):
    with pytest.raises(ValueError, match=re.escape(rest)):
        discretion.expression(written)
