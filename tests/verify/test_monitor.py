"""Along a walk with concrete values the monitor says what the oracle says, step by step."""

import random
from collections.abc import Iterator
from typing import Any

from app.verify.demands import After, Before, NeverAfter
from app.verify.monitor import Monitor
from app.verify.proof import prove
from app.verify.rules.base import Rule
from tests.verify.oracle import Enumeration, State
from tests.verify.random_diagrams import DOMAINS, Case, case
from tests.verify.test_against_enumeration import rules

SEEDS, WALKS, LENGTH = 160, 12, 60


class Walk(Enumeration):
    """The oracle going one way: what each way on passes and violates."""

    step: tuple[str, dict[str, Any], dict[str, Any]] | None = None

    def judge(self, step, flags, old, new):
        self.step = (step, self.environment(old), self.environment(new))
        return super().judge(step, flags, old, new)

    def ways(self, state: State) -> Iterator[tuple[State, Any, set[int]]]:
        found = self.successors(state)
        while True:
            self.step, self.verdict.violated = None, set()
            after = next(found, "end")
            if after == "end":
                return
            if after is not None:
                yield after, self.step, set(self.verdict.violated)


def walked(drawn: Case, dice: random.Random) -> tuple[int, set[str]]:
    """One random way of a case with the monitor beside it: the legal steps passed, what the monitor reported."""
    walk = Walk(drawn.subject, DOMAINS, drawn.demands)
    monitor = Monitor(rules(drawn), drawn.subject.names)
    state: State = (
        walk.net.initial,
        tuple(drawn.subject.attributes[name].default for name in DOMAINS),
        0,
        (False,) * len(drawn.demands),
    )
    kept, steps, reported = monitor.text(monitor.start()), 0, set[str]()
    for _ in range(LENGTH):
        if not state[0]:
            owed = {f"demand{k}" for k, d in enumerate(drawn.demands) if isinstance(d, After) and state[3][k]}
            found = {v.rule for v in monitor.end(monitor.read(kept, (), {}))}
            assert found == owed, drawn.seed
            return steps, reported | found
        ways = list(walk.ways(state))
        if not ways:
            break
        state, passed, violated = dice.choice(ways)
        if passed is None or not passed[0]:
            continue
        after, broken = monitor.step(monitor.read(kept, (), {}), *passed)
        kept, steps = monitor.text(after), steps + 1
        assert {v.rule for v in broken} == {f"demand{k}" for k in violated}, (drawn.seed, passed)
        assert all(v.remedy for v in broken)
        reported |= {v.rule for v in broken}
    return steps, reported


def test_the_monitor_reports_exactly_what_the_oracle_calls_a_violation() -> None:
    dice = random.Random(4)
    steps, reporting = 0, 0
    for seed in range(SEEDS):
        drawn = case(seed)
        for _ in range(WALKS):
            passed, reported = walked(drawn, dice)
            steps += passed
            reporting += bool(reported)
    assert steps > SEEDS * WALKS
    assert SEEDS < reporting < SEEDS * WALKS


def test_what_is_proven_is_never_reported() -> None:
    dice = random.Random(44)
    proven = 0
    for seed in range(2 * SEEDS):
        drawn = case(seed)
        proof = prove(drawn.subject, rules=rules(drawn))
        if not proof.conclusive or proof.blocking:
            continue
        for _ in range(WALKS):
            assert not walked(drawn, dice)[1], seed
        proven += 1
    assert proven >= 10


def rule(name: str, *demands) -> Rule:
    return type("Own", (Rule,), {"id": name, "name": name, "scope": "all", "cite": "", "demands": demands})()


def test_a_state_that_does_not_know_a_rule_takes_it_up_from_the_steps_passed() -> None:
    old = Monitor([rule("A", Before(("decide",), ("review",)))], frozenset())
    new = Monitor(
        [
            rule("A", Before(("decide",), ("review",))),
            rule("B", Before(("decide",), ("notice",)), After(("decide",), ("serve",))),
            rule("C", NeverAfter(("decide",), ("file",), voids=("revoke",))),
        ],
        frozenset(),
    )
    kept = old.text(old.start())
    assert kept == "-A.1"
    told = new.text(new.read(kept, ("review", "notice", "decide"), {}))
    assert told == "-A.1 B.1 -B.2 -C.1", "what was kept stands, whatever the steps passed say"
    assert new.text(new.read(None, ("review", "decide", "serve", "revoke"), {})) == "A.1 -B.1 B.2 C.1"
    assert old.text(old.read(told, (), {})) == "-A.1"


def test_nothing_met_is_not_the_same_as_nothing_kept() -> None:
    monitor = Monitor([rule("A", Before(("decide",), ("review",)))], frozenset())
    assert monitor.read("-A.1", ("review",), {}) == frozenset()
    assert monitor.read(None, ("review",), {}) == {"A.1"}
