"""What a diagram says, as plain values; `reader` makes them from XML.

What there are hundreds of in a diagram is a named tuple: these are made in a fraction of the time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

TASKS = frozenset(
    {
        "task", "userTask", "manualTask", "serviceTask", "scriptTask", "businessRuleTask", "sendTask",
        "receiveTask", "callActivity",
    }
)  # fmt: skip
SCOPES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
GATEWAYS = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"}
)
EVENTS = frozenset(
    {
        "startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent",
        "implicitThrowEvent",
    }
)  # fmt: skip
FLOW_NODES = TASKS | SCOPES | GATEWAYS | EVENTS
MARKERS = frozenset({"standardLoopCharacteristics", "multiInstanceLoopCharacteristics"})
MULTIPLE = "multiInstanceLoopCharacteristics"
SERVICES = frozenset({"serviceTask", "sendTask", "scriptTask", "businessRuleTask"})
"""Tasks that nobody does: they run at once."""
ACTIVITIES = TASKS | SCOPES


NONE: Mapping[str, str] = MappingProxyType({})


class Flow(NamedTuple):
    """A sequence flow. `condition` is its expression, empty where it has none."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str = ""
    attributes: Mapping[str, str] = NONE


class Event(NamedTuple):
    """One event definition: `kind` is `timer`, `message`, `signal`, `link`, `terminate` ...

    For a timer `value` is the text of its `form` (`timeDuration`, `timeDate`, `timeCycle`); for a message it
    is the id of the message, for an error its code (empty: any error). `reference` is a definition kept
    elsewhere that does not exist.
    """

    kind: str
    form: str = ""
    value: str = ""


class Node(NamedTuple):
    """A flow node. `scope` is the id of the sub-process (or process) it lies in.

    `lane` is the innermost lane that holds it, `position` that lane's `xq:position`; a node without a lane
    of its own takes those of its sub-process, a boundary event those of its host.
    """

    id: str
    tag: str
    name: str
    scope: str
    incoming: tuple[Flow, ...] = ()
    outgoing: tuple[Flow, ...] = ()
    default: str = ""
    events: tuple[Event, ...] = ()
    attached: str = ""
    interrupting: bool = True
    event_subprocess: bool = False
    compensation: bool = False
    marker: str = ""
    called: str = ""
    message: str = ""
    lane: str = ""
    position: str = ""
    attributes: Mapping[str, str] = NONE
    documents: tuple[Mapping[str, str], ...] = ()
    on_demand: tuple[Mapping[str, str], ...] = ()
    """What may be made here when somebody asks for it (`when="demand"`): the step itself does not issue it."""
    traits: frozenset[str] = frozenset()
    """Settings that change how it runs: `quantity`, `parallel_events`, `all_events`, `instantiate`."""

    def event(self, kind: str) -> Event | None:
        """The node's event definition of that kind."""
        return next((event for event in self.events if event.kind == kind), None)


@dataclass(frozen=True, slots=True)
class Unread:
    """An element the reader gives no meaning to. `owner` is the flow node, flow or scope it lies in."""

    owner: str
    id: str
    tag: str


@dataclass(frozen=True, slots=True)
class Process:
    """One process with every node in it, those of embedded sub-processes included, in document order.

    `duplicates` are ids met more than once, `dangling` flows whose source or target does not exist, `unread`
    elements without meaning here, `siblings` the other processes with nodes of the same file.
    """

    id: str
    name: str
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    attributes: Mapping[str, str] = field(default_factory=dict)
    duplicates: tuple[str, ...] = ()
    dangling: tuple[Flow, ...] = ()
    unread: tuple[Unread, ...] = ()
    siblings: tuple[str, ...] = ()

    def inside(self, scope: str) -> Iterator[Node]:
        """The nodes that lie directly in a scope."""
        return (node for node in self.nodes.values() if node.scope == scope)

    def boundary(self, host: str) -> tuple[Node, ...]:
        """The boundary events attached to a node, in document order."""
        return tuple(node for node in self.nodes.values() if node.attached == host)


@dataclass(frozen=True, slots=True)
class MessageFlow:
    """A message between pools; it moves no token."""

    id: str
    source: str
    target: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Collaboration:
    """The pools of a file: `participants` maps a pool's id to the process it shows ("" where it is closed)."""

    participants: Mapping[str, str]
    messages: tuple[MessageFlow, ...]
