"""What an item lacks, and what of it the law does not allow."""

from datetime import date

import pytest

from app.catalogue.item_rules import Surroundings, Wording, content_of, differences, elements_of, lacks

from .item_way import STEPS

GOOD = {"code": "ZZ-02-YS-001", "name": "对演示行为的处罚（演示）"} | {
    key: value for said in STEPS.values() for key, value in said.items()
}
AROUND = Surroundings(
    date(2026, 3, 2),
    frozenset({"penalty/ordinary"}),
    frozenset({"DB-演示-001"}),
    5,
    {"排污许可管理条例": frozenset({"33", "34"})},
)
DEED = {
    "name": "演示执法大队",
    "kind": "entrusted",
    "deed": "演委〔2026〕1号",
    "from": "2026-01-01",
    "until": "2026-12-31",
}


def told(around: Surroundings = AROUND, **changes) -> str:
    return "；".join(lack.message for lack in lacks({**GOOD, **changes}, around))


def test_a_complete_item_lacks_nothing():
    assert lacks(GOOD, AROUND) == []


@pytest.mark.parametrize(
    "key",
    ["name", "code", "level", "basis", "subject", "duty", "authority", "procedure", "statutory_unit", "office",
     "place", "phone", "supervision_phone", "supervision", "remedy", "fee", "discretion", "kinds"],
)  # fmt: skip
def test_every_element_is_asked_for_with_its_source(key):
    (lack,) = [each for each in lacks({**GOOD, key: None}, AROUND) if each.key == key]
    assert lack.blocks
    assert lack.source
    assert "还没有填写" in lack.message


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"promised": "91"}, "承诺时限不得长于法定时限"),
        ({"promised_unit": "wd"}, "同一单位"),
        ({"statutory": None}, "法定时限的数目"),
        ({"basis": [{"citation": "有关规定"}]}, "没有写到法律名称和条款"),
        ({"basis": [{"citation": "《排污许可管理条例》第九十九条"}]}, "没有第九十九条"),
        ({"subject": "entrusted"}, "请列出该组织"),
        ({"subject": "entrusted", "organs": [{**DEED, "deed": ""}]}, "应当写明委托书和委托期限"),
        ({"subject": "entrusted", "organs": [{**DEED, "until": "2026-03-01"}]}, "到期"),
        ({"kind": "compulsion", "organs": [DEED]}, "行政强制措施权不得委托"),
        ({"procedure": "penalty/none"}, "没有已经施行的版本"),
        ({"fee": "yes"}, "请逐项写明收费"),
        ({"discretion": "baseline", "baseline": "DB-没有"}, "本机关没有裁量基准"),
        ({"discretion": "none", "discretion_note": ""}, "请说明理由"),
        ({"fines": [{"min": "9", "max": "3"}]}, "下限高于上限"),
    ],
)
def test_what_the_law_does_not_allow(changes, words):
    assert words in told(**changes)


def test_enforcement_needs_officers():
    few = Surroundings(AROUND.today, AROUND.procedures, AROUND.baselines, 1, AROUND.articles)
    assert "不足 2 名" in told(few)
    assert "不足" not in told(few, kind="licence")


def test_a_statute_that_was_not_taken_in_is_a_reminder():
    (lack,) = lacks({**GOOD, "basis": [{"citation": "《演示条例》第一条"}]}, AROUND)
    assert not lack.blocks


def test_a_valid_deed_is_enough():
    assert told(subject="entrusted", organs=[DEED]) == ""


def test_what_gates_use_follows_from_the_elements():
    elements = {**GOOD, "kinds": ["罚款"], "fines": [{"min": "200000", "max": "1000000.5", "unit": "元", "note": ""}],
                "discretion": "baseline", "baseline": "DB-演示-001"}  # fmt: skip
    content = content_of(elements, {"tiers": [{"name": "一般"}], "settings": 1})
    assert content == {
        "settings": 1,
        "kinds": ["罚款"],
        "fine": [{"min": 200000, "max": 1000000.5, "unit": "元"}],
        "baseline": "DB-演示-001",
    }


def test_an_item_keeps_its_own_tiers():
    tiers = [{"name": "一般", "low": 1, "high": 2}]
    row = {"name": "演示", "code": "A", "kind": "penalty", "procedure": "penalty/ordinary", "basis": ["《演示条例》第一条"],
           "content": {"kinds": ["罚款"], "tiers": tiers}}  # fmt: skip
    elements = elements_of(row)
    assert elements["discretion"] == "tiers"
    assert content_of(elements, row["content"])["tiers"] == tiers


def test_differences_are_told_in_words():
    wording = Wording(
        {"statutory": "法定时限", "statutory_unit": "单位", "organs": "组织", "fee": "收费"},
        {
            "statutory_unit": {"wd": "个工作日", "none": "没有法定时限"},
            "organs": {"entrusted": "委托"},
            "fee": {"no": "不收费"},
        },
        {"organs": {"name": "名称", "kind": "方式"}},
        {"statutory": "statutory_unit"},
    )
    before = {"statutory": 20, "statutory_unit": "wd", "fee": "no"}
    after = {"statutory_unit": "none", "fee": "no", "organs": [{"kind": "entrusted", "name": "演示大队"}]}
    found = [(each.label, each.before, each.after) for each in differences(before, after, wording)]
    assert found == [("法定时限", "20 个工作日", "没有法定时限"), ("组织", "", "名称：演示大队，方式：委托")]


def test_the_range_of_a_fine_is_told_as_a_law_says_it():
    wording = Wording(
        {"fines": "罚款幅度"}, {}, {"fines": {"condition": "情形", "min": "下限", "max": "上限"}}, {}
    )
    rows = [
        {"condition": "报告书", "min": "200000", "max": "1000000", "unit": "元"},
        {"min": "1", "max": "5", "unit": "倍", "base": "违法所得", "basis": "《演示条例》第一条"},
        {"min": 0, "max": "500.50", "unit": "元"},
        {"condition": "数额另行规定"},
    ]
    told = wording.told({"fines": rows}, "fines")
    assert told == (
        "报告书：20万元以上100万元以下；违法所得1倍以上5倍以下（《演示条例》第一条）；500.5元以下；数额另行规定"
    )
