"""The rules of law for penalties: each finds its own example and not the one that keeps it."""

import re

import pytest

from app.verify import sketch
from app.verify.proof import prove
from app.verify.rules import RULES

PENALTY = [rule for rule in RULES if rule.id[0] in "PS"]
each = pytest.mark.parametrize("rule", PENALTY, ids=lambda rule: rule.id)


def found(rule, text):
    """The findings of one rule about one sketch."""
    subject = sketch.read(text, rule.scope).subject()
    return [finding for finding in prove(subject, rules=[rule]).findings if finding.rule == rule.id]


def test_every_rule_of_the_law_about_penalties_is_there():
    assert [rule.id for rule in PENALTY] == [f"P{n:02}" for n in range(1, 38)] + [
        f"S{n:02}" for n in range(1, 6)
    ]


@each
def test_a_rule_finds_its_own_example(rule):
    findings = found(rule, rule.breaks)
    assert findings
    for finding in findings:
        assert finding.severity is rule.severity
        assert finding.cite == rule.cite
        assert finding.elements
        assert re.search(r"。[^。]*请[^。]*。", finding.message)
        assert "{" not in finding.message


@each
def test_a_rule_is_silent_about_what_keeps_it(rule):
    assert found(rule, rule.keeps) == []


@each
def test_the_examples_are_sound_diagrams(rule):
    """An example that cannot be walked to its end would break the rule for the wrong reason."""
    for text in (rule.breaks, rule.keeps):
        subject = sketch.read(text, rule.scope).subject()
        faults = {finding.rule for finding in prove(subject, rules=[]).blocking}
        assert not faults & {"deadlock", "livelock", "double-token", "condition", "rule-set"}, text


@each
def test_a_rule_says_what_a_reader_needs(rule):
    assert re.search("《.+》第.+条", rule.cite)
    assert rule.advice.startswith("请")
    assert rule.advice.endswith("。")
    assert not rule.message or rule.message.endswith("。")
    assert rule.guards or rule.open
