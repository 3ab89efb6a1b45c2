"""A BPMN diagram as a token net.

One place per sequence flow, one per running activity or waiting event; a transition consumes, produces and
clears sets of places, held as bit masks. Every element follows the execution semantics of BPMN 2.0 chapter
13; the inclusive join is the rule of 13.4.3. The net knows neither the engine nor attribute values: `game`
plays it with values, `search` explores it for all of them.

A called process is unfolded at each call, so its elements appear once per call: places and transitions
carry a path, `Transition.node` stays the id in the diagram.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from .reader import Flow, Node, Process


class Kind(StrEnum):
    """Who fires a transition."""

    AUTO = "auto"
    """The diagram itself, at once: gateways, starts, ends, entering."""
    DO = "do"
    """A person completes a task."""
    EVENT = "event"
    """A message or a timer."""


@dataclass(frozen=True, slots=True)
class Choice:
    """When a branch is taken: `flow`'s condition holds; for a default flow none of `others` does.

    An inclusive branch set is decided flow by flow. No choice: always.
    """

    conditions: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Transition:
    """Consumes `pre`, clears `clear`, produces `post`; not while a place of `inhibit` is marked.

    `join` names the inclusive join whose rule decides instead of `pre`. `passes` is false where firing only
    enters the node.
    """

    node: str
    kind: Kind
    pre: int
    post: int
    clear: int = 0
    inhibit: int = 0
    choice: Choice = Choice()
    join: str = ""
    passes: bool = True
    path: str = ""


class Net:
    """The net of one process.

    Attributes:
        places: names of the places; bit i of a mask is places[i].
        transitions: in document order.
        joins: inclusive join -> [(its incoming place, places from which a token can still reach it)].
        element: place -> the diagram element it belongs to.
        waits: place of a running task or waiting event -> its node.
    """

    def __init__(self, process: Process, called: Mapping[str, Process] | None = None) -> None:
        self._called = dict(called or {})
        self.places: list[str] = []
        self._index: dict[str, int] = {}
        self.element: dict[int, str] = {}
        self.waits: dict[int, str] = {}
        self.transitions: list[Transition] = []
        self.joins: dict[str, list[tuple[int, int]]] = {}
        self._open_joins: list[tuple[str, Process, Node]] = []
        _Compiler(self, process, "").scope(process.id)
        self.initial = self.place(f"start:{process.id}", process.id)
        for path, owner, node in self._open_joins:
            self.joins[path + node.id] = [
                (self.place(f"flow:{path}{flow.id}", flow.id), self._reaches(path, owner, node, flow))
                for flow in node.incoming
            ]

    def place(self, name: str, element: str) -> int:
        """The bit of a place, made on first use."""
        if name not in self._index:
            self._index[name] = len(self.places)
            self.places.append(name)
            self.element[1 << self._index[name]] = element
        return 1 << self._index[name]

    def names(self, marking: int) -> list[str]:
        """The marked places, for people."""
        return [name for i, name in enumerate(self.places) if marking >> i & 1]

    def called(self, element: str) -> Process | None:
        """The process a call activity calls."""
        return self._called.get(element)

    def _reaches(self, path: str, owner: Process, join: Node, flow: Flow) -> int:
        """Places whose token can come to `flow` without visiting the join."""
        mask, todo, seen = 0, [flow], {flow.id}
        while todo:
            current = todo.pop()
            if current is not flow:
                mask |= self.place(f"flow:{path}{current.id}", current.id)
            source = owner.nodes[current.source]
            if source.id == join.id:
                continue
            before = list(source.incoming)
            for host in (source, owner.nodes.get(source.attached)):
                if host is not None:
                    before += host.incoming
                    for name in (f"active:{path}{host.id}", f"wait:{path}{host.id}"):
                        if name in self._index:
                            mask |= 1 << self._index[name]
            if source.tag == "startEvent" and f"start:{path}{source.scope}" in self._index:
                mask |= 1 << self._index[f"start:{path}{source.scope}"]
            for earlier in before:
                gateway = owner.nodes[earlier.source]
                if gateway.tag == "eventBasedGateway":
                    mask |= self.place(f"wait:{path}{gateway.id}", gateway.id)
                if earlier.id not in seen:
                    seen.add(earlier.id)
                    todo.append(earlier)
        return mask


class _Compiler:
    """Turns the nodes of one process (at one path of calls) into transitions."""

    def __init__(self, net: Net, process: Process, path: str) -> None:
        self.net, self.process, self.path = net, process, path

    def at(self, kind: str, ident: str) -> int:
        return self.net.place(f"{kind}:{self.path}{ident}", ident)

    def flow(self, flow: Flow) -> int:
        return self.at("flow", flow.id)

    def out(self, node: Node) -> int:
        mask = 0
        for flow in node.outgoing:
            mask |= self.flow(flow)
        return mask

    def add(self, node: Node, kind: Kind, pre: int, post: int, **extra: object) -> None:
        self.net.transitions.append(
            Transition(node.id, kind, pre, post, path=self.path, **extra)  # type: ignore[arg-type]
        )

    def scope(self, scope: str) -> int:
        """Compile a scope; the mask of every place inside it, its start included."""
        first = len(self.net.places)
        start = self.at("start", scope)
        terminate: list[Node] = []
        for node in self.process.inside(scope):
            if node.tag == "startEvent":
                self.add(node, Kind.AUTO, start, self.out(node))
            elif node.event("terminate"):
                terminate.append(node)
                for flow in node.incoming:
                    self.flow(flow)
            else:
                self.node(node)
        inside = 0
        for i in range(first, len(self.net.places)):
            inside |= 1 << i
        for node in terminate:
            for flow in node.incoming:
                self.add(node, Kind.AUTO, self.flow(flow), 0, clear=inside)
        return inside

    def node(self, node: Node) -> None:
        if node.tag == "boundaryEvent":
            return  # compiled with its host
        if node.tag in ("exclusiveGateway", "complexGateway"):
            for flow in node.incoming:
                for choice, post in self.exclusive(node):
                    self.add(node, Kind.AUTO, self.flow(flow), post, choice=choice)
        elif node.tag == "parallelGateway":
            pre = 0
            for flow in node.incoming:
                pre |= self.flow(flow)
            if pre:
                self.add(node, Kind.AUTO, pre, self.out(node))
        elif node.tag == "inclusiveGateway":
            self.inclusive(node)
        elif node.tag == "eventBasedGateway":
            self.event_gateway(node)
        elif node.tag == "endEvent":
            for flow in node.incoming:
                self.add(node, Kind.AUTO, self.flow(flow), 0)
        elif node.tag in ("intermediateThrowEvent", "implicitThrowEvent", "serviceTask"):
            for flow in node.incoming:
                self.add(node, Kind.AUTO, self.flow(flow), self.out(node))
        elif node.tag == "intermediateCatchEvent":
            self.catch(node)
        else:
            self.activity(node)

    def exclusive(self, node: Node) -> Iterator[tuple[Choice, int]]:
        earlier: list[str] = []
        for flow in node.outgoing:
            if flow.id != node.default and flow.condition:
                # In document order: the first that holds is taken.
                yield Choice((flow.condition,), tuple(earlier)), self.flow(flow)
                earlier.append(flow.condition)
        for flow in node.outgoing:
            if flow.id == node.default or not flow.condition:
                yield Choice((), tuple(earlier)), self.flow(flow)

    def inclusive(self, node: Node) -> None:
        conditional = [flow for flow in node.outgoing if flow.id != node.default and flow.condition]
        always = [flow for flow in node.outgoing if flow.id != node.default and not flow.condition]
        default = [flow for flow in node.outgoing if flow.id == node.default]
        for chosen in range(1 << len(conditional)):
            taken = [flow for i, flow in enumerate(conditional) if chosen >> i & 1]
            left = [flow for i, flow in enumerate(conditional) if not chosen >> i & 1]
            post = 0
            for flow in (*taken, *always, *(default if not taken else ())):
                post |= self.flow(flow)
            if not post and node.outgoing:
                continue  # no branch at all: the net stops here, as the engine does
            choice = Choice(tuple(f.condition for f in taken), tuple(f.condition for f in left))
            if len(node.incoming) > 1:
                self.add(node, Kind.AUTO, 0, post, choice=choice, join=self.path + node.id)
            else:
                for flow in node.incoming:
                    self.add(node, Kind.AUTO, self.flow(flow), post, choice=choice)
        if len(node.incoming) > 1:
            self.net._open_joins.append((self.path, self.process, node))

    def event_gateway(self, node: Node) -> None:
        wait = self.at("wait", node.id)
        self.net.waits[wait] = node.id
        for flow in node.incoming:
            self.add(node, Kind.AUTO, self.flow(flow), wait, passes=False)
        for flow in node.outgoing:
            target = self.process.nodes[flow.target]
            self.add(target, Kind.EVENT, wait, self.out(target))

    def catch(self, node: Node) -> None:
        own = [flow for flow in node.incoming if self.process.nodes[flow.source].tag != "eventBasedGateway"]
        if not own:
            return  # fired by its event gateway
        wait = self.at("wait", node.id)
        self.net.waits[wait] = node.id
        for flow in own:
            self.add(node, Kind.AUTO, self.flow(flow), wait, passes=False)
        self.add(node, Kind.EVENT, wait, self.out(node))

    def activity(self, node: Node) -> None:
        active = self.at("active", node.id)
        events = self.process.boundary(node.id)
        armed = 0
        for event in events:
            armed |= self.at("armed", event.id)
        enter, body = active | armed, 0
        if inner := self.inside(node):
            begin, body = inner
            enter |= begin
        else:
            self.net.waits[active] = node.id
        for flow in node.incoming:
            self.add(node, Kind.AUTO, self.flow(flow), enter, passes=False)
        done = Kind.AUTO if body else Kind.DO
        self.add(node, done, active, self.out(node), clear=armed, inhibit=body)
        for event in events:
            own = self.at("armed", event.id)
            self.net.waits[own] = event.id
            if event.interrupting:
                self.add(event, Kind.EVENT, active | own, self.out(event), clear=armed | body)
            else:
                self.add(event, Kind.EVENT, active | own, active | self.out(event))

    def inside(self, node: Node) -> tuple[int, int] | None:
        """(start place, all places) of a sub-process or called process."""
        if node.tag == "callActivity":
            process = self.net.called(node.called)
            depth = self.path.count("/")
            if process is None or depth > 8:
                return None
            inner = _Compiler(self.net, process, f"{self.path}{node.id}/")
            body = inner.scope(process.id)
            return inner.at("start", process.id), body
        if any(True for _ in self.process.inside(node.id)):
            body = self.scope(node.id)
            return self.at("start", node.id), body
        return None
