"""The meaning of each BPMN element as transitions of the net.

What is worth knowing beyond the standard's text:

* Several start events of a process are alternatives, an act each; without any, every node that nothing leads
  to begins at once.
* An activity with conditional flows decides when it ends; the choice is a transition of its own.
* An error end event empties the innermost activity whose boundary catches its code and goes on there; one
  that nobody catches ends the whole case. A boundary error event without such an end event inside may occur
  at any time.
* An activity with several instances, a called process that is not given and an empty sub-process are one
  activity. A service task with boundary events takes time, one without is immediate.
* A non-interrupting boundary event occurs at most once per activity.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..kernel.errors import Invalid
from .diagram import ACTIVITIES, SERVICES, Flow, Node, Process
from .tokens import ALWAYS, Choice, Kind, Transition

if TYPE_CHECKING:
    from .net import Net

MAX_BRANCHES = 200
MAX_INCLUSIVE = 10
"""Conditional branches of one inclusive split: each subset is a transition."""
MAX_DEPTH = 40
"""Sub-processes and calls within each other."""


@dataclass(frozen=True, slots=True)
class Thrown:
    """An error end event that nobody has caught so far; `place` is its token."""

    node: Node
    path: str
    place: int

    @property
    def code(self) -> str:
        error = self.node.event("error")
        return error.value if error else ""


class Unfolding:
    """Turns the nodes of one process (at one path of calls) into transitions of a net."""

    def __init__(
        self, net: "Net", process: Process, path: str = "", above: tuple[str, ...] = (), home: int = 0
    ) -> None:
        self.net, self.process, self.path, self.home = net, process, path, home
        self.above = (*above, process.id)
        self.depth = len(above)
        self.thrown: list[Thrown] = []
        self._flows: dict[str, int] = {}
        self.children: dict[str, list[Node]] = {}
        self.events: dict[str, list[Node]] = {}
        for node in process.nodes.values():
            self.children.setdefault(node.scope, []).append(node)
            if node.tag == "boundaryEvent":
                self.events.setdefault(node.attached, []).append(node)

    def at(self, kind: str, ident: str) -> int:
        return self.net.place(f"{kind}:{self.path}{ident}", ident)

    def stand(self, kind: str, node: Node) -> int:
        """A place whose token stands on a node."""
        place = self.at(kind, node.id)
        self.net.standing[self.path + node.id] = self.net.standing.get(self.path + node.id, 0) | place
        return place

    def flow(self, flow: Flow) -> int:
        place = self._flows.get(flow.id)
        if place is None:
            place = self._flows[flow.id] = self.net.place(f"flow:{self.path}{flow.id}", flow.id)
        return place

    def inputs(self, node: Node) -> list[int]:
        """Where tokens come to a node."""
        if node.incoming:
            return [self.flow(flow) for flow in node.incoming]
        return [self.stand("begin", node)]

    def out(self, node: Node) -> int:
        mask = 0
        for flow in node.outgoing:
            mask |= self.flow(flow)
        return mask

    def add(
        self,
        node: Node,
        kind: Kind,
        pre: int,
        post: int,
        *,
        clear: int = 0,
        inhibit: int = 0,
        choice: Choice = ALWAYS,
        join: str = "",
        passes: bool = True,
        into: int = 0,
    ) -> None:
        home = 0 if post else self.home
        self.net.add(
            Transition(node.id, kind, pre, post, clear, inhibit, choice, join, passes, self.path, home, into)
        )

    def scope(self, scope: str) -> int:
        """Compile a scope; the mask of every place inside it, its start included."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Invalid(f"子流程套叠超过 {MAX_DEPTH} 层，请展开。", code="too_deep")
        first = len(self.net.places)
        start = self.at("start", scope)
        nodes = self.children.get(scope, [])
        self.begin(start, nodes)
        terminate: list[Node] = []
        for node in nodes:
            if node.tag == "endEvent" and node.event("terminate"):
                terminate.append(node)
                self.inputs(node)
            elif node.tag == "endEvent" and node.event("error"):
                self.thrown += [Thrown(node, self.path, place) for place in self.inputs(node)]
            elif node.tag not in ("startEvent", "boundaryEvent"):  # boundary events: with their host
                self.node(node)
        inside = (1 << len(self.net.places)) - (1 << first)
        for node in terminate:
            for place in self.inputs(node):
                self.add(node, Kind.AUTO, place, 0, clear=inside)
        self.depth -= 1
        return inside

    def begin(self, start: int, nodes: list[Node]) -> None:
        """How a scope begins."""
        starts = [node for node in nodes if node.tag == "startEvent"]
        if len(starts) > 1:
            self.net.waits[start] = starts[0].id
        for node in starts:
            self.add(node, Kind.EVENT if len(starts) > 1 else Kind.AUTO, start, self.out(node))
        free = [
            node
            for node in nodes
            if not node.incoming
            and node.tag != "boundaryEvent"
            and not node.event_subprocess
            and not node.compensation
        ]
        if free and not starts:
            post = 0
            for node in free:
                post |= self.stand("begin", node)
            self.add(free[0], Kind.AUTO, start, post, passes=False)

    def uncaught(self, everything: int) -> None:
        """Errors that leave the main process end the case."""
        for thrown in self.thrown:
            self.net.add(Transition(thrown.node.id, Kind.AUTO, thrown.place, 0, everything, path=thrown.path))

    def node(self, node: Node) -> None:
        """Compile one node."""
        if node.tag in ("exclusiveGateway", "complexGateway"):
            branches = list(self.exclusive(node))
            for place in self.inputs(node):
                for choice, post in branches:
                    self.add(node, Kind.AUTO, place, post, choice=choice)
        elif node.tag == "parallelGateway":
            pre = 0
            for place in self.inputs(node):
                pre |= place
            self.add(node, Kind.AUTO, pre, self.out(node))
        elif node.tag == "inclusiveGateway":
            self.inclusive(node)
        elif node.tag == "eventBasedGateway":
            self.event_gateway(node)
        elif node.tag in ("endEvent", "intermediateThrowEvent", "implicitThrowEvent"):
            for place in self.inputs(node):
                self.add(node, Kind.AUTO, place, self.out(node) if node.tag != "endEvent" else 0)
        elif node.tag in SERVICES and node.id not in self.events:
            for place in self.inputs(node):
                self.finish(node, Kind.AUTO, place)
        elif node.tag == "intermediateCatchEvent":
            self.catch(node)
        else:
            self.activity(node)

    def exclusive(self, node: Node) -> Iterator[tuple[Choice, int]]:
        if len(node.outgoing) > MAX_BRANCHES:
            raise Invalid(f"“{node.name or node.id}”的分支超过 {MAX_BRANCHES} 个。", code="too_wide")
        if not node.outgoing:
            yield Choice(), 0  # the path ends here
        earlier: list[str] = []
        for flow in node.outgoing:
            if flow.id != node.default and flow.condition:
                # In document order: the first that holds is taken.
                yield Choice((flow.condition,), tuple(earlier)), self.flow(flow)
                earlier.append(flow.condition)
        for flow in node.outgoing:
            if flow.id == node.default or not flow.condition:
                yield Choice((), tuple(earlier)), self.flow(flow)

    def subsets(self, node: Node) -> Iterator[tuple[Choice, int]]:
        """The branch sets of an inclusive split: every condition for itself, the default if nothing else."""
        conditional = [flow for flow in node.outgoing if flow.id != node.default and flow.condition]
        always = [flow for flow in node.outgoing if flow.id != node.default and not flow.condition]
        default = [flow for flow in node.outgoing if flow.id == node.default]
        if len(conditional) > MAX_INCLUSIVE:
            raise Invalid(
                f"“{node.name or node.id}”有条件的分支超过 {MAX_INCLUSIVE} 个，请分成几级。", code="too_wide"
            )
        for chosen in range(1 << len(conditional)):
            taken = [flow for i, flow in enumerate(conditional) if chosen >> i & 1]
            left = [flow for i, flow in enumerate(conditional) if not chosen >> i & 1]
            post = 0
            for flow in [*taken, *always] or default:
                post |= self.flow(flow)
            if not post and node.outgoing:
                continue  # no branch at all: the net stops here, as the engine does
            yield Choice(tuple(f.condition for f in taken), tuple(f.condition for f in left)), post

    def inclusive(self, node: Node) -> None:
        joins = len(node.incoming) > 1
        places = [0] if joins else self.inputs(node)
        for choice, post in self.subsets(node):
            for place in places:
                join = self.path + node.id if joins else ""
                self.add(node, Kind.AUTO, place, post, choice=choice, join=join)
        if joins:
            self.net.open_joins.append((self, node))

    def finish(self, node: Node, kind: Kind, pre: int, clear: int = 0, inhibit: int = 0) -> None:
        """The end of an activity and what follows it."""
        conditional = [f for f in node.outgoing if f.condition and f.id != node.default]
        if not conditional or node.tag not in ACTIVITIES:
            self.add(node, kind, pre, self.out(node), clear=clear, inhibit=inhibit)
            return
        outcomes = list(self.subsets(node))
        if kind is Kind.AUTO:
            for choice, post in outcomes:
                self.add(node, kind, pre, post, clear=clear, inhibit=inhibit, choice=choice)
            return
        # What the act writes is written before the choice.
        left = self.stand("left", node)
        self.add(node, kind, pre, left, clear=clear, inhibit=inhibit)
        for choice, post in outcomes:
            self.add(node, Kind.AUTO, left, post, choice=choice, passes=False)

    def event_gateway(self, node: Node) -> None:
        wait = self.stand("wait", node)
        self.net.waits[wait] = node.id
        for place in self.inputs(node):
            self.add(node, Kind.AUTO, place, wait, passes=False)
        for flow in node.outgoing:
            self.finish(self.process.nodes[flow.target], Kind.EVENT, wait)

    def own_inputs(self, node: Node) -> list[int]:
        """Where tokens come to a node that an event gateway may fire too."""
        if not node.incoming:
            return self.inputs(node)
        nodes = self.process.nodes
        return [self.flow(flow) for flow in node.incoming if nodes[flow.source].tag != "eventBasedGateway"]

    def catch(self, node: Node) -> None:
        own = self.own_inputs(node)
        if not own:
            return  # fired by its event gateway
        wait = self.stand("wait", node)
        self.net.waits[wait] = node.id
        for place in own:
            self.add(node, Kind.AUTO, place, wait, passes=False)
        self.add(node, Kind.EVENT, wait, self.out(node))

    def activity(self, node: Node) -> None:
        own = self.own_inputs(node)
        if not own:
            return  # fired by its event gateway
        active = self.stand("active", node)
        events = self.events.get(node.id, [])
        armed = 0
        for event in events:
            armed |= self.at("armed", event.id)
        enter, body, pending, into = active | armed, 0, len(self.thrown), 0
        if inner := self.inside(node, active):
            begin, body = inner
            enter |= begin
            into = begin
            for event in events:
                into |= 0 if event.interrupting else self.at("armed", event.id)
        else:
            self.net.waits[active] = node.id
        for place in own:
            self.add(node, Kind.AUTO, place, enter, passes=False, into=into)
        waits = node.tag in SERVICES or node.tag == "receiveTask"
        kind = Kind.AUTO if body else Kind.EVENT if waits else Kind.DO
        self.finish(node, kind, active, clear=armed, inhibit=body)
        throws = self.caught(events, pending, active | armed | body) if events else set()
        for event in events:
            mine = self.at("armed", event.id)
            if event.id in throws:
                continue
            self.net.waits[mine] = event.id
            if event.interrupting or event.event("error"):
                self.add(event, Kind.EVENT, active | mine, self.out(event), clear=armed | body)
            else:
                self.add(event, Kind.EVENT, active | mine, active | self.out(event))

    def caught(self, events: list[Node], pending: int, everything: int) -> set[str]:
        """Tie error end events inside an activity to the boundary events that catch them; ids of the latter."""
        catching = [(error.value, event) for event in events if (error := event.event("error"))]
        left, used = [], set()
        for thrown in self.thrown[pending:]:
            named = [event for code, event in catching if code and code == thrown.code]
            found = next(iter([*named, *(event for code, event in catching if not code)]), None)
            if found is None:
                left.append(thrown)
                continue
            used.add(found.id)
            place = self.stand("caught", found)
            self.net.add(
                Transition(
                    thrown.node.id, Kind.AUTO, thrown.place, place, everything & ~place, path=thrown.path
                )
            )
        self.thrown[pending:] = left
        for event in events:
            if event.id in used:
                self.add(event, Kind.AUTO, self.stand("caught", event), self.out(event))
        return used

    def inside(self, node: Node, active: int) -> tuple[int, int] | None:
        """(start place, all places) of a sub-process or called process; `active`: where its own token waits."""
        if node.tag == "callActivity":
            process = self.net.called(node.called)
            if process is None:
                return None
            if process.id in self.above:
                raise Invalid(
                    f"流程“{process.name}”直接或间接调用自己，请改用循环。", code="called_recursive"
                )
            inner = Unfolding(self.net, process, f"{self.path}{node.id}/", self.above, active)
            inner.depth = self.depth
            body = inner.scope(process.id)
            self.thrown += inner.thrown
            return inner.at("start", process.id), body
        if node.id in self.children:
            outer, self.home = self.home, active
            body = self.scope(node.id)
            self.home = outer
            return self.at("start", node.id), body
        return None
