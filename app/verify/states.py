"""The states a case can come to: markings at rest, with what is known of the attributes.

One move is what a person does or what occurs (a task completed, a message, a period's end), followed by all
that the diagram does by itself, as in the engine's one transaction. Values are settled when a condition asks
for them and forgotten when none will ask again, so that the number of states stays small. Of moves that
nothing else can touch only one is followed (partial-order reduction): whatever could be found on another
order of them is found on this one.
"""

from typing import NamedTuple

from .branches import Group
from .outcomes import Ops
from .runs import Fired
from .settling import Settling
from .space import Edge, Space
from .steps import Program
from .tokens import bits

LIMIT = 60_000

Move = tuple[int, Fired, Ops]
"""The state it leads to, the transitions fired, the operations on the demands."""


class _Cluster(NamedTuple):
    """Moves that exclude one another: a message or a period's end, a task or its boundary event.

    `groups` are theirs but for those of an earlier cluster. `others`: the remaining tokens; None where another
    order of moves must be followed whatever these do.
    """

    groups: tuple[Group, ...]
    touched: int
    others: int | None


class Explorer:
    """Walks through the states of a program, breadth first."""

    def __init__(self, program: Program, limit: int = LIMIT, reduced: bool = True) -> None:
        self.program = program
        self.reduced = reduced
        self.space = Space(program.net, program)
        self._settling = Settling(self.space, limit)
        self._clusters: dict[int, list[_Cluster]] = {}

    def run(self) -> Space:
        """Explore until nothing is new or the limit is reached."""
        space, program = self.space, self.program
        width = program.width
        index: dict[int, int] = {}
        starts = [
            (marking | program.forget(marking, data) << width, fired, ops)
            for marking, data, fired, ops in self._settling.start(program.start())
        ]
        # The start is a state of its own, so that the way to a first state is told like any other.
        space.order.append(program.net.initial)
        space.parent.append(None)
        index[program.net.initial] = 0
        space.edges.append(self._arrive(0, starts, index))
        i = 1
        while i < len(space.order):
            if len(space.order) > self._settling.limit:
                space.complete = False
                space.edges += [[] for _ in range(len(space.order) - len(space.edges))]
                break
            space.edges.append(self._arrive(i, self._moves(i, index), index))
            i += 1
        space.fired |= self._settling.fired()
        return space

    def _arrive(self, i: int, found: list[Move], index: dict[int, int]) -> list[Edge]:
        space, several = self.space, len(found) > 1
        edges: list[Edge] = []
        seen: set[Move] = set()
        for state, fired, ops in found:
            j = index.get(state)
            if j is None:
                j = index[state] = len(space.order)
                space.order.append(state)
                edge = Edge(j, fired, ops)
                space.parent.append((i, edge))
            elif several and (j, fired, ops) in seen:
                continue
            else:
                edge = Edge(j, fired, ops)
            if several:
                seen.add((j, fired, ops))
            edges.append(edge)
        return edges

    def _moves(self, i: int, index: dict[int, int]) -> list[Move]:
        program = self.program
        state = self.space.order[i]
        marking, data = state & program.places, state >> program.width
        clusters = self._clusters.get(marking)
        if clusters is None:
            clusters = self._clusters[marking] = self._clustered(marking)
        found: list[Move] = []
        after, forget, width = self._settling.after, program.forget, program.width
        for cluster in clusters:
            own: list[Move] = []
            for group in cluster.groups:
                for m, d, fired, ops in after(i, group, marking, data):
                    own.append((m | forget(m, d) << width, fired, ops))
            if cluster.others is not None and own and self._alone(cluster, own, index):
                return own
            found += own
        return found

    def _clustered(self, marking: int) -> list[_Cluster]:
        enabled = self.program.grouping.enabled(marking)
        if len(enabled) == 1:
            return [_Cluster((enabled[0],), enabled[0].pre, None)]
        takers = self.program.grouping.takers
        found: list[_Cluster] = []
        done: set[Group] = set()
        for group in enabled:
            if group in done:
                continue
            together = [g for g in enabled if g is group or g.pre & group.pre]
            pre, others = 0, None
            for one in together:
                pre |= one.pre
            if self.reduced and len(together) < len(enabled):
                rivals = [g for place in bits(pre) for g in takers[place] if g not in together]
                others = None if rivals else marking & ~pre
            found.append(_Cluster(tuple([g for g in together if g not in done]), pre, others))
            done.update(together)
        return found

    def moves_from(self, marking: int, data: int) -> list[tuple[int, int, Fired]]:
        """Every move from a marking at rest, or from the start: (marking, values known, transitions fired)."""
        settling = self._settling
        if marking == self.program.net.initial:
            return [(m, d, fired) for m, d, fired, _ in settling.start(data)]
        groups = self.program.grouping.enabled(marking)
        return [(m, d, f) for group in groups for m, d, f, _ in settling.alike(group, marking, data)]

    def _alone(self, cluster: _Cluster, own: list[Move], index: dict[int, int]) -> bool:
        """Whether nothing that the other tokens can ever do before these moves touches what they touch."""
        if all(state in index for state, _, _ in own):
            return False  # else a loop could put the others off for ever
        does, touched = self.program.does, cluster.touched
        for _, fired, _ in own:
            for k in fired:
                touched |= does[k]
        return not touched & self._settling.reach.of(cluster.others or 0)
