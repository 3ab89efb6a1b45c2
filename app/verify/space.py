"""What exploring a procedure gives: its states, the moves between them, and what went wrong within a move."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from .net import Net
from .outcomes import Op
from .steps import Program


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
