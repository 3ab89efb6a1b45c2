"""What differs between two BPMN diagrams, element by element. Pure.

Elements are known by their id. What only the drawing says (places, bends, sizes) is told apart from what the
diagram means.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from app.kernel.errors import Invalid
from app.verify import reader
from app.verify.diagram import FLOW_NODES
from app.verify.rules.steps import name as step_name
from app.verify.wording import said

from .diff_words import Change, ChangeKind, Names, limit, shortened, turned

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
XQ = "urn:xingquan:bpmn:1"
_DIAGRAM = "http://www.omg.org/spec/BPMN/20100524/DI"
_DI = f"{{{_DIAGRAM}}}"
KINDS: Mapping[str, str] = {
    "task": "任务", "userTask": "任务", "manualTask": "人工任务", "serviceTask": "自动任务", "scriptTask": "脚本任务",
    "sendTask": "发送任务", "receiveTask": "接收任务", "businessRuleTask": "决策任务", "callActivity": "调用流程",
    "subProcess": "子流程", "transaction": "事务子流程", "adHocSubProcess": "临时子流程",
    "exclusiveGateway": "排他网关", "parallelGateway": "并行网关", "inclusiveGateway": "包容网关",
    "eventBasedGateway": "事件网关", "complexGateway": "复杂网关", "startEvent": "开始事件", "endEvent": "结束事件",
    "intermediateCatchEvent": "中间事件", "intermediateThrowEvent": "中间抛出事件", "boundaryEvent": "边界事件",
    "sequenceFlow": "连线", "messageFlow": "消息流", "association": "关联", "lane": "泳道", "participant": "泳池",
    "process": "流程", "textAnnotation": "注释", "group": "分组", "dataObject": "数据对象",
    "dataObjectReference": "数据对象", "dataStoreReference": "数据存储", "message": "消息", "error": "错误",
    "signal": "信号", "escalation": "升级", "implicitThrowEvent": "结束事件",
}  # fmt: skip
"""Elements with a life of their own; everything else belongs to the one it stands in."""
FLOWS = frozenset({"sequenceFlow", "messageFlow", "association"})
_TRANSPARENT = frozenset({"laneSet", "childLaneSet", "collaboration"})
_LEFT_OUT = frozenset({"incoming", "outgoing", "flowNodeRef", "conditionExpression"})
LABELS: Mapping[str, str] = {
    "step": "法定环节", "duty": "职责", "guide": "办理指引", "limit": "时限", "form": "表单", "officers": "最少持证人数",
    "basis": "法律依据", "from": "起算环节", "verb": "按钮名称", "position": "岗位", "rounds": "最多退回次数",
    "abnormal": "异常环节标记", "action": "自动动作", "kind": "流程种类", "level": "图的层级", "default": "默认分支",
    "attachedToRef": "所附着的环节", "cancelActivity": "是否中断", "isExecutable": "可执行标记",
    "calledElement": "被调用的流程", "documents": "文书", "processRef": "所画的流程",
    "isInterrupting": "是否中断", "scope": "适用规则",
}  # fmt: skip


@dataclass(slots=True)
class _Element:
    """What an element says, without where it is drawn."""

    id: str
    tag: str
    name: str
    scope: str
    attributes: dict[str, str]
    source: str = ""
    target: str = ""
    condition: str = ""
    lane: str = ""
    documents: tuple[str, ...] = ()
    timer: str = ""
    rest: str = ""


@dataclass(slots=True)
class _Drawing:
    elements: dict[str, _Element] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    rest: str = ""
    """What belongs to no element: definitions that the comparison knows nothing of."""

    def named(self, key: str) -> str:
        """An element in a sentence."""
        found = self.elements.get(key)
        if found is None:
            return f"“{key}”"
        kind = KINDS[found.tag]
        if found.tag in FLOWS:
            ends = f"{self.called(found.source)} → {self.called(found.target)}"
            return f"{kind}“{shortened(found.name)}”（{ends}）" if found.name else f"{kind}“{ends}”"
        if found.tag in FLOW_NODES and found.name:
            return f"“{shortened(found.name)}”"
        return f"{kind}“{shortened(found.name)}”" if found.name else f"未命名的{kind}（{key}）"

    def called(self, key: str) -> str:
        """The bare name of an element."""
        found = self.elements.get(key)
        if found is None:
            return key
        return shortened(found.name, 24) if found.name else KINDS[found.tag]


def drawings(path: str, before: str, after: str, names: Names) -> Iterator[Change]:
    """The differences of two diagrams, in the order of the newer one; what is gone comes last."""
    try:
        old, new = _read(before), _read(after)
    except Invalid as error:
        text = f"不能逐项比较：{error.message}"
        yield Change(path, ChangeKind.UNREADABLE, "", text)
        return
    for key, element in new.elements.items():
        if key not in old.elements:
            yield Change(path, ChangeKind.ADDED, key, _added(new, element, names), after=_whole(element))
        else:
            yield from _changed(path, old, new, old.elements[key], element, names)
    for key, element in old.elements.items():
        if key not in new.elements:
            text = f"删除{_kind(element)}{old.named(key)}。"
            yield Change(path, ChangeKind.REMOVED, key, text, before=_whole(element))
    if old.rest != new.rest:
        yield Change(
            path, ChangeKind.CHANGED, "", "流程图中其他工具写入的内容已修改。", "rest", old.rest, new.rest
        )
    for key, place in new.places.items():
        if key in old.elements and old.places.get(key, place) != place:
            text = f"{new.named(key)}在图上的位置或者形状改变。"
            yield Change(path, ChangeKind.LAYOUT, key, text, "", old.places[key], place)


def _kind(element: _Element) -> str:
    """The kind before a name that does not say it itself."""
    return KINDS[element.tag] if element.tag in FLOW_NODES and element.name else ""


def _added(drawing: _Drawing, element: _Element, names: Names) -> str:
    text = f"新增{_kind(element)}{drawing.named(element.id)}"
    parts = []
    if element.lane:
        parts.append(f"由{drawing.named(element.lane).removeprefix('泳道')}办理")
    if element.condition:
        parts.append(f"条件：{_condition(element.condition, names)}")
    for key in ("step", "limit", "form"):
        if key in element.attributes:
            parts.append(f"{LABELS[key]}：{_value(drawing, key, element.attributes[key], names)}")
    if element.documents:
        parts.append(f"文书：{_documents(element.documents, names)}")
    return f"{text}（{'，'.join(parts)}）。" if parts else f"{text}。"


def _whole(element: _Element) -> dict[str, Any]:
    """An element for programs."""
    found = {
        "type": element.tag, "name": element.name, "lane": element.lane, "source": element.source,
        "target": element.target, "condition": element.condition, **element.attributes,
    }  # fmt: skip
    return {key: text for key, text in found.items() if text}


def _changed(
    path: str, old: _Drawing, new: _Drawing, one: _Element, two: _Element, names: Names
) -> Iterator[Change]:
    key, subject = two.id, new.named(two.id)

    def change(kind: ChangeKind, what: str, a: Any, b: Any, text: str) -> Change:
        return Change(path, kind, key, text, what, a or None, b or None)

    if one.tag != two.tag:
        text = turned(subject, "类型", KINDS[one.tag], KINDS[two.tag])
        yield change(ChangeKind.CHANGED, "type", one.tag, two.tag, text)
    if one.name != two.name:
        if one.name and two.name:
            text = f"{KINDS[two.tag]}“{shortened(one.name)}”改名为“{shortened(two.name)}”。"
        elif two.name:
            text = f"{old.named(key)}命名为“{shortened(two.name)}”。"
        else:
            text = f"{old.named(key)}去掉名称。"
        yield change(ChangeKind.RENAMED, "name", one.name, two.name, text)
    if (one.source, one.target) != (two.source, two.target):
        text = f"连线由“{_ends(old, one)}”改接为“{_ends(new, two)}”。"
        yield change(ChangeKind.REROUTED, "ends", [one.source, one.target], [two.source, two.target], text)
    if one.lane != two.lane:
        text = _moved(old, new, one, two)
        yield change(ChangeKind.MOVED, "lane", one.lane, two.lane, text)
    elif one.scope != two.scope:
        text = f"{subject}移到{new.named(two.scope)}中。"
        yield change(ChangeKind.MOVED, "scope", one.scope, two.scope, text)
    if one.condition != two.condition:
        words = [
            f"（{_condition(each.condition, names)}）" if each.condition else None for each in (one, two)
        ]
        yield change(
            ChangeKind.CHANGED, "condition", one.condition, two.condition, turned(subject, "条件", *words)
        )
    for name in sorted({*one.attributes, *two.attributes}, key=_rank):
        a, b = one.attributes.get(name), two.attributes.get(name)
        if a != b:
            said_ = [None if v is None else _value(d, name, v, names) for d, v in ((old, a), (new, b))]
            label = _label(name)
            yield change(ChangeKind.CHANGED, name, a, b, turned(subject, label, *said_))
    if one.documents != two.documents:
        yield change(
            ChangeKind.CHANGED, "documents", list(one.documents), list(two.documents),
            _papers(subject, one.documents, two.documents, names),
        )  # fmt: skip
    if one.timer != two.timer:
        said_ = [limit(each.timer) if each.timer else None for each in (one, two)]
        yield change(ChangeKind.CHANGED, "timer", one.timer, two.timer, turned(subject, "计时", *said_))
    if one.rest != two.rest:
        text = f"{subject}的其他设置已修改。"
        yield Change(path, ChangeKind.CHANGED, key, text, "rest", one.rest or None, two.rest or None)


def _label(name: str) -> str:
    if name.startswith(_WITH):
        node, _, what = name.removeprefix(_WITH).partition(" ")
        return f"被调用流程中“{node}”的{LABELS.get(what, what)}"
    return LABELS.get(name, f"属性“{name}”")


def _rank(name: str) -> tuple[int, str]:
    order = list(LABELS)
    return (order.index(name) if name in LABELS else len(order), name)


def _ends(drawing: _Drawing, flow: _Element) -> str:
    return f"{drawing.called(flow.source)} → {drawing.called(flow.target)}"


def _moved(old: _Drawing, new: _Drawing, one: _Element, two: _Element) -> str:
    subject = new.named(two.id)
    before = old.named(one.lane).removeprefix("泳道") if one.lane else ""
    after = new.named(two.lane).removeprefix("泳道") if two.lane else ""
    if before and after:
        return f"{subject}由{before}改到{after}。"
    return f"{subject}放入{after}。" if after else f"{subject}移出{before}，不属于任何岗位。"


def _papers(subject: str, one: tuple[str, ...], two: tuple[str, ...], names: Names) -> str:
    gone, come = ([d for d in a if d not in b] for a, b in ((one, two), (two, one)))
    parts = [
        f"{verb}文书{_documents(tuple(found), names)}"
        for verb, found in (("增加", come), ("去掉", gone))
        if found
    ]
    return f"{subject}{'，'.join(parts) or '的文书次序改变'}。"


def _documents(found: tuple[str, ...], names: Names) -> str:
    words = []
    for each in found:
        code, _, when = each.partition(" ")
        words.append(names.document(code) + (f"（{when}）" if when else ""))
    return "、".join(words)


def _condition(text: str, names: Names) -> str:
    return said(text, names.attributes)


def _value(drawing: _Drawing, name: str, text: str, names: Names) -> str:
    if name.startswith(_WITH):
        name = name.rpartition(" ")[2]
    if name == "limit":
        return limit(text)
    if name in ("step", "from"):
        called = step_name(text)
        return f"“{called}”（{text}）" if called != text else f"“{text}”"
    if name == "form":
        return names.form(text)
    if name in ("default", "attachedToRef", "processRef"):
        return drawing.named(text)
    if text in ("true", "false"):
        return "是" if text == "true" else "否"
    return text if text.isdecimal() else f"“{shortened(text)}”"


# ---------------------------------------------------------------- reading


def _read(text: str) -> _Drawing:
    root = reader.parse(text.encode())
    found = _Drawing()
    _walk(root, "", found)
    lanes = {}
    for lane in root.iter(f"{{{BPMN}}}lane"):
        for reference in lane.findall(f"{{{BPMN}}}flowNodeRef"):
            lanes[(reference.text or "").strip()] = lane.get(
                "id", ""
            )  # an inner lane comes after its outer one
    for key, lane_id in lanes.items():
        if key in found.elements:
            found.elements[key].lane = lane_id
    for drawn in root.iter(f"{_DI}BPMNShape", f"{_DI}BPMNEdge"):
        key = drawn.get("bpmnElement", "")
        found.places[key] = found.places.get(key, "") + _fold(drawn, lambda _: True)
    return found


def _walk(parent: etree._Element, scope: str, found: _Drawing, *, owned: bool = False) -> None:
    """Take up every element below; what is none belongs to the element it stands in (`owned`), else to the file."""
    for child in parent:
        name, space = _name(child)
        if space == BPMN and name in _TRANSPARENT:
            _walk(child, scope, found)
        elif space == BPMN and name in KINDS and child.get("id"):
            element = _element(child, name, scope)
            found.elements.setdefault(element.id, element)
            _walk(child, element.id if name != "lane" else scope, found, owned=True)
        elif name and not owned and space != _DIAGRAM:
            found.rest += _fold(child, _belongs)


def _element(node: etree._Element, tag: str, scope: str) -> _Element:
    attributes: dict[str, str] = {}
    for key, text in node.attrib.items():
        space, _, name = str(key).rpartition("}")
        own = space.lstrip("{") in ("", XQ)
        if (own and name) not in ("id", "name", "sourceRef", "targetRef"):
            attributes[name if own else f"{space.lstrip('{')}:{name}"] = str(text)
    for extra in node.findall(f"{{{BPMN}}}extensionElements/{{{XQ}}}with"):
        attributes |= dict(_with(extra))
    expression = node.find(f"{{{BPMN}}}conditionExpression")
    papers = node.findall(f"{{{BPMN}}}extensionElements/{{{XQ}}}document")
    timers = node.findall(f"{{{BPMN}}}timerEventDefinition/*")
    return _Element(
        node.get("id", ""),
        tag,
        node.get("name", ""),
        scope,
        attributes,
        node.get("sourceRef", ""),
        node.get("targetRef", ""),
        "" if expression is None else " ".join((expression.text or "").split()),
        "",
        tuple(_paper(paper) for paper in papers),
        "".join((each.text or "").strip() for each in timers),
        "".join(
            _fold(child, _belongs)
            for child in node
            if _belongs(child) and _name(child)[0] != "timerEventDefinition"
        ),
    )


_WITH = "with "
"""Begins the name under which the differences keep what a call says anew of a node of what it calls."""


def _with(extra: etree._Element) -> Iterator[tuple[str, str]]:
    node = extra.get("node", "")
    for key, text in extra.attrib.items():
        if str(key) not in ("node", "documents"):
            yield f"{_WITH}{node} {key!s}", str(text)
    if extra.get("documents") == "own":
        papers = "、".join(_paper(paper) for paper in extra.findall(f"{{{XQ}}}document"))
        yield f"{_WITH}{node} documents", papers or "无"


def _paper(paper: etree._Element) -> str:
    code = paper.get("code", "")
    more = " ".join(
        f"{key!s}={text!s}"
        for key, text in sorted(paper.attrib.items())
        if (key, text) not in _AT_COMPLETION and key != "code"
    )
    return f"{code} {more}".strip()


_AT_COMPLETION = {("when", "complete")}


def _belongs(node: etree._Element) -> bool:
    """Whether a child is part of what its element says, and not told by other means."""
    name, space = _name(node)
    if space == XQ and name in ("document", "with"):
        return False
    known = name in _LEFT_OUT or name in _TRANSPARENT or (name in KINDS and bool(node.get("id")))
    return not (space == BPMN and known)


def _fold(node: etree._Element, wanted: Callable[[etree._Element], bool]) -> str:
    """A node as a text that does not depend on prefixes, blanks or ids of its own."""
    name, space = _name(node)
    if not name:
        return ""
    inner = "".join(_fold(child, wanted) for child in node if wanted(child))
    text = " ".join((node.text or "").split())
    attributes = "".join(
        f" {key!s}={str(value)!r}" for key, value in sorted(node.attrib.items()) if key != "id"
    )
    if name == "extensionElements" and not inner:
        return ""
    return f"<{space}:{name}{attributes}>{text}{inner}</>"


def _name(node: etree._Element) -> tuple[str, str]:
    """Local name and namespace; empty for comments and instructions."""
    if not isinstance(node.tag, str):
        return "", ""
    found = etree.QName(node)
    return found.localname, found.namespace or ""
