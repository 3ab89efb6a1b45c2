"""Reads BPMN 2.0 XML into plain values, tolerantly but safely.

Tolerant: what the platform does not execute is still read, so that the publication gate can name it. Safe:
a diagram is an upload, so document types, entities, foreign encodings and oversized files are refused before
any of their content is interpreted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from ..kernel.errors import Invalid

XQ = "urn:xingquan:bpmn:1"
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
MAX_BYTES = 2_000_000

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


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow. `condition` is its expression, empty where it has none."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """One event definition: `kind` is `timer`, `message`, `signal`, `link`, `terminate` ...

    For a timer `value` is the text of its `form` (`timeDuration`, `timeDate`, `timeCycle`); for a message it
    is the id of the message.
    """

    kind: str
    form: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Node:
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
    attributes: Mapping[str, str] = field(default_factory=dict)
    documents: tuple[Mapping[str, str], ...] = ()

    def event(self, kind: str) -> Event | None:
        """The node's event definition of that kind."""
        return next((event for event in self.events if event.kind == kind), None)


@dataclass(frozen=True, slots=True)
class Process:
    """One process with every node in it, those of embedded sub-processes included, in document order.

    `duplicates` are ids met more than once, `dangling` flows whose source or target does not exist.
    """

    id: str
    name: str
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    attributes: Mapping[str, str] = field(default_factory=dict)
    duplicates: tuple[str, ...] = ()
    dangling: tuple[Flow, ...] = ()

    def inside(self, scope: str) -> Iterator[Node]:
        """The nodes that lie directly in a scope."""
        return (node for node in self.nodes.values() if node.scope == scope)

    def boundary(self, host: str) -> tuple[Node, ...]:
        """The boundary events attached to a node, in document order."""
        return tuple(node for node in self.nodes.values() if node.attached == host)


