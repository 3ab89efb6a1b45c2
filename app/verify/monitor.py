"""The same demands along a live case.

What the proof decides for all cases the monitor watches in each: also after a return, a jump, a migration or a
correction, where no diagram was walked. Its state is the names of the demands that are met; it is kept with the
case, under the case's seal.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from .demands import After, Before, Demand, Never, NeverAfter, Tags, matches
from .findings import Severity
from .guards import Guard
from .orders import Orders
from .rules import RULES
from .rules.base import Rule
from .rules.steps import name as called

State = frozenset[str]
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that an act would break: its id and name, the statute, and in Chinese what is asked for."""

    rule: str
    name: str
    cite: str
    remedy: str = ""


class Monitor:
    """The blocking demands that apply to one procedure."""

    def __init__(self, rules: Iterable[Rule], names: frozenset[str]) -> None:
        own = [rule for rule in rules if rule.severity is Severity.BLOCK]
        self._rules = {rule.id: rule for rule in own}
        self._orders = Orders(((rule.id, demand) for rule in own for demand in rule.demands), names)
        counts: dict[str, int] = {}
        self._names: dict[int, str] = {}  # of the demands that have a state
        self._decided = 0
        for machine in self._orders.machines:
            counts[machine.rule] = counts.get(machine.rule, 0) + 1
            if not isinstance(machine.demand, Never):
                self._names[machine.bit] = f"{machine.rule}.{counts[machine.rule]}"
            if not machine.undecided:
                self._decided |= machine.bit  # what the procedure cannot express, its own gates must hold
        self._order = tuple(sorted(self._names.values()))
        self._known = frozenset(self._order)

    @property
    def watched(self) -> dict[str, int]:
        """Rule id -> how many of its demands the procedure can express; what it cannot, its own gates must hold."""
        counts: dict[str, int] = {}
        for machine in self._orders.machines:
            counts[machine.rule] = counts.get(machine.rule, 0) + (not machine.undecided)
        return counts

    def start(self) -> State:
        """Before the first step."""
        return self._told(self._orders.start)

    def text(self, state: State) -> str:
        """A state as it is kept: the names of the demands in order, those that are not met with a minus."""
        return " ".join(name if name in state else f"-{name}" for name in self._order)

    def read(self, text: str | None, passed: Collection[str], values: Values) -> State:
        """The state from its text; None: not kept yet.

        A demand the text does not know (another version, a newer release, a rule that has come into force) is
        restored from the steps passed; what it knows of other demands is forgotten.
        """
        known = (text or "").split()
        met = frozenset(known)
        new = self._known - met - {name[1:] for name in known if name[0] == "-"}
        if new:
            met |= self.restore(passed, values) & new
        return met & self._known

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
                over = any(matches(s, demand.voids) and not matches(s, demand.first) for s in passed)
                met |= 0 if begun and not over and _holds(machine.when, values) else machine.bit
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

    def account(
        self, state: State, ahead: Collection[str], values: Values
    ) -> list[tuple[Violation, bool | None]]:
        """Every rule with a demand that the procedure can express: whether all its demands are met so far (True), one
        of the steps `ahead` would break it as things stand (False), or neither (None: nothing has set it off, or it
        speaks of later steps)."""
        open_ = {name.rpartition(".")[0] for name in self._order if name not in state}
        wanting = {rule.rule for step in ahead for rule in self.step(state, step, values, values)[1]}
        bits = sum(m.bit for m in self._orders.machines if m.bit & self._decided and m.bit in self._names)
        return [
            (rule, rule.rule not in wanting if rule.rule not in open_ or rule.rule in wanting else None)
            for rule in self._violations(bits)
        ]

    def _violations(self, bits: int) -> list[Violation]:
        found: dict[str, Violation] = {}
        for machine in self._orders.machines:
            if machine.bit & bits and machine.rule not in found:
                rule = self._rules[machine.rule]
                found[rule.id] = Violation(rule.id, rule.name, rule.cite, remedy(machine.demand))
        return list(found.values())

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


def remedy(demand: Demand) -> str:
    """What a demand asks for, as a Chinese clause that says what to do."""
    if isinstance(demand, Before):
        well = "并得到法律要求的结果" if demand.passed else ""
        return f"应当先完成{_steps(demand.needs)}{well}，请先补办这一环节"
    if isinstance(demand, After):
        return f"还应当完成{_steps(demand.then)}，请先补办这一环节"
    if isinstance(demand, NeverAfter):
        unless = f"，除非先完成{_steps(demand.voids)}" if demand.voids else ""
        well = "（结果不符合要求）" if demand.when else ""
        return f"在{_steps(demand.first)}{well}之后不得再办理{unless}"
    return "按照案件目前的情况不得办理，请核对案件信息，确有变化的退回有关环节更正"


def _steps(tags: Tags) -> str:
    return "或者".join(f"“{called(tag)}”" for tag in tags[:3]) + ("等环节之一" if len(tags) > 3 else "")


def _holds(guard: Guard, values: Values) -> bool:
    """An answer that cannot be had counts as yes: the demand is then the stricter one."""
    try:
        return guard.holds(values)
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return True
