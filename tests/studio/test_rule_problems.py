"""What the page of rules is told: each fault at the entry where it stands."""

import json

import pytest
import yaml

from app.diagrams import service as diagrams
from app.kernel.settings import ROOT
from app.studio import rule_service

REAL = diagrams.from_folder("penalty/ordinary")
RULES = (ROOT / "bpmn/penalty/ordinary/rules.yaml").read_text(encoding="utf-8")
FORMS = {f"forms/{key}.json": json.dumps(form, ensure_ascii=False) for key, form in REAL.forms.items()}

CALLED = {f"called/{name}.bpmn": text for name, text in REAL.called.items()}
GONE = {"field": "gone", "op": "eq", "value": True}


def told(change=lambda raw: None, **parts):
    raw = yaml.safe_load(RULES)
    change(raw)
    content = {
        "internal.bpmn": REAL.internal.decode(),
        "external.bpmn": REAL.external.decode(),
        "rules.yaml": yaml.safe_dump(raw, allow_unicode=True, sort_keys=False),
        **FORMS,
        **CALLED,
        **parts,
    }
    return [(p["section"], p["entry"], p["message"]) for p in rule_service.account(content)["problems"]]


def put(*path, value):
    def change(raw):
        for step in path[:-1]:
            raw = raw[step]
        if value is None:
            del raw[path[-1]]
        else:
            raw[path[-1]] = value

    return change


def test_the_shipped_rule_set_has_no_problem():
    assert told() == []


@pytest.mark.parametrize(
    ("change", "section", "entry", "message"),
    [
        (put("required_before", 3, "article", value=""), "required_before", 3, "请填写“依据条文”"),
        (put("required_before", 3, "needs", value=["nowhere"]), "required_before", 3, "“nowhere”在流程图中不存在"),
        (put("required_before", 8, "when", value=GONE), "required_before", 8, "不存在的字段“gone”"),
        (put("bands", 0, "amount", value="harsh"), "bands", 0, "数额“harsh”不是数字属性"),
        (put("bands", 0, "unknown", value=1), "bands", 0, "有不认识的内容：unknown"),
        (put("periods", 1, "limit", value="soon"), "periods", 1, "期限“soon”写法不对"),
        (put("clocks", 2, "limit", value="7"), "clocks", 2, "写法不对"),
        (put("clocks", 2, "limit", value=None), "clocks", 2, "期限"),
        (
            lambda raw: raw.update(thresholds=[t for t in raw["thresholds"] if t["attribute"] == "agency_hearing"]),
            "attributes", "agency_major", "没有为它声明本机关标准",
        ),
        (put("attributes", "fine", "default", value="无"), "attributes", "fine", "类型正确的默认值"),
        (put("derived", "major", "when", value=GONE), "derived", "major", "gone"),
        (put("facts", "party", value="nowhere.party"), "facts", "party", "不存在"),
        (put("documents_before", 0, "codes", value=["ZZ-99"]), "documents_before", 0, "没有模板"),
        (put("clock_bars", 0, "clock", value="nothing"), "clock_bars", 0, "没有声明"),
        (put("named", 0, "group", value="无"), "named", 0, "没有声明"),
        (put("resets", "notice", value={"gone": False}), "resets", "notice", "没有声明的属性：gone"),
        (put("tables", value=["gone"]), "tables", None, "不存在的决策表“gone”"),
        (put("reviews", 0, value="审核"), "reviews", 0, "应当是"),
    ],
)  # fmt: skip
def test_a_fault_is_told_at_its_entry(change, section, entry, message):
    found = told(change)
    assert any(s == section and e == entry and message in m for s, e, m in found), found
    assert {(s, e) for s, e, _ in found} == {(section, entry)}


def test_an_attribute_that_is_gone_is_missed_wherever_it_is_read():
    found = told(put("attributes", "fine", value=None))
    assert {"derived", "bands", "no_increase"} <= {section for section, _, _ in found}


def test_what_is_wrong_with_the_whole_is_told_of_the_whole():
    ring = {"a": {"label": "甲", "when": {"field": "b", "op": "eq", "value": True}},
            "b": {"label": "乙", "when": {"field": "a", "op": "eq", "value": True}}}  # fmt: skip
    found = told(lambda raw: raw["derived"].update(ring))
    assert any("互相推导" in message or "不存在" in message for _, _, message in found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "写法不对"),
        ("a: 1\na: 2", "写了两次"),
        ("- 1", "名称: 内容"),
        ("", "名称: 内容"),
        ("a: &x [1]\nb: *x", "引用"),
    ],
)
def test_a_text_that_cannot_be_read_is_told_once(text, message):
    ((section, entry, found),) = told(**{"rules.yaml": text})
    assert (section, entry) == ("", None)
    assert message in found


@pytest.mark.parametrize(
    "value", [None, 3, "x", [], {}, [1], {"x": 1}, {"x": [None]}, [[]], [{"x": {}}], True]
)
def test_rules_of_any_shape_are_told_and_crash_nothing(value):
    told(lambda raw: raw.update(dict.fromkeys(raw, value)))
    attributes = {"a": {"type": "boolean", "default": False}}
    for name in yaml.safe_load(RULES):
        small = {"key": "penalty/x", "name": "甲", "kind": "penalty", "attributes": attributes, name: value}
        rule_service.account({"rules.yaml": yaml.safe_dump(small, allow_unicode=True)})


def test_a_half_drawn_draft_is_read_as_far_as_it_goes():
    found = told(**{"internal.bpmn": "<broken", "forms/penalty_decide.json": "{"})
    assert any("在流程图中不存在" in message for _, _, message in found)
