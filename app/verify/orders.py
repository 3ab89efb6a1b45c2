"""Demands on the order of steps as bits: each is a machine of two states, driven by the steps of a case.

Bit clear means "unmet": for `Before` nothing needed has been done, for `After` something is owed, for
`NeverAfter` the forbidden time has begun. One integer holds all machines of a procedure, so that the proof and
the run-time monitor run the same ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..kernel.errors import Invalid
from .demands import After, Before, Demand, Never, NeverAfter, Tags, Wordings, matches
from .guards import ALWAYS, Guard, flow_condition


@dataclass(frozen=True, slots=True)
class Machine:
    """One demand of one rule. `undecided`: an attribute it speaks of is not declared, or its condition is
    outside what can be decided; it is then run with the condition taken to hold."""

    rule: str
    demand: Demand
    bit: int
    when: Guard = ALWAYS
    passed: Guard = ALWAYS
    undecided: bool = False


@dataclass(slots=True)
class Effects:
    """What a step does to the machines.

    checks: (bit, condition before the step): a violation if the bit is unmet and the condition holds.
    clear, meet: bits that become unmet, then met, whatever the values.
    judged: (bit, condition after the step, whether it meets the bit, whether failing clears it), in order.
    """

    checks: list[tuple[int, Guard]] = field(default_factory=list)
    clear: int = 0
    meet: int = 0
    judged: list[tuple[int, Guard, bool, bool]] = field(default_factory=list)

    @property
    def bits(self) -> int:
        """Every machine the step touches."""
        found = self.clear | self.meet
        for bit, _ in self.checks:
            found |= bit
        for bit, *_ in self.judged:
            found |= bit
        return found


class Orders:
    """All machines of a procedure.

    Attributes:
        machines: bit i is machine i.
        start: the bits that are met before the first step.
        owed: bits that must be met when the case ends.
    """

    def __init__(self, demands: Iterable[tuple[str, Demand]], names: frozenset[str]) -> None:
        self.machines: list[Machine] = []
        self.start = self.owed = 0
        for rule, demand in demands:
            bit = 1 << len(self.machines)
            when, sure = _worded(getattr(demand, "when", ()), names)
            passed, also = _worded(getattr(demand, "passed", ()), names)
            self.machines.append(Machine(rule, demand, bit, when, passed, not (sure and also)))
            if isinstance(demand, After | NeverAfter):
                self.start |= bit
            if isinstance(demand, After):
                self.owed |= bit
        self._effects: dict[str, Effects | None] = {}

    def guards(self) -> list[Guard]:
        """The conditions the machines look at."""
        return [guard for machine in self.machines for guard in (machine.when, machine.passed) if guard.names]

    def effects(self, step: str) -> Effects | None:
        """What a step of this tag does; None: nothing."""
        if step not in self._effects:
            found = self._compile(step)
            self._effects[step] = found if found.bits else None
        return self._effects[step]

    def _compile(self, step: str) -> Effects:
        found = Effects()
        for machine in self.machines:
            _add(found, machine, step)
        return found


def _add(found: Effects, machine: Machine, step: str) -> None:
    demand, bit = machine.demand, machine.bit

    def at(tags: Tags) -> bool:
        return matches(step, tags)

    if isinstance(demand, Before):
        if at(demand.target):
            found.checks.append((bit, machine.when))
        if at(demand.voids):
            found.clear |= bit
        if at(demand.needs):
            found.judged.append((bit, machine.passed, True, True))
    elif isinstance(demand, After):
        if at(demand.then):
            found.meet |= bit
        if at(demand.trigger):
            found.judged.append((bit, machine.when, False, False))
    elif isinstance(demand, NeverAfter):
        if at(demand.then):
            found.checks.append((bit, ALWAYS))
        if at(demand.voids):
            found.meet |= bit
        if at(demand.first):
            found.judged.append((bit, machine.when, False, False))
    elif isinstance(demand, Never) and at(demand.target):
        found.checks.append((bit, machine.when))


def _worded(wordings: Wordings, names: frozenset[str]) -> tuple[Guard, bool]:
    """The first wording whose attributes are all declared, and whether it can be decided."""
    if not wordings:
        return ALWAYS, True
    for text in wordings:
        try:
            guard = flow_condition(text)
        except Invalid:
            continue
        if guard.names <= names:
            return guard, guard.finite
    return ALWAYS, False


def advance(met: int, unmet: int, ops: Iterable[tuple[int, int, int]]) -> tuple[int, int, int]:
    """Possible states of all machines after a row of operations: (can be met, can be unmet, violated)."""
    violated = 0
    for check, clear, meet in ops:
        violated |= unmet & check
        unmet |= met & clear
        met &= ~clear
        met |= unmet & meet
        unmet &= ~meet
    return met, unmet, violated
