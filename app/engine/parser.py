"""From BPMN files to SpiffWorkflow specs made of our own nodes.

The diagram is read once by `verify.reader`; SpiffWorkflow's parser only builds the graph. A parser object
serves one parse: a used one keeps lanes and ids of the earlier file.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.task_parsers import (
    CallActivityParser,
    ConditionalGatewayParser,
    GatewayParser,
    SubWorkflowParser,
)
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import TerminateEventDefinition

from ..kernel.errors import Invalid
from ..verify import reader
from . import expressions, gateways, nodes
from .timers import LimitTimer, is_limit


@dataclass(frozen=True, slots=True)
class Source:
    """The BPMN files of one procedure: the internal diagram and those it calls, by file name."""

    internal: bytes
    called: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """What other rooms may know of a node. `kind` is `user`, `message`, `timer`, `service`, `gateway`,
    `subprocess`, `start`, `end` or `event`."""

    id: str
    name: str
    kind: str
    position: str
    attributes: Mapping[str, str]
    documents: tuple[Mapping[str, str], ...]
    on_demand: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Spec:
    """A parsed procedure: immutable and shared by all cases of its version."""

    key: str
    process: BpmnProcessSpec
    subprocesses: Mapping[str, BpmnProcessSpec]
    nodes: Mapping[str, NodeInfo]


def kind_of(node: reader.Node) -> str:
    """The kind of a node, as other rooms name it."""
    if node.tag in ("userTask", "manualTask"):
        return "user"
    if node.tag == "serviceTask":
        return "service"
    if node.tag in reader.GATEWAYS:
        return "gateway"
    if node.tag in reader.SCOPES or node.tag == "callActivity":
        return "subprocess"
    if node.tag in ("startEvent", "endEvent"):
        return node.tag.removesuffix("Event")
    return next((event.kind for event in node.events if event.kind in ("message", "timer")), "event")


def read(source: Source) -> tuple[etree._Element, dict[str, etree._Element], list[reader.Process]]:
    """The parsed files of a bundle and their processes, the main one first.

    Raises:
        Invalid: a file cannot be read, or the internal diagram has not exactly one process.
    """
    root = reader.parse(source.internal)
    called = {name: reader.parse(content) for name, content in source.called.items()}
    main = reader.processes(root)
    if len(main) != 1:
        raise Invalid("内部流程图必须恰好包含一个流程。", code="process_count")
    others = [process for element in called.values() for process in reader.processes(element)]
    return root, called, [main[0], *others]


class _Reads:
    """Reads a node from the diagram instead of from the XML again."""

    spec: Any
    spec_class: Any
    task: Any
    bpmn_id: str
    process_parser: Any

    @property
    def info(self) -> reader.Node:
        diagram: Mapping[str, reader.Node] = self.process_parser.parser.diagram
        return diagram[self.bpmn_id]

    @property
    def bpmn_attributes(self) -> dict[str, Any]:
        return {"bpmn_name": self.info.name, "lane": self.info.position}

    def get_position(self, node: Any = None) -> dict[str, float]:
        """All equal: flows keep the order of the document, not the height of their targets."""
        return {"x": 0.0, "y": 0.0}

    def parse_extensions(self, node: Any = None) -> dict[str, str]:
        return dict(self.info.attributes)

    def parse_condition(self, sequence_flow: Any) -> str | None:
        text = super().parse_condition(sequence_flow)  # type: ignore[misc]
        if not text or not text.strip():
            return None
        expressions.parse(text.strip())
        return str(text.strip())

    def _add_boundary_event(self, children: list[Any]) -> nodes.BoundarySplit:
        split = nodes.BoundarySplit(self.spec, f"{self.bpmn_id}.BoundaryEventSplit", lane=self.task.lane)
        split.connect(self.task)
        for child in children:
            split.connect(self.process_parser.parse_node(child))
        return split

    def definition(self) -> Any:
        """The event definition: one of those the engine understands."""
        if timer := self.info.event("timer"):
            if timer.form != "timeDuration" or not is_limit(timer.value):
                raise Invalid(f"“{self.info.name}”的期限写法不支持，请写成 5wd、15d 或 24h。", code="limit")
            return LimitTimer(self.bpmn_id, timer.value, self.info.attributes.get("from", ""))
        if self.info.event("message"):
            return MessageEventDefinition(self.bpmn_id)
        if self.info.event("terminate"):
            return TerminateEventDefinition()
        if self.info.events:
            raise Invalid(f"“{self.info.name}”的事件类型不支持。", code="unsupported")
        return nodes.NOTHING


class NodeParser(_Reads, TaskParser):
    """A task."""


class EventParser(_Reads, TaskParser):
    """A catching, throwing or end event."""

    def create_task(self) -> Any:
        extra = {"cancel_activity": self.info.interrupting} if self.info.attached else {}
        return self.spec_class(
            self.spec, self.bpmn_id, event_definition=self.definition(), **extra, **self.bpmn_attributes
        )


class StartParser(EventParser):
    """A start event: where the process puts its first token."""

    def create_task(self) -> Any:
        task = super().create_task()
        self.spec.start.connect(task)
        return task


class SplitParser(_Reads, GatewayParser):
    """A gateway without conditions."""


class ConditionParser(_Reads, ConditionalGatewayParser):
    """A gateway with conditions."""


class ScopeParser(_Reads, SubWorkflowParser):
    """An embedded sub-process."""


class CallParser(_Reads, CallActivityParser):
    """A call activity."""


class ProcessReader(ProcessParser):
    """A process or the inside of a sub-process."""

    def create_spec(self) -> BpmnProcessSpec:
        return BpmnProcessSpec(name=self.bpmn_id, description=self.get_name())

    def get_lane_name(self, node_id: str) -> str | None:
        node = self.parser.diagram.get(node_id)
        return node.position if node else None


class Parser(BpmnParser):
    """Knows the supported elements and no others."""

    PROCESS_PARSER_CLASS = ProcessReader
    PARSER_CLASSES = {  # noqa: RUF012 - the base class reads it as a class attribute
        full_tag("startEvent"): (StartParser, nodes.StartEvent),
        full_tag("endEvent"): (EventParser, nodes.EndEvent),
        full_tag("userTask"): (NodeParser, nodes.UserTask),
        full_tag("manualTask"): (NodeParser, nodes.UserTask),
        full_tag("serviceTask"): (NodeParser, nodes.ServiceTask),
        full_tag("subProcess"): (ScopeParser, nodes.SubProcess),
        full_tag("callActivity"): (CallParser, nodes.CallActivity),
        full_tag("exclusiveGateway"): (ConditionParser, gateways.ExclusiveGateway),
        full_tag("inclusiveGateway"): (ConditionParser, gateways.InclusiveGateway),
        full_tag("parallelGateway"): (SplitParser, gateways.ParallelGateway),
        full_tag("eventBasedGateway"): (SplitParser, nodes.EventGateway),
        full_tag("intermediateCatchEvent"): (EventParser, nodes.CatchEvent),
        full_tag("intermediateThrowEvent"): (EventParser, nodes.ThrowEvent),
        full_tag("boundaryEvent"): (EventParser, nodes.BoundaryEvent),
    }

    def __init__(self, diagram: Mapping[str, reader.Node]) -> None:
        super().__init__()
        self.diagram = diagram

    def add_bpmn_xml(self, bpmn: etree._Element, filename: str | None = None) -> None:
        """Only processes: data stores, signals, correlations and positions have no meaning here."""
        self._add_processes(bpmn, filename)


def build(key: str, source: Source) -> Spec:
    """Parse a bundle.

    Raises:
        Invalid: the files cannot be read or hold something the engine does not run.
    """
    root, called, processes = read(source)
    diagram = {node.id: node for process in processes for node in process.nodes.values()}
    for node in diagram.values():
        # SpiffWorkflow would run these, but not as they are drawn.
        if node.event_subprocess or node.marker or node.compensation:
            raise Invalid(f"“{node.name or node.id}”的画法不支持，流程图未经发布检查。", code="unsupported")
    parser = Parser(diagram)
    try:
        parser.add_bpmn_xml(root)
        for name, element in called.items():
            parser.add_bpmn_xml(element, name)
        process = parser.get_spec(processes[0].id)
        subprocesses = parser.get_subprocess_specs(processes[0].id)
    except ValidationException as error:
        raise Invalid(f"流程图无法解析：{error}", code="unsupported") from error
    except RecursionError:
        raise Invalid("流程图过大，请拆成几个被调用的流程。", code="too_large") from None
    infos = {
        node.id: NodeInfo(
            node.id,
            node.name,
            kind_of(node),
            node.position,
            dict(node.attributes),
            node.documents,
            node.on_demand,
        )
        for node in diagram.values()
    }
    return Spec(key, process, subprocesses, infos)


class _Cache:
    """The specs of this process, by key. Each key is parsed once, whoever asks first."""

    SIZE = 256

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._specs: OrderedDict[str, Spec] = OrderedDict()
        self._parsing: dict[str, threading.Lock] = {}

    def get(self, key: str, load: Callable[[], Source], make: Callable[[str, Source], Spec]) -> Spec:
        with self._lock:
            if key in self._specs:
                self._specs.move_to_end(key)
                return self._specs[key]
            mine = self._parsing.setdefault(key, threading.Lock())
        with mine:
            with self._lock:
                if key in self._specs:
                    return self._specs[key]
            spec = make(key, load())
            with self._lock:
                self._specs[key] = spec
                self._parsing.pop(key, None)
                while len(self._specs) > self.SIZE:
                    self._specs.popitem(last=False)
            return spec


CACHE = _Cache()
