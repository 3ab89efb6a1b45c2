"""Counter-examples for people: the shortest way, and values of a real case that goes it.

A way found among regions is walked again with real values: every value a form could set is tried as far as the
conditions on the way look at it. A way that no values go was an artefact of what the search had forgotten, and
is no counter-example.
"""

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .branches import Group, Option
from .findings import Step
from .orders import Effects
from .regions import shown
from .space import Edge, Space
from .steps import Program

MOST = 20_000
"""Cases tried on one way."""


@dataclass(slots=True)
class _Case:
    """Values on the way; `met`: the state of the machine that is looked at."""

    values: dict[str, Any]
    met: bool
    before: "_Case | None" = None
    wrote: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A counter-example: the way, the values that make it happen, and whether some real case goes it.

    `real` is None where too many combinations would have to be tried.
    """

    trace: tuple[Step, ...]
    values: Mapping[str, Any]
    real: bool | None


def fired(edges: Iterable[Edge]) -> list[int]:
    """The transitions of a way."""
    return [k for edge in edges for k in edge.fired]


def tell(
    program: Program,
    way: Sequence[int],
    bit: int = 0,
    owed: bool = False,
    then: Mapping[str, int] | None = None,
    beyond: Sequence[int] = (),
) -> Told:
    """A way with values.

    Args:
        program: the program the way was found in.
        way: transitions in order.
        bit: the machine that must be violated by the last step (0: none).
        owed: instead, the machine must be unmet at the end.
        then: attribute -> the region (code) it must lie in at the end.
        beyond: transitions that are told after the end without asking for values.
    """
    end = _Walk(program, way, bit, owed, then or {}).run()
    whole = [*way, *beyond]
    if not isinstance(end, _Case):
        return Told(_trace(program, whole, {}), {}, end)
    wrote, case = [], end
    while case.before is not None:
        wrote.append(case.wrote or {})
        case = case.before
    sets = dict(enumerate(reversed(wrote)))
    return Told(_trace(program, whole, sets), _telling(program, end.values), True)


def walkable(program: Program, way: Sequence[int]) -> bool | None:
    """Whether some real case goes a way; None: too many combinations would have to be tried."""
    end = _Walk(program, way, 0, False, {}).run()
    return True if isinstance(end, _Case) else end


class _Walk:
    """Goes a way with one case after the other, depth first; of cases that would go on alike only one."""

    def __init__(
        self, program: Program, way: Sequence[int], bit: int, owed: bool, then: Mapping[str, int]
    ) -> None:
        self.program, self.way, self.bit, self.owed, self.then = program, way, bit, owed, then
        self.needed = _needed(program, way, bit, then)
        self.groups = program.grouping.of
        self.writes = [
            [
                (n, values, s)
                for n, values, s in program.written(k)
                if n in self.needed[i + 1] or n in self._judged(k)
            ]
            for i, k in enumerate(way)
        ]
        self._leave_out()

    def _leave_out(self) -> None:
        """Of what is written, the values with which no condition on the rest of the way can have its answer."""
        program, regions = self.program, self.program.regions
        good: dict[str, frozenset[Any]] = {}
        for name, code in self.then.items():
            if name not in regions.support:
                good[name] = frozenset(v for v in regions.values[name] if regions.region(name, v) == code)
        for i in range(len(self.way) - 1, -1, -1):
            k = self.way[i]
            self.writes[i] = [
                (name, tuple(v for v in values if v in good[name]) if name in good else values, sticky)
                for name, values, sticky in self.writes[i]
            ]
            for name, _, _ in program.written(k):
                good.pop(name, None)
            if self.groups[k].sole >= 0:
                continue
            option = _option(self.groups[k], k)
            for guards, truth in ((option.holds, True), (option.fails, False)):
                for guard in guards:
                    for name, values in regions.admitted(guard, truth).items():
                        good[name] = good.get(name, values) & values

    def _judged(self, k: int) -> set[str]:
        """What is looked at right after a transition has written."""
        effects, support = self.program.effects(k), self.program.regions.support
        judged = effects.judged if effects is not None and self.bit else []
        names = {n for bit, guard, *_ in judged if bit == self.bit for n in guard.names}
        return names.union(*(support.get(name, frozenset()) for name in names))

    def run(self) -> _Case | bool | None:
        """The case at the end; False: none gets there; None: too many were tried."""
        met = bool(self.program.orders.start & self.bit)
        begin = (_Case(self.program.regions.derive(values), met) for values in self._starts())
        todo: list[Iterator[_Case]] = [begin]  # what may still be tried at each position
        seen: set[tuple[Any, ...]] = set()
        tried = 0
        while todo:
            case = next(todo[-1], None)
            if case is None:
                todo.pop()
                continue
            position = len(todo) - 1
            key = (position, case.met, *(case.values[name] for name in self.needed[position]))
            if key in seen:
                continue
            seen.add(key)
            if position == len(self.way):
                if self._arrived(case):
                    return case
                continue
            tried += 1
            if tried > MOST:
                return None
            todo.append(self._go(position, case))
        return False

    def _starts(self) -> Iterator[dict[str, Any]]:
        """The values before anybody has done anything: defaults, and each that the agency may have set."""
        start = {name: self.program.regions.default(name) for name in self.needed[0]}
        declared = self.program.subject.attributes
        given = [name for name in start if name in declared and declared[name].given]
        for values in itertools.product((False, True), repeat=len(given)):
            yield {**start, **dict(zip(given, values, strict=True))}

    def _arrived(self, case: _Case) -> bool:
        if self.bit and self.owed and case.met:
            return False
        region = self.program.regions.region
        return all(region(name, case.values[name]) == code for name, code in self.then.items())

    def _go(self, position: int, case: _Case) -> Iterator[_Case]:
        k, bit = self.way[position], self.bit
        if not _taken(self.groups[k], k, case.values):
            return
        effects = self.program.effects(k)
        last = position == len(self.way) - 1 and not self.owed
        if bit and last and not _violates(effects, bit, case):
            return
        for wrote in _combinations(case.values, self.writes[position]):
            values = self.program.regions.derive({**case.values, **wrote}) if wrote else case.values
            met = _after(effects, bit, case.met, values) if effects is not None and bit else case.met
            yield _Case(values, met, case, wrote)


def _telling(program: Program, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values worth telling: those that differ from a case on which nothing was written."""
    return {
        name: value
        for name, value in shown(values).items()
        if name in program.subject.attributes and value != program.regions.default(name)
    }


