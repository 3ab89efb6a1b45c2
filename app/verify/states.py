"""The states a case can come to: markings at rest, with what is known of the attributes.

One move is what a person does or what occurs (a task completed, a message, a period's end), followed by all
that the diagram does by itself, as in the engine's one transaction. Values are settled when a condition asks
for them and forgotten when none will ask again, so that the number of states stays small. Of moves that
nothing else can touch only one is followed (partial-order reduction): whatever could be found on another
order of them is found on this one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from .branches import Group
from .net import Net
from .reach import Reach
from .regions import UNWRITTEN
from .steps import Program
from .tokens import bits

LIMIT = 60_000
REDUCING = 2_000
"""Transitions looked at for the reduction, per state of the limit; beyond, every order is followed."""
BEHIND = 500
"""States still looked at once a second token was found."""
RESTLESS = 2_000
"""Moves of the diagram by itself within one step; beyond, it never comes to rest."""

Op = tuple[int, int, int]
Move = tuple[int, tuple[int, ...], tuple[Op, ...]]
"""The state it leads to, the transitions fired, the operations on the demands."""
Way = tuple[int, int, tuple[Op, ...]]


@dataclass(slots=True)
class Edge:
    """A move: the state it leads to, the transitions fired on the way, what it did to the demands."""

    target: int
    fired: tuple[int, ...]
    ops: tuple[Op, ...] = ()


@dataclass(slots=True)
class Accident:
    """Something that goes wrong within a move: from which state, after which transitions, with what known."""

    state: int
    fired: tuple[int, ...]
    data: int
    element: str
    detail: str = ""


@dataclass(slots=True)
class Space:
    """The explored states.

    Attributes:
        order: state index -> marking | data << places.
        edges: state index -> the moves from it.
        parent: state index -> (state before, move), None at the start.
        complete: whether everything was explored.
        accidents: kind (`twice`, `gap`, `overlap`, `unset`, `restless`) -> element -> the first one found.
        fired: transitions that fired somewhere.
        cut: states from which some way was not followed further, because of an accident on it.
    """

    net: Net
    program: Program
    order: list[int] = field(default_factory=list)
    edges: list[list[Edge]] = field(default_factory=list)
    parent: list[tuple[int, Edge] | None] = field(default_factory=list)
    complete: bool = True
    accidents: dict[str, dict[str, Accident]] = field(default_factory=dict)
    fired: set[int] = field(default_factory=set)
    cut: set[int] = field(default_factory=set)

    def marking(self, state: int) -> int:
        """The marked places of a state."""
        return self.order[state] & self.program.places

    def data(self, state: int) -> int:
        """What is known of the attributes in a state."""
        return self.order[state] >> self.program.width

    def stuck(self) -> Iterator[int]:
        """States with tokens and without a move, that no accident explains."""
        return (
            i for i, edges in enumerate(self.edges) if not edges and self.marking(i) and i not in self.cut
        )

    def finished(self) -> Iterator[int]:
        """States without tokens: the case has ended."""
        return (i for i in range(len(self.order)) if not self.marking(i))

    def way(self, state: int) -> list[Edge]:
        """The moves of a shortest way to a state."""
        found = []
        step = self.parent[state]
        while step is not None:
            state, edge = step
            found.append(edge)
            step = self.parent[state]
        return found[::-1]


class Explorer:
    """Walks through the states of a program, breadth first."""

    def __init__(self, program: Program, limit: int = LIMIT, reduced: bool = True) -> None:
        self.program = program
        self.limit = limit
        self.reduced = reduced
        self.space = Space(program.net, program)
        self._reach = Reach(program, limit * REDUCING)
        self._doubled = False

    def run(self) -> Space:
        """Explore until nothing is new or the limit is reached."""
        space, program = self.space, self.program
        width = program.width
        index: dict[int, int] = {}
        starts = [
            (marking | program.forget(marking, data) << width, fired, ops)
            for marking, data, fired, ops in self._settle(0, program.net.initial, program.start(), (), ())
        ]
        # The start is a state of its own, so that the way to a first state is told like any other.
        space.order.append(program.net.initial)
        space.parent.append(None)
        index[program.net.initial] = 0
        space.edges.append(self._arrive(0, starts, index))
        i = 1
        while i < len(space.order):
            if len(space.order) > self.limit:
                space.complete = False
                space.edges += [[] for _ in range(len(space.order) - len(space.edges))]
                break
            space.edges.append(self._arrive(i, self._moves(i, index), index))
            i += 1
        return space

    def _arrive(self, i: int, found: list[Move], index: dict[int, int]) -> list[Edge]:
        space, edges, seen = self.space, [], set()
        for state, fired, ops in found:
            j = index.get(state)
            if j is None:
                j = index[state] = len(space.order)
                space.order.append(state)
                edge = Edge(j, fired, ops)
                space.parent.append((i, edge))
            elif (j, fired, ops) in seen:
                continue
            else:
                edge = Edge(j, fired, ops)
            seen.add((j, fired, ops))
            edges.append(edge)
        return edges

    def _moves(self, i: int, index: dict[int, int]) -> list[Move]:
        program = self.program
        state = self.space.order[i]
        marking, data = state & program.places, state >> program.width
        enabled = program.enabled(marking)
        found: list[Move] = []
        done: set[int] = set()
        for group in enabled:
            if id(group) in done:
                continue
            # What excludes one another (a message or a period's end, a task or its boundary event) goes together.
            cluster = [g for g in enabled if g is group or g.pre & group.pre]
            own: list[Move] = []
            for one in cluster:
                if id(one) not in done:
                    done.add(id(one))
                    own += self._of(i, one, marking, data)
            movable = self.reduced and len(cluster) < len(enabled) and own
            if movable and self._alone(cluster, marking, own, index):
                return own
            found += own
        return found

    def moves_from(self, marking: int, data: int) -> list[tuple[int, int, tuple[int, ...]]]:
        """Every move from a marking at rest, or from the start: (marking, values known, transitions fired)."""
        if marking == self.program.net.initial:
            return [(m, d, fired) for m, d, fired, _ in self._settle(0, marking, data, (), ())]
        found = []
        for group in self.program.enabled(marking):
            for m, d, fired, ops in self._fire(0, group, group.pre, marking, data, (), ()):
                found += [(m2, d2, f2) for m2, d2, f2, _ in self._settle(0, m, d, fired, ops)]
        return found

    def _of(self, i: int, group: Group, marking: int, data: int) -> list[Move]:
        program, own = self.program, []
        for m, d, fired, ops in self._fire(i, group, group.pre, marking, data, (), ()):
            for m2, d2, fired2, ops2 in self._settle(i, m, d, fired, ops):
                own.append((m2 | program.forget(m2, d2) << program.width, fired2, ops2))
        return own

    def _alone(self, cluster: list[Group], marking: int, own: list[Move], index: dict[int, int]) -> bool:
        """Whether nothing that the other tokens can ever do before these moves touches what they touch."""
        if all(state in index for state, _, _ in own):
            return False  # else a loop could put the others off for ever
        program = self.program
        pre = 0
        for group in cluster:
            pre |= group.pre
        if any(g not in cluster for place in bits(pre) for g in program.takers[place]):
            return False
        touched, reads, writes, seen = pre, 0, 0, 0
        for _, fired, _ in own:
            for k in fired:
                footprint = program.footprints[k]
                touched |= footprint.places
                reads |= footprint.reads
                writes |= footprint.writes
                seen |= footprint.demands
        places, others_read, others_write, others_seen = self._reach.of(marking & ~pre)
        return not (
            places & touched or others_read & writes or others_write & (reads | writes) or others_seen & seen
        )

    def _settle(
        self, i: int, marking: int, data: int, fired: tuple[int, ...], ops: tuple[Op, ...]
    ) -> list[tuple[int, int, tuple[int, ...], tuple[Op, ...]]]:
        """Everything the diagram does by itself, in every way the values allow."""
        program, done = self.program, []
        todo = [(marking, data, fired, ops)]
        seen = {(marking, data, ops)}
        links: list[tuple[Way, Way]] = []
        rested: set[Way] = set()
        again = False
        while todo:
            marking, data, fired, ops = todo.pop()
            here = (marking, data, ops)
            able = program.automatic(marking)
            if not able:
                done.append((marking, data, fired, ops))
                rested.add(here)
                continue
            if len(fired) > RESTLESS:  # each round does something to the demands, so no state comes back
                self._accident("restless", i, fired[:40], data, able[0][0].node)
                continue
            if len(seen) > self.limit:  # too many orders of what happens at once
                self.space.complete = again = False
                break
            if len(able) > 1:
                able = self._first(able, marking)
            if len(seen) > self.limit:
                self.space.complete = False
                break
            following = [
                one
                for group, consumed in able
                for one in self._fire(i, group, consumed, marking, data, fired, ops)
            ]
            if not following:
                rested.add(here)  # an accident says why
            for one in following:
                there = (one[0], one[1], one[3])
                links.append((here, there))
                if there in seen:
                    again = True
                else:
                    seen.add(there)
                    todo.append(one)
        if again:
            self._rest(i, fired, seen, rested, links)
        done.reverse()
        return done

    def _first(self, able: list[tuple[Group, int]], marking: int) -> list[tuple[Group, int]]:
        """Of several things the diagram can do by itself one that the others can never touch; else all, so that
        every order is tried."""
        for group, consumed in able:
            touched = reads = writes = seen = 0
            for option in group.options:
                footprint = self.program.footprints[option.index]
                touched |= footprint.places
                reads |= footprint.reads
                writes |= footprint.writes
                seen |= footprint.demands
            places, others_read, others_write, others_seen = self._reach.of(marking & ~consumed)
            if not (
                places & touched
                or others_read & writes
                or others_write & (reads | writes)
                or others_seen & seen
            ):
                return [(group, consumed)]
        return able

    def _rest(
        self, i: int, fired: tuple[int, ...], seen: set[Way], rested: set[Way], links: list[tuple[Way, Way]]
    ) -> None:
        """Report ways on which the diagram runs on by itself for ever."""
        good, changed = set(rested), True
        while changed:
            before = len(good)
            good.update(here for here, there in links if there in good)
            changed = len(good) > before
        for marking, data, _ in seen - good:
            for group, _ in self.program.automatic(marking)[:1]:
                self._accident("restless", i, fired, data, group.node)
                return

    def _fire(
        self,
        i: int,
        group: Group,
        consumed: int,
        marking: int,
        data: int,
        fired: tuple[int, ...],
        ops: tuple[Op, ...],
    ) -> list[tuple[int, int, tuple[int, ...], tuple[Op, ...]]]:
        program, after = self.program, []
        if group.names:
            for name in group.direct:
                if program.regions.get(data, name) == UNWRITTEN:
                    self._accident("unset", i, fired, data, group.node, name)
            ways = program.regions.settle(data, group.names)
        else:
            ways = [data]
        for way in ways:
            chosen = group.chosen(program.regions, way)
            if not chosen:
                self._accident("gap", i, fired, way, group.node)
                # The token stays: nothing can move it on.
                continue
            if group.exclusive and group.overlaps(program.regions, way):
                self._accident("overlap", i, fired, way, group.node)
            for k in chosen:
                transition = program.transitions[k]
                base = marking & ~(consumed | transition.clear)
                self.space.fired.add(k)
                if clash := base & transition.post:
                    self._accident(
                        "twice", i, (*fired, k), way, program.net.element[clash & -clash], transition.node
                    )
                    continue
                for d, op in program.happen(k, way):
                    after.append((base | transition.post, d, (*fired, k), ops + op if op else ops))
        return after

    def _accident(
        self, kind: str, i: int, fired: tuple[int, ...], data: int, element: str, detail: str = ""
    ) -> None:
        if kind in ("restless", "gap", "twice"):
            self.space.cut.add(i)
        if kind == "twice" and not self._doubled:
            # Behind a second token the states multiply; what is found so far is enough to mend the diagram.
            self._doubled = True
            self.limit = min(self.limit, len(self.space.order) + BEHIND)
        found = self.space.accidents.setdefault(kind, {})
        key = f"{element}:{detail}" if kind == "unset" else element
        if key not in found:
            found[key] = Accident(i, fired, data, element, detail)
