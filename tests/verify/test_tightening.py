"""An agency may tighten a rule set, never loosen it."""

from copy import deepcopy

import pytest

from app.diagrams.bundle import from_folder
from app.diagrams.rules import parse
from app.kernel.errors import Invalid
from app.verify.tightening import GATES, tightened

OFFICERS = {"invest": 2, "legal.review": 1}


@pytest.fixture(scope="module")
def rules():
    return dict(from_folder("penalty/ordinary").rules)


def clock(rules, name):
    return next(c for c in rules["clocks"] if c["id"] == name)


def test_no_settings_leave_the_rule_set_as_it_is(rules):
    assert tightened(rules, {}) == rules


def test_stricter_settings_are_taken_and_the_rule_set_is_not_touched(rules):
    before = deepcopy(rules)
    more = {
        "before": ["decide"],
        "needs": ["collective"],
        "article": "本机关规定",
        "message": "一律集体讨论。",
    }
    found = tightened(
        rules,
        {
            "params": {"major_fine_person": 5000},
            "clocks": {
                "decision": {"limit": "60d", "extension": "none", "warn": "20d"},
                "serve": {"limit": "7d"},
                "pay": {"limit": "30d"},
            },
            "periods": {"notice": "7wd"},
            "officers": {"invest": 3},
            "required_before": [*rules["required_before"], more],
            "suspensions": rules["suspensions"][:1],
        },
        OFFICERS,
    )
    assert rules == before
    assert found["params"]["major_fine_person"]["value"] == 5000
    assert clock(found, "decision")["limit"] == "60d"
    assert "extension" not in clock(found, "decision")
    assert clock(found, "serve")["limit"] == "7d"
    assert [p["limit"] for p in found["periods"] if p["after"] == "notice"] == ["7wd"]
    assert [b["limit"] for b in found["in_time"] if b["after"] == "notice"] == ["7wd"]
    assert clock(found, "pay")["limit"] == "30d"
    assert found["officers"] == {"invest": 3}
    assert found["required_before"][-1] == more
    assert len(found["suspensions"]) == 1
    assert parse({k: v for k, v in found.items() if k != "officers"}).params["major_fine_person"] == 5000


LOOSER = [
    ({"params": {"major_fine_person": 10001}}, "params.major_fine_person", "不得高于10000"),
    ({"params": {"unknown": 1}}, "params.unknown", "没有"),
    ({"params": {"major_fine_person": True}}, "params.major_fine_person", "不小于零"),
    ({"clocks": {"decision": {"limit": "91d"}}}, "clocks.decision.limit", "不得长于90日"),
    ({"clocks": {"decision": {"limit": "57wd"}}}, "clocks.decision.limit", "不得长于90日"),
    ({"clocks": {"serve": {"limit": "8d"}}}, "clocks.serve.limit", "不得长于7个工作日"),
    ({"clocks": {"serve": {"limit": "一周"}}}, "clocks.serve.limit", "写法不对"),
    ({"clocks": {"serve": {"extension": {"limit": "3wd"}}}}, "clocks.serve.extension", "不能增加延长"),
    ({"clocks": {"decision": {"extension": {"limit": "60d"}}}}, "clocks.decision.extension.limit", "不得长于30日"),
    ({"clocks": {"decision": {"extension": {"times": 2}}}}, "clocks.decision.extension.times", "不得多于1次"),
    ({"clocks": {"decision": {"basis": "无"}}}, "clocks.decision", "设置的不是"),
    ({"clocks": {"pay": {"limit": "10d"}}}, "clocks.pay.limit", "不得短于15日"),
    ({"freeze_after": ["decide", "invest"]}, "freeze_after", "不得增加决定后冻结：invest"),
    ({"periods": {"notice": "3wd"}}, "periods.notice", "不得短于5个工作日"),
    ({"periods": {"notice": "6d"}}, "periods.notice", "不得短于5个工作日"),
    ({"periods": {"unknown": "5wd"}}, "periods.unknown", "没有"),
    ({"officers": {"invest": 1}}, "officers.invest", "不得少于2名"),
    ({"officers": {"elsewhere": 2}}, "officers.elsewhere", "没有"),
    ({"suspensions": [{"clock": "decision", "cause": "休假"}]}, "suspensions", "不得增加扣除期间的情形：休假"),
    ({"review": False}, "review", "没有“review”这种设置"),
    ({"params": [1]}, "params", "对象"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "path", "said"), LOOSER, ids=[f"{x[1]}-{i}" for i, x in enumerate(LOOSER)]
)
def test_looser_settings_are_refused(rules, settings, path, said):
    with pytest.raises(Invalid) as refused:
        tightened(rules, settings, OFFICERS)
    assert list(refused.value.errors) == [path]
    assert said in refused.value.errors[path][0]
    assert said.split("，")[0] in refused.value.message


@pytest.mark.parametrize("section", GATES)
def test_no_gate_is_removed_or_altered(rules, section):
    declared = rules[section]
    with pytest.raises(Invalid, match="不得去掉或者改动"):
        tightened(rules, {section: declared[1:]})
    if isinstance(declared[0], dict):
        with pytest.raises(Invalid, match="不得去掉或者改动"):
            tightened(
                rules,
                {
                    section: [
                        {**declared[0], "when": {"field": "harsh", "op": "eq", "value": True}},
                        *declared[1:],
                    ]
                },
            )
    assert tightened(rules, {section: list(declared)}) == rules


def test_rounds_may_only_be_fewer():
    rules = {"rounds": [{"step": "invest", "most": 3, "article": "甲", "message": "乙"}]}
    assert tightened(rules, {"rounds": {"invest": 2}})["rounds"][0]["most"] == 2
    for settings in ({"invest": 4}, {"notice": 1}, {"invest": 0}):
        with pytest.raises(Invalid):
            tightened(rules, {"rounds": settings})


def test_every_fault_is_told_at_once(rules):
    with pytest.raises(Invalid) as refused:
        tightened(rules, {"periods": {"notice": "1wd"}, "officers": {"invest": 1}}, OFFICERS)
    assert list(refused.value.errors) == ["periods.notice", "officers.invest"]