def _needed(program: Program, way: Sequence[int], bit: int, then: Iterable[str]) -> list[tuple[str, ...]]:
    """The attributes that decide about the rest of a way, from each of its positions on and at its end."""
    groups, regions = program.grouping.of, program.regions
    names = set(then)
    found: list[tuple[str, ...]] = []

    def note() -> None:
        closed = names.union(*(regions.support.get(name, frozenset()) for name in names))
        found.append(tuple(name for name in regions.names if name in closed))

    note()
    for k in reversed(way):
        names.update(groups[k].names)
        effects = program.effects(k)
        if effects is not None and bit:
            names |= {n for b, guard in effects.checks if b == bit for n in guard.names}
            names |= {n for b, guard, *_ in effects.judged if b == bit for n in guard.names}
        note()
    return found[::-1]


def _option(group: Group, k: int) -> Option:
    return next(option for option in group.options if option.transition == k)


def _taken(group: Group, k: int, values: Mapping[str, Any]) -> bool:
    if group.sole >= 0:
        return True
    option = _option(group, k)
    return all(not g.finite or g.holds(values) for g in option.holds) and not any(
        g.finite and g.holds(values) for g in option.fails
    )


def _combinations(
    values: Mapping[str, Any], writes: Sequence[tuple[str, tuple[Any, ...], bool]]
) -> Iterator[dict[str, Any]]:
    names = [name for name, _, _ in writes]
    given = [(values[name],) if sticky and values[name] else options for name, options, sticky in writes]
    return (dict(zip(names, chosen, strict=True)) for chosen in itertools.product(*given))


def _violates(effects: Effects | None, bit: int, case: _Case) -> bool:
    if effects is None or case.met:
        return False
    return any(b == bit and (not g.finite or g.holds(case.values)) for b, g in effects.checks)


def _after(effects: Effects, bit: int, met: bool, values: Mapping[str, Any]) -> bool:
    if effects.clear & bit:
        met = False
    if effects.meet & bit:
        met = True
    for b, guard, meets, clears in effects.judged:
        if b == bit:
            if not guard.finite or guard.holds(values):
                met = meets
            elif clears:
                met = False
    return met


def _trace(program: Program, way: Sequence[int], sets: Mapping[int, Mapping[str, Any]]) -> tuple[Step, ...]:
    steps = []
    for position, k in enumerate(way):
        transition = program.transitions[k]
        if not transition.passes:
            continue
        node = program.node(k)
        flows = program.flows(k)
        steps.append(
            Step(
                transition.node,
                node.name if node is not None else "",
                flows[0] if flows else "",
                shown(sets.get(position, {})),
            )
        )
    return tuple(steps)


def shortest(
    space: Space, bit: int, start: bool, owed: bool, until: Callable[[int], bool]
) -> list[Edge] | None:
    """A shortest way on which a machine is violated.

    Args:
        space: the states.
        bit: the machine.
        start: whether it is met at first.
        owed: violated by ending unmet (in a state for which `until` holds) instead of by a check.
    """
    origin: dict[tuple[int, bool], tuple[tuple[int, bool], Edge] | None] = {(0, start): None}
    todo = deque(origin)
    while todo:
        here = todo.popleft()
        state, met = here
        if owed and not met and until(state):
            return _back(origin, here)
        for edge in space.edges[state]:
            now, hit = met, False
            for check, clear, meet in edge.ops:
                if check & bit and not now:
                    hit = True
                    break
                now = (now and not clear & bit) or bool(meet & bit)
            if hit and not owed:
                return [*_back(origin, here), edge]
            there = (edge.target, now)
            if there not in origin:
                origin[there] = (here, edge)
                todo.append(there)
    return None


def _back(
    origin: Mapping[tuple[int, bool], tuple[tuple[int, bool], Edge] | None], here: tuple[int, bool]
) -> list[Edge]:
    way = []
    step = origin[here]
    while step is not None:
        here, edge = step
        way.append(edge)
        step = origin[here]
    return way[::-1]
