"""What the proof decides for all cases is watched in each: every blocking rule with demands is in the monitor."""

from app.verify import sketch
from app.verify.findings import Severity
from app.verify.monitor import compiled
from app.verify.rules import RULES

DEMANDING = [rule for rule in RULES if rule.severity is Severity.BLOCK and rule.demands]


def test_every_blocking_rule_with_demands_is_watched():
    assert len(DEMANDING) > 40
    missing = []
    for rule in DEMANDING:
        found = sketch.read(rule.keeps, rule.scope).subject()
        steps = {found.step(node) for node in found.internal.nodes.values()}
        watch = compiled(found.scope, steps, found.names)
        if watch.watched.get(rule.id) != len(rule.demands):
            missing.append(f"{rule.id}: {watch.watched.get(rule.id)} of {len(rule.demands)}")
    assert missing == []


def test_nothing_else_is_watched():
    steps = {tag for rule in RULES for tag in rule.wherever}
    watch = compiled("penalty.ordinary", steps, frozenset())
    assert watch.watched.keys() <= {rule.id for rule in DEMANDING}
