"""A table compiled into condition trees answers as the table does: to forms and engine, and to the proof."""

from decimal import Decimal

import pytest
from diagrams.tables.made import MAJOR, RULES, TIERS, dmn, table
from diagrams.tables.test_checks import EVERY, ROWS
from hypothesis import given, settings

from app.diagrams.rules import parse
from app.diagrams.tables import compiled_in, vocabulary
from app.diagrams.tables.evaluation import evaluate, understand
from app.forms import conditions
from app.kernel.errors import Invalid
from app.verify.guards import tree_condition

KNOWN = vocabulary(RULES)
PARAMS = {name: raw["value"] for name, raw in RULES["params"].items()}


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_the_trees_answer_as_the_table(rows):
    tested = table("fine party harsh", {"x": "boolean"}, *rows, policy="COLLECT")
    tree = compiled_in({**RULES, "tables": ["t"]}, dmn(tested))["derived"]["x"]["when"]
    assert conditions.check(tree, set(RULES["attributes"]), set(PARAMS)) == []
    guard = tree_condition(tree, PARAMS)
    understood = understand(tested, KNOWN)
    for case in EVERY:
        wanted = any(given["x"] is True for given in evaluate(understood, case))
        plain = {**case, "fine": float(case["fine"])}
        assert conditions.evaluate(tree, plain, PARAMS) is wanted
        assert guard.holds(plain) is wanted


def test_thresholds_stay_thresholds():
    rules = parse({**RULES, "tables": ["major"]}, dmn(MAJOR))
    assert rules.labels["major"] == "major"
    case = {"party": "person", "fine": 10000, "harsh": False}
    assert conditions.evaluate(rules.derived["major"], case, rules.params)
    assert not conditions.evaluate(rules.derived["major"], case, {**rules.params, "major_person": 20000})


def test_tables_read_what_other_tables_decide():
    after = table("x harsh", {"y": "boolean"}, "true | - => true", "false | true => true", name="after",
                  policy="COLLECT", kinds={"x": "boolean", "harsh": "boolean"})  # fmt: skip
    before = table("fine", {"x": "boolean"}, ">= 5 => true", policy="COLLECT", name="before")
    rules = parse({**RULES, "tables": ["after", "before"]}, dmn(after, before))
    assert list(rules.derived) == ["x", "y"]


def test_tiers_reach_the_band_that_names_the_table():
    band = {"name": "罚款", "steps": ["decide"], "amount": "fine", "table": "tiers", "minimum": "major_person",
            "article": "第三十四条", "message": "请核对。"}  # fmt: skip
    rules = parse({**RULES, "tables": ["tiers"], "bands": [band]}, dmn(TIERS))
    (declared,) = rules.bands
    names = [t["name"] for t in declared.tiers if conditions.evaluate(t["when"], {"times": 2}, {})]
    assert names == ["一般"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"tables": ["nothing"]}, "不存在的决策表“nothing”"),
        ({"tables": "major"}, "应当是决策表名称的列表"),
        ({"tables": {"major": {"offical": True}}}, "不认识的内容：offical"),
        ({"bands": [{"table": "major"}], "tables": ["major"]}, "不是裁量档次表"),
        ({"bands": [{"table": "tiers"}], "tables": ["major"]}, "没有在 tables 中列出"),
        ({"bands": [{"tiers": []}]}, "不能填写"),
        ({"attributes": {**RULES["attributes"], "major": {"type": "boolean", "default": False}}, "tables": ["major"]},
         "已经是规则中的属性"),
        ({"attributes": {k: v for k, v in RULES["attributes"].items() if k != "harsh"}, "tables": ["major"]},
         "“harsh”没有在规则中声明"),
    ],
)  # fmt: skip
def test_what_cannot_be_compiled_is_told(change, told):
    with pytest.raises(Invalid) as refused:
        parse({**RULES, **change}, dmn(MAJOR, TIERS))
    assert told in refused.value.message


def test_the_written_rule_set_is_left_as_it_is():
    raw = {**RULES, "tables": ["major"]}
    compiled_in(raw, dmn(MAJOR))
    assert "derived" not in raw


def test_exact_numbers():
    tested = table("fine", {"x": "boolean"}, ">= 0.3 => true", policy="COLLECT")
    assert evaluate(understand(tested, KNOWN), {"fine": 0.1 + 0.2}) != []  # 0.30000000000000004
    assert evaluate(understand(tested, KNOWN), {"fine": Decimal("0.29999")}) == []
