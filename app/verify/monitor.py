"""The same demands along a live case.

What the proof decides for all cases the monitor watches in each: also after a return, a jump, a migration or a
correction, where no diagram was walked. Its state is the names of the demands that are met; it is kept with the
case, under the case's seal.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from .demands import After, Before, NeverAfter, matches
from .findings import Severity
from .guards import Guard
from .orders import Machine, Orders
from .rules import RULES
from .rules.base import Rule

State = frozenset[str]
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that an act would break: its id and name, and the statute."""

    rule: str
    name: str
    cite: str


class Monitor:
    """The blocking demands that apply to one procedure."""

    def __init__(self, rules: Iterable[Rule], names: frozenset[str]) -> None:
        own = [rule for rule in rules if rule.severity is Severity.BLOCK]
        self._rules = {rule.id: rule for rule in own}
        self._orders = Orders(((rule.id, demand) for rule in own for demand in rule.demands), names)
        counts: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._decided = 0
        for machine in self._orders.machines:
            counts[machine.rule] = counts.get(machine.rule, 0) + 1
            self._names[machine.bit] = f"{machine.rule}.{counts[machine.rule]}"
            if not machine.undecided:
                self._decided |= machine.bit  # what the procedure cannot express, its own gates must hold

    def start(self) -> State:
        """Before the first step."""
        return self._told(self._orders.start)

    def restore(self, passed: Collection[str], values: Values) -> State:
        """The state of a case of which only the steps passed (and not voided since) are known.

        What may have been met counts as met: the run-time gates have held all along.
        """
        met = 0
        for machine in self._orders.machines:
            demand = machine.demand
            if isinstance(demand, Before):
                done = any(matches(step, demand.needs) for step in passed)
                met |= machine.bit if done and _holds(machine.passed, values) else 0
            elif isinstance(demand, After):
                begun = any(matches(step, demand.trigger) for step in passed)
                done = any(matches(step, demand.then) for step in passed)
                met |= machine.bit if done or not begun or not _holds(machine.when, values) else 0
            elif isinstance(demand, NeverAfter):
                begun = any(matches(step, demand.first) for step in passed)
                met |= 0 if begun and _holds(machine.when, values) else machine.bit
        return self._told(met)

    def step(self, state: State, step: str, before: Values, after: Values) -> tuple[State, list[Violation]]:
        """The state after a legal step, and what it violates.

        Args:
            state: the state before.
            step: the step's tag.
            before, after: the case's attributes, derived ones included, before and after it.
        """
        effects = self._orders.effects(step)
        if effects is None:
            return state, []
        met = self._read(state)
        broken = 0
        for bit, guard in effects.checks:
            if bit & self._decided and not met & bit and _holds(guard, before):
                broken |= bit
        met = met & ~effects.clear | effects.meet
        for bit, guard, meets, clears in effects.judged:
            if _holds(guard, after):
                met = met | bit if meets else met & ~bit
            elif clears:
                met &= ~bit
        return self._told(met), self._violations(broken)

    def end(self, state: State) -> list[Violation]:
        """What is still owed when the case is about to end."""
        return self._violations(self._orders.owed & self._decided & ~self._read(state))

    def _violations(self, bits: int) -> list[Violation]:
        found: Sequence[Machine] = [m for m in self._orders.machines if m.bit & bits]
        rules = [self._rules[id_] for id_ in dict.fromkeys(machine.rule for machine in found)]
        return [Violation(rule.id, rule.name, rule.cite) for rule in rules]

    def _told(self, met: int) -> State:
        return frozenset(name for bit, name in self._names.items() if met & bit)

    def _read(self, state: State) -> int:
        met = 0
        for bit, name in self._names.items():
            if name in state:
                met |= bit
        return met


def compiled(scope: str, steps: Collection[str], names: frozenset[str], today: date | None = None) -> Monitor:
    """The monitor of a procedure.

    Args:
        scope: which rules apply.
        steps: its legal steps.
        names: the attributes it declares, derived ones included.
        today: the day on which rules must be in force; None: all of them.
    """
    return Monitor([rule for rule in RULES if rule.in_force(today) and rule.covers(scope, steps)], names)


def _holds(guard: Guard, values: Values) -> bool:
    """An answer that cannot be had counts as yes: the demand is then the stricter one."""
    try:
        return guard.holds(values)
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return True
