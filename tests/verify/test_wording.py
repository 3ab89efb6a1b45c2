"""Demands and conditions in words."""

import pytest

from app.verify.demands import After, Before, Never, NeverAfter
from app.verify.wording import said, sentence

DEMANDS = [
    (
        Before(("decide",), ("notice",), when=("urgent == False", "True")),
        "“情况紧急”（`urgent`）为否时（没有声明该属性的，一律如此），“作出决定”（`decide`）之前，"
        "必须已经完成“处罚告知”（`notice`）。",
    ),
    (
        Before(("decide",), ("legal.review",), passed=("legal_passed == True",), voids=("notice",)),
        "“作出决定”（`decide`）之前，必须已经完成“法制审核”（`legal.review`）并且“法制审核通过”（`legal_passed`）为是；"
        "“处罚告知”（`notice`）之后须重新办理。",
    ),
    (
        After(("comp.release",), ("comp.return",)),
        "“解除强制措施”（`comp.release`）之后，结束之前必须完成“退还财物”（`comp.return`）。",
    ),
    (
        Never(("enforce.exec", "enforce.exec.*"), when=("enforcement_power == False",)),
        "“本机关有法律授予的强制执行权”（`enforcement_power`）为否时，"
        "不得办理“强制执行”及其各环节（`enforce.exec`、`enforce.exec.*`）。",
    ),
    (
        NeverAfter(("decide.*",), ("invest",), voids=("decide.revoke",)),
        "“作出决定的各环节”（`decide.*`）之后，不得再办理“调查取证”（`invest`），"
        "除非其间完成“撤销决定”（`decide.revoke`）。",
    ),
]


@pytest.mark.parametrize(("demand", "told"), DEMANDS)
def test_a_demand_is_told_in_words(demand, told):
    assert sentence(demand) == told


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("fine > 3000", "“罚款金额”（`fine`）超过3000"),
        ("outcome == 'penalty'", "“处理意见”（`outcome`）为penalty"),
        ("outcome in ('a', 'b')", "“处理意见”（`outcome`）是其中之一：('a', 'b')"),
        ("not urgent", "不是（“情况紧急”（`urgent`）为是）"),
        (
            "(party_kind == 'person' and fine > 200) or fine > 3000",
            "（“当事人类型”（`party_kind`）为person，且“罚款金额”（`fine`）超过200），或者“罚款金额”（`fine`）超过3000",
        ),
        ("fine * 2 > 1", "`fine * 2 > 1`"),
        ("fine >", "`fine >`"),
    ],
)
def test_a_condition_is_told_in_words(condition, told):
    assert said(condition) == told


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("fine > 200 and urgent", "“罚款（元）”超过 200，且“情况紧急”为是"),
        ("outcome in ('a', 'b')", "“处理意见”是其中之一：“a”、“b”"),
        ("own_name == False", "“own_name”为否"),
        ("outcome == 'a'", "“处理意见”为“a”"),
        ("fine >", "`fine >`"),
        ("(" * 300 + "fine" + ")" * 300, None),
    ],
)
def test_a_condition_is_told_by_the_labels_of_a_rule_set(condition, told):
    assert told in (said(condition, {"fine": "罚款（元）"}), None)
