"""The ways of one token through the states, with the days they take.

A way over a flow with `xq:rounds` is rework and is told apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from .components import components
from .demands import matches
from .limits import cost
from .space import Space
from .tokens import Kind, Transition

Point = tuple[int, int]
"""(state, place of the followed token); place 0: the clock has not started."""
GOAL: Point = (-1, 0)


@dataclass(frozen=True, slots=True)
class Declared:
    """What a budget is asked for: tags that start and stop it, tags that do not count, a limit."""

    id: str
    name: str
    days: int
    starts: tuple[str, ...]
    stops: tuple[str, ...]
    excluded: tuple[str, ...]
    basis: str
    limit: str


Passed = tuple[tuple[str, int], ...]
"""Elements with the days they take."""
Rounds = tuple[str, ...]
_Carried = tuple[int | None, int, Passed, Rounds]
"""Where a token is carried: the place, None at the goal; the days; at which elements; over which rounds."""


class Arc(NamedTuple):
    """A move of the token: where to, how many days, at which elements, over which rounds."""

    target: Point
    days: int
    at: Passed
    rounds: Rounds


class Graph:
    """Points of the followed token and the arcs between them."""

    def __init__(self, space: Space, wanted: Declared) -> None:
        self.space, self.wanted, self.program = space, wanted, space.program
        subject = self.program.subject
        self.days: list[int] = []
        self.starts: list[bool] = []
        self.stops: list[bool] = []
        self.rounds: list[str] = []
        program = self.program
        judged: dict[str, tuple[bool, bool, bool]] = {}
        for k, transition in enumerate(program.transitions):
            node = program.node(k) if transition.passes else None
            step = subject.step(node) if node is not None else ""
            if step not in judged:
                tags = (wanted.excluded, wanted.starts, wanted.stops)
                excluded, starts, stops = (matches(step, each) for each in tags)
                judged[step] = (excluded, starts, stops)
            excluded, starts, stops = judged[step]
            counted = node is not None and not excluded
            self.days.append(cost(node.attributes.get("limit", "")) if node is not None and counted else 0)
            self.starts.append(starts)
            self.stops.append(stops)
            self.rounds.append(program.rounds(k))
        self.arcs: dict[Point, list[Arc]] = {}
        self._walk()
        self._once = {point: [arc for arc in arcs if not arc.rounds] for point, arcs in self.arcs.items()}
        """Without rework."""

    def _walk(self) -> None:
        root: Point = (0, 0)
        todo, seen = [root], {root}
        along: dict[tuple[int, Sequence[int]], list[_Carried]] = {}
        while todo:
            point = todo.pop()
            found: dict[tuple[Point, Rounds], Arc] = {}
            state, place = point
            for edge in self.space.edges[state]:
                key = (place, edge.fired)
                if key not in along:
                    along[key] = list(self._along(place, edge.fired))
                for at, days, way, rounds in along[key]:
                    target = GOAL if at is None else (edge.target, at)
                    best = found.get((target, rounds))
                    if best is None or best.days < days:
                        found[target, rounds] = Arc(target, days, way, rounds)
            self.arcs[point] = list(found.values())
            for arc in self.arcs[point]:
                if arc.target != GOAL and arc.target not in seen:
                    seen.add(arc.target)
                    todo.append(arc.target)

    def _along(self, place: int, fired: Sequence[int]) -> Iterator[_Carried]:
        """Where a move carries the token from a place."""
        tokens: list[tuple[int, int, Passed, Rounds]] = [(place, 0, (), ())]
        for k in fired:
            transition, after = self.program.transitions[k], []
            for at, days, way, rounds in tokens:
                if at == 0:
                    after.append((0, days, way, rounds))
                    if self.starts[k]:
                        places = transition.into or transition.post | transition.home
                        after += [(p, 0, (), ()) for p in _places(places)]
                    continue
                moves = self._moves(transition, at)
                if not moves and not transition.clear & at:
                    after.append((at, days, way, rounds))
                    continue
                if not moves and transition.kind is not Kind.EVENT and not transition.home:
                    continue  # what only waited for an activity to end
                # What an event breaks off, or an end inside, goes on from there with the time it has taken.
                element, spent = transition.node, self.days[k] if moves else 0
                total, passed = days + spent, (*way, (element, spent)) if spent else way
                if self.stops[k]:
                    yield None, total, passed, rounds
                    continue
                again = (*rounds, self.rounds[k]) if self.rounds[k] else rounds
                # What ends inside an activity has taken its time: the token that waits there goes on with it.
                places = transition.into or transition.post | transition.home
                after += [(p, total, passed, again) for p in _places(places)]
            tokens = after
        yield from tokens

    def _moves(self, transition: Transition, at: int) -> bool:
        if transition.join:
            return any(place == at for place, _ in self.program.net.joins[transition.join])
        return bool(transition.pre & at)

    @cached_property
    def _straight(self) -> tuple[dict[Point, list[Arc]], dict[Point, int]]:
        """What can come to the goal without rework, and the loops in it."""
        arcs = self._useful(self._once)
        return arcs, _component_of(arcs)

    def longest(self) -> tuple[int | None, tuple[tuple[str, int], ...], tuple[str, ...]]:
        """(days, the way, a loop without bound), without rework."""
        arcs, component = self._straight
        loop = sorted(
            {
                element
                for point, outgoing in arcs.items()
                for arc in outgoing
                if arc.days and component.get(arc.target) == component[point]
                for element, _ in arc.at
            }
        )
        if loop:
            return None, (), tuple(loop)
        best, via = self._best(arcs, component)
        chain: list[tuple[str, int]] = []
        here: Point | None = (0, 0)
        seen: set[Point] = set()
        while here is not None and here != GOAL:
            if here in seen:
                break
            seen.add(here)
            arc = via.get(here)
            if arc is None:
                break
            chain += arc.at
            here = arc.target
        return max(best.get((0, 0), 0), 0), tuple(chain), ()

    def _useful(self, arcs: dict[Point, list[Arc]]) -> dict[Point, list[Arc]]:
        """Only what can still come to the goal."""
        before: dict[Point, list[Point]] = {}
        for point, outgoing in arcs.items():
            for arc in outgoing:
                before.setdefault(arc.target, []).append(point)
        good, todo = {GOAL}, [GOAL]
        while todo:
            for point in before.get(todo.pop(), ()):
                if point not in good:
                    good.add(point)
                    todo.append(point)
        return {
            point: [arc for arc in outgoing if arc.target in good]
            for point, outgoing in arcs.items()
            if point in good
        }

    def _best(
        self, arcs: dict[Point, list[Arc]], component: dict[Point, int]
    ) -> tuple[dict[Point, int], dict[Point, Arc]]:
        """Longest way to the goal from every point; points of one loop (of no days) share theirs."""
        best: dict[int, int] = {component.get(GOAL, -1): 0}
        exit_: dict[int, tuple[Point, Arc]] = {}
        members: dict[int, list[Point]] = {}
        for point in arcs:
            members.setdefault(component[point], []).append(point)
        for number in sorted(members):  # components are numbered sinks first
            top = -1
            for point in members[number]:
                for arc in arcs[point]:
                    other = component.get(arc.target, -1)
                    if other != number and other in best and best[other] + arc.days > top:
                        top = best[other] + arc.days
                        exit_[number] = (point, arc)
            if top >= 0:
                best[number] = top
        via = {point: exit_[n][1] for n, points in members.items() if n in exit_ for point in points}
        return {p: best[n] for n, points in members.items() if n in best for p in points}, via

    def extra(self) -> int | None:
        """Days that declared rework can add at most: for each such flow its rounds, times the longest way from
        where it leads to back to where it begins. None: a loop has no declared number."""
        arcs = self._once
        total = 0
        seen: dict[str, int] = {}
        for outgoing in self.arcs.values():
            for arc in outgoing:
                for flow in arc.rounds:
                    if arc.target == GOAL:
                        continue
                    back = self._around(arc.target, flow, arcs)
                    if back is None:
                        return None
                    seen[flow] = max(seen.get(flow, 0), back + arc.days)
        for flow, days in seen.items():
            found = self.program.flow(flow)
            number = found.attributes.get("rounds", "1") if found is not None else "1"
            total += days * (int(number) if number.isdigit() else 1)
        return total

    def _around(self, start: Point, flow: str, arcs: dict[Point, list[Arc]]) -> int | None:
        """The longest way from a point to any arc over the flow."""
        best, todo, steps = {start: 0}, [start], 0
        most = 0
        while todo:
            steps += 1
            if steps > 50_000:
                return None
            point = todo.pop()
            for arc in self.arcs.get(point, ()):
                if flow in arc.rounds:
                    most = max(most, best[point])
            for arc in arcs.get(point, ()):
                days = best[point] + arc.days
                if arc.target != GOAL and days > best.get(arc.target, -1):
                    best[arc.target] = days
                    todo.append(arc.target)
        return most

    def through(self) -> dict[str, int]:
        """Element -> the longest way from start to goal that passes it."""
        arcs, component = self._straight
        down, _ = self._best(arcs, component)
        up: dict[Point, int] = {(0, 0): 0}
        for point in sorted(arcs, key=lambda p: -component[p]):
            for arc in arcs[point]:
                up[arc.target] = max(up.get(arc.target, 0), up.get(point, 0) + arc.days)
        found: dict[str, int] = {}
        for point, outgoing in arcs.items():
            for arc in outgoing:
                total = up.get(point, 0) + arc.days + (0 if arc.target == GOAL else down.get(arc.target, 0))
                for element, _ in arc.at:
                    found[element] = max(found.get(element, 0), total)
        return found


def _places(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low
        mask ^= low


def _component_of(arcs: Mapping[Point, Sequence[Arc]]) -> dict[Point, int]:
    """Strongly connected components, numbered so that an arc never leads to a higher number."""
    graph = {point: [arc.target for arc in outgoing] for point, outgoing in arcs.items()}
    return {point: number for number, members in enumerate(components(graph)) for point in members}
