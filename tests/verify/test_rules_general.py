"""Each rule finds its own broken example and passes its own kept one; the demonstration's pair keeps them all."""

import pytest

from app.verify import sketch
from app.verify.proof import prove
from app.verify.rules import RULES

OURS = [rule for rule in RULES if rule.id[0] not in "PS"]
STATIC = [rule for rule in OURS if rule.static and not rule.decided_by]
SCOPE_OF_ALL = "demonstration"


def proven(rule, text):
    scope = SCOPE_OF_ALL if rule.scope == "all" else rule.scope
    subject = sketch.read(text, scope).subject()
    assert rule.applies(subject)
    return [f for f in prove(subject, rules=[rule]).findings if f.rule == rule.id]


@pytest.mark.parametrize("rule", STATIC, ids=lambda rule: rule.id)
def test_a_rule_finds_what_breaks_it(rule):
    found = proven(rule, rule.breaks)
    assert rule.severity in {f.severity for f in found}
    assert all(f.cite == rule.cite and "{" not in f.message for f in found)


@pytest.mark.parametrize("rule", STATIC, ids=lambda rule: rule.id)
def test_a_rule_passes_what_keeps_it(rule):
    assert proven(rule, rule.keeps) == []
