"""Reads BPMN 2.0 XML into plain values, tolerantly but safely.

Tolerant: what the platform does not execute is still read, so that the publication gate can name it
(`refusals`); prefixes, order of elements, vendor extensions and redundant children do not matter. Safe: a
diagram is an upload, so document types, entities, foreign encodings and oversized files are refused before
any of their content is interpreted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from lxml import etree

from ..kernel.errors import Invalid
from .diagram import (
    ACTIVITIES,
    EVENTS,
    FLOW_NODES,
    GATEWAYS,
    MARKERS,
    MULTIPLE,
    SCOPES,
    SERVICES,
    TASKS,
    Collaboration,
    Event,
    Flow,
    MessageFlow,
    Node,
    Process,
    Unread,
)

__all__ = [
    "ACTIVITIES", "BPMN", "EVENTS", "FLOW_NODES", "GATEWAYS", "MARKERS", "MAX_BYTES", "MULTIPLE", "SCOPES",
    "SERVICES", "TASKS", "XQ", "Collaboration", "Event", "Flow", "MessageFlow", "Node", "Process", "Unread",
    "collaboration", "parse", "processes", "read",
]  # fmt: skip

XQ = "urn:xingquan:bpmn:1"
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
MAX_BYTES = 2_000_000

_SILENT = frozenset(
    {
        "documentation", "extensionElements", "laneSet", "auditing", "monitoring", "property", "ioSpecification",
        "ioBinding", "artifact", "association", "group", "textAnnotation", "dataObject", "dataObjectReference",
        "dataStoreReference", "dataInputAssociation", "dataOutputAssociation", "dataInput", "dataOutput",
        "inputSet", "outputSet", "categoryValueRef", "incoming", "outgoing", "conditionExpression",
        "supportedInterfaceRef", "supports", "correlationSubscription", "resourceRole", "performer",
        "humanPerformer", "potentialOwner", "rendering", "script", "eventDefinitionRef",
        "activationCondition", "completionCondition",
    }
)  # fmt: skip
"""Elements that move no token, or that are read where they belong."""


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
    shared = _Shared(root)
    elements = [root] if _tag(root) == "process" else [child for child in root if _tag(child) == "process"]
    found = [process for element in elements if (process := _Reading(element, shared).process()).nodes]
    names = tuple(process.id for process in found)
    if len(found) < 2:
        return tuple(found)
    return tuple(replace(p, siblings=names[:i] + names[i + 1 :]) for i, p in enumerate(found))


def collaboration(root: etree._Element) -> Collaboration:
    """The pools of a file and the messages between them."""
    pools: dict[str, str] = {}
    messages = []
    for part in root.iter(f"{{{BPMN}}}participant", f"{{{BPMN}}}messageFlow"):
        ident = part.get("id") or ""
        if _tag(part) == "participant":
            pools[ident] = _local(part.get("processRef"))
        else:
            source, target = _local(part.get("sourceRef")), _local(part.get("targetRef"))
            messages.append(MessageFlow(ident, source, target, part.get("name") or ""))
    return Collaboration(pools, tuple(messages))


_NAMES = {f"{{{BPMN}}}{name}": name for name in (*FLOW_NODES, *MARKERS, *_SILENT, "sequenceFlow", "process")}
"""The names that nearly every element of a diagram has, so that each need not be taken apart."""
_TYPED = FLOW_NODES | MARKERS


def _tag(element: etree._Element) -> str:
    """The BPMN name of an element, empty for anything that is not BPMN.

    `xsi:type="tUserTask"` on a `task` makes it a user task.
    """
    tag = element.tag
    name = _NAMES.get(tag) if isinstance(tag, str) else ""
    if name is None:
        if not tag.startswith(f"{{{BPMN}}}"):
            return ""
        name = tag[len(BPMN) + 2 :]
    if name in _TYPED and (kind := element.get(_TYPE)):
        derived = _local(kind).removeprefix("t")
        derived = derived[:1].lower() + derived[1:]
        if derived in _TYPED:
            return derived
    return name


def _local(name: str | None) -> str:
    """A reference without the prefix that some tools write."""
    return name.strip().rpartition(":")[2] if name else ""


_PREFIX = f"{{{XQ}}}"


def _attributes(own: Mapping[str, str]) -> dict[str, str]:
    """The platform's own attributes among those of an element."""
    found = {}
    for key, value in own.items():
        if key[0] == "{" and key.startswith(_PREFIX):
            found[key[len(_PREFIX) :]] = value
    return found