def parse(content: bytes) -> etree._Element:
    """The root element of an XML file that came from outside.

    Raises:
        Invalid: the file is too large, not UTF-8, declares a document type, or is not well formed.
    """
    if len(content) > MAX_BYTES:
        raise Invalid(f"流程图文件超过 {MAX_BYTES // 1_000_000} MB，请精简后再上传。", code="too_large")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("流程图文件不是 UTF-8 编码，请用 UTF-8 重新导出。", code="encoding") from None
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        # Entities can swell to gigabytes or read local files; BPMN never needs them.
        raise Invalid("流程图文件不得包含文档类型声明或实体，请重新导出后再上传。", code="doctype")
    parser = etree.XMLParser(
        encoding="utf-8",  # overrides the declaration: what was scanned above is what is parsed
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise Invalid(f"流程图文件不是有效的 XML(第 {error.lineno} 行)。", code="malformed") from None


def read(content: bytes) -> tuple[Process, ...]:
    """The processes of a BPMN file that hold at least one flow node.

    Raises:
        Invalid: see `parse`.
    """
    return processes(parse(content))


def processes(root: etree._Element) -> tuple[Process, ...]:
    """The processes below a parsed root element."""
    found = (_process(element) for element in root.iter("{*}process"))
    return tuple(process for process in found if process.nodes)


def _tag(element: etree._Element) -> str:
    """The BPMN name of an element, empty for anything that is not BPMN."""
    if not isinstance(element.tag, str):
        return ""
    name = etree.QName(element)
    return name.localname if name.namespace == BPMN else ""


def _attributes(element: etree._Element) -> dict[str, str]:
    prefix = f"{{{XQ}}}"
    return {
        str(key)[len(prefix) :]: str(value)
        for key, value in element.attrib.items()
        if str(key).startswith(prefix)
    }


def _text(element: etree._Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def _documents(element: etree._Element) -> tuple[Mapping[str, str], ...]:
    wrapper = element.find("{*}extensionElements")
    if wrapper is None:
        return ()
    return tuple(
        {str(k): str(v) for k, v in child.attrib.items()} for child in wrapper.findall(f"{{{XQ}}}document")
    )


def _events(element: etree._Element) -> tuple[Event, ...]:
    events = []
    for child in element:
        tag = _tag(child)
        if tag == "eventDefinitionRef":
            events.append(Event("reference", value=_text(child)))
        elif tag.endswith("EventDefinition"):
            form, value = "", child.get("messageRef") or ""
            for part in child:
                if _tag(part) in ("timeDuration", "timeDate", "timeCycle"):
                    form, value = _tag(part), _text(part)
            events.append(Event(tag.removesuffix("EventDefinition"), form, value))
    return tuple(events)


def _lanes(process: etree._Element) -> dict[str, tuple[str, str]]:
    """Node id -> (lane name, position). Lanes are met outermost first, so the innermost one stays."""
    lanes: dict[str, tuple[str, str]] = {}

    def visit(lane_set: etree._Element, position: str) -> None:
        for lane in lane_set.findall("{*}lane"):
            own = lane.get(f"{{{XQ}}}position") or position
            for ref in lane.findall("{*}flowNodeRef"):
                lanes[_text(ref)] = (lane.get("name") or lane.get("id") or "", own)
            for child in lane.findall("{*}childLaneSet"):
                visit(child, own)

    for lane_set in process.findall("{*}laneSet"):
        visit(lane_set, "")
    return lanes


def _process(process: etree._Element) -> Process:
    lanes = _lanes(process)
    elements: list[tuple[etree._Element, str]] = []
    flows: dict[str, Flow] = {}
    duplicates: list[str] = []
    seen: set[str] = set()

    def visit(scope: etree._Element, scope_id: str) -> None:
        for element in scope:
            tag, ident = _tag(element), element.get("id") or ""
            if tag not in FLOW_NODES and tag != "sequenceFlow":
                continue
            if ident in seen or not ident:
                duplicates.append(ident)
                continue
            seen.add(ident)
            if tag == "sequenceFlow":
                flows[ident] = Flow(
                    id=ident,
                    source=element.get("sourceRef") or "",
                    target=element.get("targetRef") or "",
                    name=element.get("name") or "",
                    condition=_text(element.find("{*}conditionExpression")),
                    attributes=_attributes(element),
                )
            else:
                elements.append((element, scope_id))
                if tag in SCOPES:
                    visit(element, ident)

    process_id = process.get("id") or ""
    visit(process, process_id)
    known = {element.get("id") or "" for element, _ in elements}
    incoming: dict[str, list[Flow]] = {}
    outgoing: dict[str, list[Flow]] = {}
    dangling = []
    for flow in flows.values():
        if flow.source in known and flow.target in known:
            outgoing.setdefault(flow.source, []).append(flow)
            incoming.setdefault(flow.target, []).append(flow)
        else:
            dangling.append(flow)

    nodes: dict[str, Node] = {}
    for element, scope_id in elements:
        ident, attached = element.get("id") or "", element.get("attachedToRef") or ""
        # A host may follow its boundary event in the document, so its lane is looked up by id.
        lane, position = lanes.get(ident) or lanes.get(attached) or ("", "")
        if not lane and scope_id in nodes:
            lane, position = nodes[scope_id].lane, nodes[scope_id].position
        triggers = "cancelActivity" if _tag(element) == "boundaryEvent" else "isInterrupting"
        nodes[ident] = Node(
            id=ident,
            tag=_tag(element),
            name=element.get("name") or "",
            scope=scope_id,
            incoming=tuple(incoming.get(ident, ())),
            outgoing=tuple(outgoing.get(ident, ())),
            default=element.get("default") or "",
            events=_events(element),
            attached=attached,
            interrupting=(element.get(triggers) or "true").lower() == "true",
            event_subprocess=element.get("triggeredByEvent") == "true",
            compensation=element.get("isForCompensation") == "true",
            marker=next((_tag(child) for child in element if _tag(child) in MARKERS), ""),
            called=element.get("calledElement") or "",
            message=element.get("messageRef") or "",
            lane=lane,
            position=position,
            attributes=_attributes(element),
            documents=_documents(element),
        )
    return Process(
        id=process_id,
        name=process.get("name") or process_id,
        nodes=nodes,
        flows={key: flow for key, flow in flows.items() if flow not in dangling},
        attributes=_attributes(process),
        duplicates=tuple(duplicates),
        dangling=tuple(dangling),
    )
