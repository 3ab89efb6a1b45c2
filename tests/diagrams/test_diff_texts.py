"""The differences of forms, rule sets, document templates and decision tables in sentences."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.diagrams import diff
from app.diagrams.diff import ChangeKind
from app.kernel.settings import ROOT

FORM = {
    "key": "check",
    "title": "核查",
    "items": [
        {"type": "section", "label": "情况"},
        {"type": "text", "key": "cause", "label": "案由", "required": True},
        {
            "type": "radio",
            "key": "proposal",
            "label": "建议",
            "options": [{"value": "file", "label": "立案"}, {"value": "drop", "label": "不予立案"}],
        },
        {
            "type": "textarea",
            "key": "why",
            "label": "理由",
            "visibleWhen": {"field": "proposal", "op": "eq", "value": "drop"},
        },
        {
            "type": "list",
            "key": "goods",
            "label": "物品",
            "columns": [{"key": "name", "label": "名称", "type": "text"}],
        },
    ],
    "writes": {"filing": {"field": "proposal", "op": "eq", "value": "file"}},
}


def of_forms(before: Any, after: Any) -> list[str]:
    texts = [json.dumps(found, ensure_ascii=False) for found in (before, after)]
    path = "forms/check.json"
    return [change.text for change in diff.compare({path: texts[0]}, {path: texts[1]})]


def altered(number: int, **changes: Any) -> dict[str, Any]:
    items = [dict(item) for item in FORM["items"]]
    items[number] |= changes
    return {**FORM, "items": items}


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (altered(1, required=False), "字段“案由”改为不必填。"),
        (altered(1, label="案件名称"), "字段“案件名称”的名称由“案由”改为“案件名称”。"),
        (altered(1, type="textarea"), "字段“案由”的类型由单行文字改为多行文字。"),
        (
            altered(2, options=[{"value": "file", "label": "立案"}, {"value": "more", "label": "继续核查"}]),
            "字段“建议”增加选项“继续核查”，去掉选项“不予立案”。",
        ),
        (
            altered(
                2, options=[{"value": "file", "label": "同意立案"}, {"value": "drop", "label": "不予立案"}]
            ),
            "字段“建议”选项“立案”改为“同意立案”。",
        ),
        (
            altered(3, visibleWhen={"field": "proposal", "op": "eq", "value": "file"}),
            "字段“理由”的显示条件由（“建议”为“不予立案”）改为（“建议”为“立案”）。",
        ),
        (altered(3, maxLength=500), "字段“理由”增加最多字数：500。"),
        (
            altered(4, columns=[{"key": "name", "label": "名称", "type": "text", "required": True}]),
            "字段“名称”改为必填。",
        ),
        ({**FORM, "items": FORM["items"][:4]}, None),
        (
            {
                **FORM,
                "items": [
                    *FORM["items"],
                    {"type": "money", "key": "fine", "label": "罚款", "required": True},
                ],
            },
            "新增字段“罚款”（金额，必填）。",
        ),
        ({**FORM, "items": FORM["items"][::-1]}, "字段的先后次序改变。"),
        ({**FORM, "writes": {}}, "表单去掉写入的属性“filing”（原为（“建议”为“立案”））。"),
    ],
)
def test_forms(after, said):
    found = of_forms(FORM, after)
    assert found == [said] if said else found == ["删除字段“物品”。", "删除字段“名称”。"]


RULES = yaml.safe_load((ROOT / "bpmn/penalty/ordinary/rules.yaml").read_text(encoding="utf-8"))


def of_rules(change: Any) -> list[diff.Change]:
    after = yaml.safe_load(yaml.safe_dump(RULES, allow_unicode=True))
    change(after)
    texts = [yaml.safe_dump(found, allow_unicode=True, sort_keys=False) for found in (RULES, after)]
    return list(diff.compare({"rules.yaml": texts[0]}, {"rules.yaml": texts[1]}))


def setting(*path: Any, value: Any) -> Any:
    def change(rules: Any) -> None:
        for step in path[:-1]:
            rules = rules[step]
        rules[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (setting("clocks", 1, "limit", value="80d"), "规则“法定计时”中“办案期限”的期限由 90 日改为 80 日。"),
        (
            setting("params", "major_fine_person", "value", value=5000),
            "规则“阈值”中“公民较大数额罚款”的值由 10000 改为 5000。",
        ),
        (
            setting("attributes", "paid", "default", value=True),
            "规则“流转属性”中“已履行”的默认值由否改为是。",
        ),
        (
            setting("attributes", "fine", "label", value="罚款"),
            "规则“流转属性”中“罚款”的名称由“罚款金额（元）”改为“罚款”。",
        ),
        (
            setting("freeze_after", value=["decide", "serve"]),
            "规则“冻结环节”由“作出决定”（decide）改为“作出决定”（decide）、“送达”（serve）。",
        ),
        (
            setting("reviews", 0, "passed", value="close_ok"),
            "规则“法制审核闸门”中“法制审核”的通过的属性由“法制审核通过”改为“同意结案”。",
        ),
        (lambda rules: rules["clocks"].pop(0), "规则“法定计时”删除“线索核查期限”。"),
        (lambda rules: rules["clocks"].reverse(), "规则“法定计时”的先后次序改变。"),
        (lambda rules: rules.pop("claims"), None),
        (
            lambda rules: rules["derived"]["major"].update(when={"field": "fine", "op": "gt", "value": 0}),
            None,
        ),
    ],
)
def test_rule_sets(change, said):
    found = of_rules(change)
    assert found
    assert {c.path for c in found} == {"rules.yaml"}
    if said:
        assert [c.text for c in found] == [said]


def test_a_derived_condition_is_told_in_words():
    [change] = of_rules(
        lambda rules: rules["derived"]["collective_required"].update(
            when={
                "all": [
                    {"field": "complex", "op": "eq", "value": True},
                    {"field": "fine", "op": "gte", "value": {"param": "x"}},
                ]
            }
        )
    )
    assert change.text.endswith("改为（“情节复杂或者重大违法”为是，且“罚款金额（元）”不小于阈值“x”）。")
    assert (change.element, change.what) == ("derived.collective_required", "when")


def test_every_section_of_the_shipped_rule_set_has_a_chinese_name():
    for section in RULES:
        [*changes] = of_rules(lambda rules, name=section: rules.pop(name))
        assert changes, section
        for change in changes:
            assert f"“{section}”" not in change.text, change.text


TEMPLATE = (ROOT / "documents/GZ-04/template.yaml").read_text(encoding="utf-8")


def of_template(old: str, new: str) -> list[diff.Change]:
    assert old in TEMPLATE
    path = "documents/GZ-04.yaml"
    return list(diff.compare({path: TEMPLATE}, {path: TEMPLATE.replace(old, new, 1)}))


def test_a_statutory_clause_that_is_unlocked_is_said_to_be():
    [change] = of_template("    lock: true\n", "")
    assert "解除锁定" in change.text
    assert change.kind is ChangeKind.CHANGED


def test_the_settings_of_a_template():
    [change] = of_template("copies: ", "copies: 1")
    assert change.text.startswith("文书的份数由 ")
    assert change.file.startswith("文书“陈述申辩复核意见书（GZ-04）”") or change.file.startswith("文书“")


def test_a_block_that_is_new():
    [change] = of_template("blocks:\n", 'blocks:\n  - p: "新的段落"\n')
    assert (change.kind, change.text) == (ChangeKind.ADDED, "第 1 块新增段落：“新的段落”。")


TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="t" namespace="urn:x">
<decision id="tiers" name="裁量档次"><decisionTable id="t" hitPolicy="UNIQUE">
<input id="i1" label="货值"><inputExpression id="e1"><text>value</text></inputExpression></input>
<output id="o1" label="档次" name="tier" />
<rule id="r1">
<inputEntry id="c1"><text>&lt; 100</text></inputEntry><outputEntry id="c2"><text>"减轻"</text></outputEntry></rule>
<rule id="r2">
<inputEntry id="c3"><text>&gt;= 100</text></inputEntry><outputEntry id="c4"><text>"一般"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""
ROW = '<rule id="r0"><inputEntry><text>0</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("&lt; 100", "&lt; 200", "第 1 行“货值”由“< 100”改为“< 200”。"),
        ('"一般"', '"从重"', '第 2 行“档次”由“"一般"”改为“"从重"”。'),
        ('hitPolicy="UNIQUE"', 'hitPolicy="COLLECT"', "决策表的命中规则由“UNIQUE”改为“COLLECT”。"),
        ('<rule id="r1"', f'{ROW}<rule id="r1"', "新增第 1 行：0，1。"),
    ],
)
def test_decision_tables(old, new, said):
    assert old in TABLE
    changes = diff.compare({"tables/t.dmn": TABLE}, {"tables/t.dmn": TABLE.replace(old, new, 1)})
    assert [change.text for change in changes] == [said]


@pytest.mark.parametrize(
    ("path", "broken"),
    [
        ("rules.yaml", "a: [1"),
        ("rules.yaml", "a: &x 1\nb: *x"),
        ("forms/a.json", "{"),
        ("forms/a.json", "[" * 100_000),
        ("documents/a.yaml", "\t- :"),
        ("tables/a.dmn", "<a"),
    ],
)
def test_what_cannot_be_read_is_said_and_hinders_nothing(path, broken):
    changes = diff.compare({path: "{}", "runs/b.json": "{}"}, {path: broken, "runs/b.json": '{"steps": 1}'})
    assert [(c.path, c.kind) for c in changes if c.path == path] == [(path, ChangeKind.UNREADABLE)]
    assert [c.text for c in changes if c.path != path] == ["试运行“b”增加“steps”：1。"]


@pytest.mark.parametrize(
    "shape", ["[]", "3", "null", '"x"', '{"items": 3, "writes": [1]}', '{"items": [3, {"options": 4}]}']
)
@pytest.mark.parametrize(
    "path", ["rules.yaml", "forms/a.json", "documents/a.yaml", "documents/a.sample.json", "runs/a.json"]
)
def test_values_of_any_shape_are_compared(path, shape):
    full: Mapping[str, str] = {
        "rules.yaml": yaml.safe_dump(RULES),
        "forms/a.json": json.dumps(FORM),
        "documents/a.yaml": TEMPLATE,
    }
    for one, two in ((full.get(path, "{}"), shape), (shape, full.get(path, "{}"))):
        assert all(isinstance(c.text, str) for c in diff.compare({path: one}, {path: two}))


def test_keys_that_are_no_texts_are_compared():
    changes = diff.compare(
        {"rules.yaml": "attributes: {1: {label: a}, b: 2}"},
        {"rules.yaml": "attributes: {1: {label: c}, 2: x}\n3: 4"},
    )
    assert [c.kind for c in changes].count(ChangeKind.ADDED) >= 1


def test_files_come_in_one_order_and_new_ones_are_named():
    documents = {
        f"documents/{p.parent.name}.yaml": p.read_text(encoding="utf-8")
        for p in sorted(Path(ROOT / "documents").glob("JD-*/template.yaml"))
    }
    after = {"forms/check.json": json.dumps(FORM), **documents, "rules.yaml": "key: x", "tables/t.dmn": TABLE}
    changes = diff.compare({}, after)
    assert [c.path for c in changes] == ["rules.yaml", "forms/check.json", *sorted(documents), "tables/t.dmn"]
    assert [c.text for c in changes][:3] == [
        "新增规则。",
        "新增表单“核查”。",
        "新增文书“行政处罚决定书（JD-01）”。",
    ]
