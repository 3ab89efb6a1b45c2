"""Statutory limits against the limits of the positions: does the longest way fit (S4-25)?

One token is followed from the step that starts a clock to a step that stops it; its longest way through the
limits of the tasks is the longest any case can take when every position keeps its own limit. Ways over a flow
with `xq:rounds` are rework: they are counted apart, at their declared number, and a loop without a number has
no bound. A limit in calendar days must hold in the worst calendar there was: fewer working days than the fewest
that any stretch of so many days held.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from .demands import matches
from .findings import Finding, Severity
from .net import Transition
from .states import Space
from .steps import Program

RULE = "G04"
_UNITS = {"wd": 1, "d": 1, "h": 24}
Point = tuple[int, int]
"""(state, place of the followed token); place 0: the clock has not started."""
GOAL: Point = (-1, 0)


@dataclass(frozen=True, slots=True)
class Budget:
    """One statutory limit and what the positions make of it. All in working days.

    Attributes:
        id, name: of the clock.
        days: working days the limit is good for in the worst calendar.
        longest: longest way without rework; None: no bound. 0 where no way leads from start to stop.
        rework: what declared rework can add at most; None: some loop has no declared number of rounds.
        chain: (element, days) along the longest way.
        loop: elements of a loop without bound.
        slack: element -> days that are left on the longest way through it.
    """

    id: str
    name: str
    days: int
    longest: int | None
    rework: int | None
    chain: tuple[tuple[str, int], ...] = ()
    loop: tuple[str, ...] = ()
    slack: Mapping[str, int] | None = None


@lru_cache(maxsize=1)
def fewest() -> tuple[int, ...]:
    """Fewest working days in any n days on end (2019–2026)."""
    data = resources.files("app.verify").joinpath("data/fewest_working_days.json").read_text(encoding="utf-8")
    return tuple(json.loads(data)["fewest"])


def working_days(limit: str) -> int | None:
    """The working days a limit is certainly good for: `90d` in the worst calendar; None if it is no limit."""
    read = _read(limit)
    if read is None:
        return None
    number, unit = read
    if unit == "d":
        table = fewest()
        # Beyond the table whole years are taken, each with the fewest days a year had.
        return table[number] if number < len(table) else number // 365 * table[365] + table[number % 365]
    return number if unit == "wd" else number // 24


def cost(limit: str) -> int:
    """The working days a task's limit can take at most; a started day counts whole."""
    read = _read(limit)
    if read is None:
        return 0
    number, unit = read
    return -(-number // _UNITS[unit])


def _read(limit: str) -> tuple[int, str] | None:
    number = limit.rstrip("wdh")
    unit = limit[len(number) :]
    return (int(number), unit) if number.isdigit() and unit in _UNITS else None


@dataclass(frozen=True, slots=True)
class _Declared:
    """What a budget is asked for: tags that start and stop it, tags that do not count, a limit."""

    id: str
    name: str
    days: int
    starts: tuple[str, ...]
    stops: tuple[str, ...]
    excluded: tuple[str, ...]
    basis: str
    limit: str


def declared(rules: Mapping[str, Any]) -> Iterator[_Declared]:
    """The limits an authority must keep, from the clocks of a rule set and its `budget`."""
    own = rules.get("budget") or ()
    own = [own] if isinstance(own, Mapping) else list(own)
    special = {entry.get("clock"): entry for entry in own if isinstance(entry, Mapping)}
    for clock in rules.get("clocks") or ():
        if not isinstance(clock, Mapping) or not (
            clock.get("id") and clock.get("starts") and clock.get("stops")
        ):
            continue  # the rule set's own checks name what is missing
        if clock.get("side", "authority") != "authority":
            continue
        entry = special.get(clock["id"], {})
        limit = str(clock.get("limit", ""))
        days = entry.get("working_days", working_days(limit))
        if days is None:
            continue
        yield _Declared(
            str(clock["id"]),
            str(clock.get("name", clock["id"])),
            int(days),
            _listed(entry.get("from") or clock["starts"]),
            _listed(entry.get("to") or clock["stops"]),
            _listed(entry.get("excluded")),
            str(clock.get("basis", "")),
            limit,
        )


def _listed(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def timing(space: Space) -> Iterator[Finding]:
    """Limits that the positions cannot keep, and loops without a bound."""
    if not space.complete:
        yield Finding(RULE, Severity.UNPROVEN, "状态过多，不能证明岗位时限之和不超过法定期限。")
        return
    for wanted in declared(space.program.subject.rules):
        budget = measure(space, wanted)
        yield from _judged(space.program, wanted, budget)


def budgets(space: Space) -> list[Budget]:
    """Every statutory limit with its longest way and the slack of each position."""
    return [measure(space, wanted) for wanted in declared(space.program.subject.rules)]


def _judged(program: Program, wanted: _Declared, budget: Budget) -> Iterator[Finding]:
    def named(element: str) -> str:
        node = program.find(element)
        return (node.name or node.id) if node is not None else element

    cite = f"岗位办理时限之和不得超过法定期限（S4-25）；{wanted.basis}"
    if budget.longest is None:
        yield Finding(
            RULE,
            Severity.BLOCK,
            f"“{wanted.name}”没有上限：“{'、'.join(named(e) for e in budget.loop)}”可以无限次重复。"
            "请在退回的连线上写明最多次数（轮次）。",
            cite,
            budget.loop,
        )
        return
    if budget.longest > wanted.days:
        way = "、".join(f"{named(e)} {d}" for e, d in budget.chain)
        yield Finding(
            RULE,
            Severity.BLOCK,
            f"“{wanted.name}”法定为 {_said(wanted.limit)}，最少只有 {wanted.days} 个工作日，而岗位时限之和最长为 "
            f"{budget.longest} 个工作日（{way}）。请缩短岗位时限。",
            cite,
            tuple(e for e, _ in budget.chain),
        )
    elif budget.rework is None or budget.longest + budget.rework > wanted.days:
        much = "没有上限" if budget.rework is None else f"最长为 {budget.longest + budget.rework} 个工作日"
        yield Finding(
            RULE,
            Severity.WARN,
            f"“{wanted.name}”最少有 {wanted.days} 个工作日，一次办成最长 {budget.longest} 个工作日，"
            f"把允许的退回次数用完则{much}。退回时请注意剩余期限。",
            cite,
            tuple(e for e, _ in budget.chain),
        )


def _said(limit: str) -> str:
    read = _read(limit)
    units = {"wd": "个工作日", "d": "日", "h": "小时"}
    return f"{read[0]} {units[read[1]]}" if read else limit


def measure(space: Space, wanted: _Declared) -> Budget:
    """Follow the token."""
    graph = _Graph(space, wanted)
    longest, chain, loop = graph.longest(rework=False)
    if longest is None:
        return Budget(wanted.id, wanted.name, wanted.days, None, None, loop=loop)
    return Budget(
        wanted.id,
        wanted.name,
        wanted.days,
        longest,
        graph.extra(),
        chain,
        (),
        {e: wanted.days - most for e, most in graph.through().items()},
    )


@dataclass(frozen=True, slots=True)
class _Arc:
    """A move of the token: where to, how many days, at which elements, over which rounds."""

    target: Point
    days: int
    at: tuple[tuple[str, int], ...]
    rounds: tuple[str, ...]


class _Graph:
    """Points of the followed token and the arcs between them."""

    def __init__(self, space: Space, wanted: _Declared) -> None:
        self.space, self.wanted, self.program = space, wanted, space.program
        subject = self.program.subject
        self.days: list[int] = []
        self.starts: list[bool] = []
        self.stops: list[bool] = []
        self.rounds: list[str] = []
        for k, transition in enumerate(self.program.transitions):
            node = self.program.node(k)
            step = subject.step(node) if node is not None and transition.passes else ""
            counted = bool(node) and transition.passes and not matches(step, wanted.excluded)
            self.days.append(cost(node.attributes.get("limit", "")) if node is not None and counted else 0)
            self.starts.append(matches(step, wanted.starts))
            self.stops.append(matches(step, wanted.stops))
            flows = [self.program.flow(f) for f in self.program.flows(k)]
            again = [f.id for f in flows if f is not None and f.attributes.get("rounds")]
            self.rounds.append(again[0] if again else "")
        self.arcs: dict[Point, list[_Arc]] = {}
        self._walk()

    def _walk(self) -> None:
        root: Point = (0, 0)
        todo, seen = [root], {root}
        while todo:
            point = todo.pop()
            found: dict[tuple[Point, tuple[str, ...]], _Arc] = {}
            state, place = point
            for edge in self.space.edges[state]:
                for arc in self._along(place, edge.fired, edge.target):
                    key = (arc.target, arc.rounds)
                    if key not in found or found[key].days < arc.days:
                        found[key] = arc
            self.arcs[point] = list(found.values())
            for arc in self.arcs[point]:
                if arc.target != GOAL and arc.target not in seen:
                    seen.add(arc.target)
                    todo.append(arc.target)

    def _along(self, place: int, fired: Sequence[int], state: int) -> Iterator[_Arc]:
        tokens: list[tuple[int, int, tuple[tuple[str, int], ...], tuple[str, ...]]] = [(place, 0, (), ())]
        for k in fired:
            transition, after = self.program.transitions[k], []
            for at, days, way, rounds in tokens:
                if at == 0:
                    after.append((0, days, way, rounds))
                    if self.starts[k]:
                        after += [(p, 0, (), ()) for p in _places(transition.post)]
                    continue
                if not self._moves(transition, at):
                    if not transition.clear & at:
                        after.append((at, days, way, rounds))
                    continue
                element, spent = transition.node, self.days[k]
                total, passed = days + spent, (*way, (element, spent)) if spent else way
                if self.stops[k]:
                    yield _Arc(GOAL, total, passed, rounds)
                    continue
                again = (*rounds, self.rounds[k]) if self.rounds[k] else rounds
                after += [(p, total, passed, again) for p in _places(transition.post)]
            tokens = after
        for at, days, way, rounds in tokens:
            yield _Arc((state, at), days, way, rounds)

    def _moves(self, transition: Transition, at: int) -> bool:
        if transition.join:
            return any(place == at for place, _ in self.program.net.joins[transition.join])
        return bool(transition.pre & at)

    def _allowed(self, rework: bool) -> dict[Point, list[_Arc]]:
        return {point: [arc for arc in arcs if rework or not arc.rounds] for point, arcs in self.arcs.items()}

    def longest(self, rework: bool) -> tuple[int | None, tuple[tuple[str, int], ...], tuple[str, ...]]:
        """(days, the way, a loop without bound)."""
        arcs = self._useful(self._allowed(rework))
        component = _component_of(arcs)
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

    def _useful(self, arcs: dict[Point, list[_Arc]]) -> dict[Point, list[_Arc]]:
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
        self, arcs: dict[Point, list[_Arc]], component: dict[Point, int]
    ) -> tuple[dict[Point, int], dict[Point, _Arc]]:
        """Longest way to the goal from every point; points of one loop (of no days) share theirs."""
        best: dict[int, int] = {component.get(GOAL, -1): 0}
        exit_: dict[int, tuple[Point, _Arc]] = {}
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
        arcs = self._allowed(rework=False)
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

    def _around(self, start: Point, flow: str, arcs: dict[Point, list[_Arc]]) -> int | None:
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
        arcs = self._useful(self._allowed(rework=False))
        component = _component_of(arcs)
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


def _component_of(arcs: Mapping[Point, Sequence[_Arc]]) -> dict[Point, int]:
    """Strongly connected components, numbered so that an arc never leads to a higher number."""
    from .traps import components

    graph = {point: [arc.target for arc in outgoing] for point, outgoing in arcs.items()}
    return {point: number for number, members in enumerate(components(graph)) for point in members}
