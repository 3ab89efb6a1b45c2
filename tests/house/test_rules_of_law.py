"""Every rule of law is in the one list, decided by the diagram or by a guard that exists, and on its page."""

import importlib
import re
from pathlib import Path

import pytest

from app.cases.gates import GATES
from app.verify import catalogue_text, sketch
from app.verify.guards import flow_condition
from app.verify.rules import RULES, SCOPES, Rule
from app.verify.rules.steps import ATTRIBUTES, STEPS, name

ROOT = Path(__file__).resolve().parents[2]
LISTED = [
    line.split() for line in (Path(__file__).parent / "rules_of_law.txt").read_text().splitlines()[1:] if line
]
STATIC = {rule.id for rule in RULES if rule.static}
RUN_TIME = {rule.id for rule in RULES if not rule.static}
CODES = {gate.code for gate in GATES}
CHINESE = re.compile("[一-鿿]")
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def test_every_rule_is_in_one_of_the_two_lists():
    assert len(LISTED) == 124
    assert sorted([*STATIC, *RUN_TIME]) == sorted(rule_id for rule_id, _, _ in LISTED)
    assert len(RULES) == len(LISTED)
    assert not STATIC & RUN_TIME


def test_scope_and_severity_are_those_of_the_list():
    found = [(rule.id, rule.scope, rule.severity.value) for rule in RULES]
    assert sorted(found) == sorted(tuple(row) for row in LISTED)
    assert {rule.scope for rule in RULES} <= SCOPES.keys()


@each_rule
def test_a_rule_says_what_it_is(rule):
    assert CHINESE.search(rule.name)
    assert CHINESE.search(rule.cite)
    assert CHINESE.search(rule.advice)
    assert rule.advice.endswith(("。", "）"))
    if rule.demands:
        assert CHINESE.search(rule.message)
        assert rule.message.endswith("。")
        assert rule.message.format(target="甲")


@each_rule
def test_a_rule_is_decided_somewhere(rule):
    decided = bool(rule.demands or rule.decided_by or type(rule).check is not Rule.check)
    assert decided is rule.static
    assert rule.guards or rule.open
    if rule.static:
        for example in (rule.breaks, rule.keeps):
            assert list(sketch.read(example, rule.scope).subject().internal.nodes)
        assert rule.breaks != rule.keeps


@each_rule
def test_the_guards_exist(rule):
    for guard in rule.guards:
        kind, _, code = guard.partition(":")
        assert code in CODES if kind == "gate" else callable(named(guard)), guard


def named(dotted):
    """What a dotted name stands for: a function of a module, or a method of a class in one."""
    parts = dotted.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        return found
    return None


def test_every_gate_has_its_name_on_the_page():
    assert catalogue_text.GATES.keys() == CODES


def test_every_step_and_attribute_has_a_name():
    steps, attributes = set(), set()
    for rule in RULES:
        for demand in rule.demands:
            for field in ("target", "needs", "voids", "trigger", "then", "first"):
                steps |= set(getattr(demand, field, ()))
            for wordings in (demand.when, getattr(demand, "passed", ())):
                for text in wordings[:1]:
                    attributes |= flow_condition(text).names
    assert sorted(tag for tag in steps if tag.removesuffix(".*") in name(tag)) == []
    assert sorted(attributes - ATTRIBUTES.keys()) == []
    listed = [tag for group in STEPS.values() for tag in group]
    assert len(listed) == len(set(listed))


def test_the_page_is_what_the_rules_say():
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert page == catalogue_text.page(), "script/xq rules --write"
