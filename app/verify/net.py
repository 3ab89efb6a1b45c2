"""A BPMN diagram as a token net.

One place per sequence flow, one per running activity or waiting event; a transition consumes, produces and
clears sets of places, held as bit masks. Every element follows the execution semantics of BPMN 2.0 chapter
13 (`unfolding`); the inclusive join is the rule of 13.4.3. The net knows neither the engine nor attribute
values: `game` plays it with values, `search` explores it for all of them.

A called process is unfolded at each call, so its elements appear once per call: places and transitions
carry a path, `Transition.node` stays the id in the diagram.
"""

from collections.abc import Mapping

from ..kernel.errors import Invalid
from .diagram import Node, Process
from .tokens import Choice, Kind, Transition
from .unfolding import Unfolding
from .waiting import Waiting

__all__ = ["Choice", "Kind", "Net", "Transition"]

MAX_PLACES = 4_000
MAX_TRANSITIONS = 40_000
MAX_CONDITIONS = 10_000
"""Characters of all different conditions together: what is compared with what grows with their square."""


class Net:
    """The net of one process.

    Attributes:
        places: names of the places; bit i of a mask is places[i].
        transitions: in document order.
        joins: inclusive join -> [(its incoming place, places from which a token can still reach it)].
        element: place -> the diagram element it belongs to.
        waits: place of a running task or waiting event -> its node.

    Raises:
        Invalid: the diagram is too large or too deep, or a process calls itself.
    """

    def __init__(self, process: Process, called: Mapping[str, Process] | None = None) -> None:
        self._called = dict(called or {})
        self.places: list[str] = []
        self._index: dict[str, int] = {}
        self.element: dict[int, str] = {}
        self.waits: dict[int, str] = {}
        self.transitions: list[Transition] = []
        self.joins: dict[str, list[tuple[int, int]]] = {}
        self.standing: dict[str, int] = {}
        self.open_joins: list[tuple[Unfolding, Node]] = []
        self._conditions: dict[str, int] = {}
        self.walked = 0
        unfolding = Unfolding(self, process)
        inside = unfolding.scope(process.id)
        unfolding.uncaught(inside)
        self.initial = self.place(f"start:{process.id}", process.id)
        waiting = {owner: Waiting(owner) for owner in {id(o): o for o, _ in self.open_joins}.values()}
        for owner, node in self.open_joins:
            self.joins[owner.path + node.id] = [
                (owner.flow(flow), waiting[owner].of(node, flow)) for flow in node.incoming
            ]
        self.open_joins.clear()  # each refers to the net: a ring that would have to be searched for

    def place(self, name: str, element: str) -> int:
        """The bit of a place, made on first use."""
        place = self._index.get(name)
        if place is None:
            if len(self.places) >= MAX_PLACES:
                raise Invalid("流程图(连同被调用的流程)过大，请拆成几个流程。", code="too_large")
            place = self._index[name] = 1 << len(self.places)
            self.places.append(name)
            self.element[place] = element
        return place

    def add(self, transition: Transition) -> None:
        """One more transition."""
        for text in transition.choice.conditions:
            if text not in self._conditions:
                self._conditions[text] = len(text)
                if sum(self._conditions.values()) > MAX_CONDITIONS:
                    raise Invalid("流程图的条件过多，请在规则中声明推导属性后引用。", code="too_large")
        if len(self.transitions) >= MAX_TRANSITIONS:
            raise Invalid("流程图(连同被调用的流程)过大，请拆成几个流程。", code="too_large")
        self.transitions.append(transition)

    def names(self, marking: int) -> list[str]:
        """The marked places, for people."""
        return [name for i, name in enumerate(self.places) if marking >> i & 1]

    def called(self, element: str) -> Process | None:
        """The process a call activity calls."""
        return self._called.get(element)