def _own(element: etree._Element) -> dict[str, str]:
    """The attributes of an element, all at once."""
    return dict(cast("Sequence[tuple[str, str]]", element.items()))


def _text(element: etree._Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def _true(own: Mapping[str, str], name: str, otherwise: bool = False) -> bool:
    """A truth value as XML Schema writes it."""
    if name not in own:
        return otherwise
    value = own[name].strip().lower()
    return value in ("true", "1") if value else otherwise


def _documents(children: "_Children", demanded: bool) -> tuple[Mapping[str, str], ...]:
    wrapper = next((child for tag, child in children if tag == "extensionElements"), None)
    if wrapper is None:
        return ()
    found = (_own(child) for child in wrapper.findall(f"{{{XQ}}}document"))
    return tuple(own for own in found if (own.get("when") == "demand") is demanded)


class _Shared:
    """What the processes of a file refer to: event definitions and errors beside them."""

    def __init__(self, root: etree._Element) -> None:
        self.definitions: dict[str, etree._Element] = {}
        self.errors: dict[str, str] = {}
        for child in root:
            tag, ident = _tag(child), child.get("id") or ""
            if tag.endswith("EventDefinition"):
                self.definitions[ident] = child
            elif tag == "error":
                self.errors[ident] = child.get("errorCode") or ident

    def events(self, children: "_Children") -> tuple[Event, ...]:
        found = []
        for tag, child in children:
            if tag == "eventDefinitionRef":
                kept = self.definitions.get(_local(child.text))
                found.append(Event("reference", value=_text(child)) if kept is None else self.event(kept))
            elif tag.endswith("EventDefinition"):
                found.append(self.event(child))
        return tuple(found)

    def event(self, definition: etree._Element) -> Event:
        form, value = "", definition.get("messageRef") or ""
        if error := _local(definition.get("errorRef")):
            value = self.errors.get(error, error)
        for part in definition:
            if _tag(part) in ("timeDuration", "timeDate", "timeCycle"):
                form, value = _tag(part), _text(part)
        return Event(_tag(definition).removesuffix("EventDefinition"), form, value)


def _lanes(process: etree._Element) -> dict[str, tuple[str, str]]:
    """Node id -> (lane name, position). Lanes are met outermost first, so the innermost one stays."""
    lanes: dict[str, tuple[str, str]] = {}

    def visit(lane_set: etree._Element, position: str) -> None:
        for lane in lane_set.findall(f"{{{BPMN}}}lane"):
            own = lane.get(f"{{{XQ}}}position") or position
            for ref in lane.findall(f"{{{BPMN}}}flowNodeRef"):
                lanes[_text(ref)] = (lane.get("name") or lane.get("id") or "", own)
            for child in lane.findall(f"{{{BPMN}}}childLaneSet"):
                visit(child, own)

    for lane_set in process.iter(f"{{{BPMN}}}laneSet"):
        visit(lane_set, "")
    return lanes


_Children = Sequence[tuple[str, etree._Element]]
"""The children of an element with their BPMN names."""
_Drawn = tuple[str, str, etree._Element, _Children, str]
"""A flow node as it is met: id, BPMN name, element, children, the scope it lies in."""


@dataclass
class _Reading:
    """One process while it is read."""

    element: etree._Element
    shared: _Shared
    drawn: list[_Drawn] = field(default_factory=list)
    flows: dict[str, Flow] = field(default_factory=dict)
    duplicates: list[str] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    incoming: dict[str, list[Flow]] = field(default_factory=dict)
    outgoing: dict[str, list[Flow]] = field(default_factory=dict)

    def process(self) -> Process:
        ident = self.element.get("id") or ""
        self.seen.add(ident)
        self.visit(self.element, ident)
        known = {ident for ident, *_ in self.drawn}
        good, dangling = {}, []
        for flow in self.flows.values():
            if flow.source in known and flow.target in known:
                self.outgoing.setdefault(flow.source, []).append(flow)
                self.incoming.setdefault(flow.target, []).append(flow)
                good[flow.id] = flow
            else:
                dangling.append(flow)
        nodes: dict[str, Node] = {}
        lanes = _lanes(self.element)
        for one in self.drawn:
            nodes[one[0]] = self.node(one, known, lanes, nodes)
        return Process(
            id=ident,
            name=self.element.get("name") or ident,
            nodes=nodes,
            flows=good,
            attributes=_attributes(_own(self.element)),
            duplicates=tuple(self.duplicates),
            dangling=tuple(dangling),
            unread=tuple(self.unread),
        )

    def visit(self, scope: etree._Element, scope_id: str) -> None:
        for element in scope:
            tag, ident = _tag(element), element.get("id") or ""
            if tag not in FLOW_NODES and tag != "sequenceFlow":
                if tag not in _SILENT and not (scope is not self.element and self.belongs(tag)):
                    self.unread.append(Unread(scope_id, ident, tag or _name(element)))
                continue
            if ident in self.seen or not ident:
                self.duplicates.append(ident)
                continue
            self.seen.add(ident)
            children: _Children = [(_tag(child), child) for child in element] if len(element) else ()
            if tag == "sequenceFlow":
                self.flows[ident] = self.flow(element, ident, children)
            else:
                self.drawn.append((ident, tag, element, children, scope_id))
            if tag in SCOPES:
                self.visit(element, ident)
            else:
                for name, child in children:
                    if name not in _SILENT and not self.belongs(name):
                        self.unread.append(Unread(ident, child.get("id") or "", name or _name(child)))

    @staticmethod
    def belongs(tag: str) -> bool:
        """Children of a node that are read with it."""
        return tag in MARKERS or tag.endswith("EventDefinition")

    @staticmethod
    def flow(element: etree._Element, ident: str, children: "_Children") -> Flow:
        get, condition = (own := _own(element)).get, ""
        for tag, child in children:
            if tag == "conditionExpression":
                condition = _text(child)
                break
        source, target = get("sourceRef", ""), get("targetRef", "")
        return Flow(ident, source, target, get("name", ""), condition, _attributes(own))

    def node(
        self,
        drawn: _Drawn,
        known: set[str],
        lanes: Mapping[str, tuple[str, str]],
        nodes: Mapping[str, Node],
    ) -> Node:
        ident, tag, element, children, scope = drawn
        own = _own(element)
        get = own.get
        attached = get("attachedToRef", "").strip()
        if attached and attached not in known:
            attached = _local(attached)
        # A host may follow its boundary event in the document, so its lane is looked up by id.
        lane, position = lanes.get(ident) or lanes.get(attached) or ("", "")
        if not lane and scope in nodes:
            lane, position = nodes[scope].lane, nodes[scope].position
        triggers = "cancelActivity" if tag == "boundaryEvent" else "isInterrupting"
        return Node(
            id=ident,
            tag=tag,
            name=get("name", ""),
            scope=scope,
            incoming=tuple(self.incoming.get(ident, ())),
            outgoing=tuple(self.outgoing.get(ident, ())),
            default=get("default", ""),
            events=self.shared.events(children) if children else (),
            attached=attached,
            interrupting=_true(own, triggers, True),
            event_subprocess=_true(own, "triggeredByEvent"),
            compensation=_true(own, "isForCompensation"),
            marker=next((name for name, _ in children if name in MARKERS), "") if children else "",
            called=_local(get("calledElement")),
            message=get("messageRef", ""),
            lane=lane,
            position=position,
            attributes=_attributes(own),
            documents=_documents(children, False) if children else (),
            on_demand=_documents(children, True) if children else (),
            traits=frozenset(_traits(own)) if _TRAITS & own.keys() else _NONE,
        )


_TRAITS = frozenset(
    ("startQuantity", "completionQuantity", "parallelMultiple", "eventGatewayType", "instantiate")
)
_NONE: frozenset[str] = frozenset()


def _traits(own: Mapping[str, str]) -> Iterator[str]:
    for name in ("startQuantity", "completionQuantity"):
        if (own.get(name) or "1").strip() != "1":
            yield "quantity"
    if _true(own, "parallelMultiple"):
        yield "all_events"
    if own.get("eventGatewayType") == "Parallel":
        yield "parallel_events"
    if _true(own, "instantiate"):
        yield "instantiate"


def _name(element: etree._Element) -> str:
    """The name of an element that is not BPMN, with the end of its namespace."""
    if not isinstance(element.tag, str):
        return "?"
    name = etree.QName(element)
    return f"{name.localname}@{(name.namespace or '')[:80]}"
