"""The publication gate: everything the engine would ignore, break or run differently from what is drawn.

Each rule is a function over the processes of a bundle that yields problems with a stable code, the element
it is about, and what to do in Chinese. Legal rules (gates, limits, refinement) are `verify`'s business.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ..kernel.errors import Invalid
from ..verify import reader
from ..verify.reader import Node, Process
from . import check_conditions, check_structure, expressions, parser
from .parser import Source
from .timers import is_limit


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a diagram may not be published. `element` is empty for the file as a whole."""

    code: str
    element: str
    message: str


RESERVED = frozenset({"Start", "End", "Root"})
RESERVED_ENDS = (".EndJoin", ".BoundaryEventSplit", ".BoundaryEventJoin")

REFUSED_TAGS: Mapping[str, tuple[str, str]] = {
    "scriptTask": ("script_task", "不允许脚本任务，请改用已登记动作的服务任务"),
    "task": ("untyped_task", "没有指明任务类型，请改为用户任务或服务任务"),
    "sendTask": ("message_task", "不支持发送任务，请改用服务任务"),
    "receiveTask": ("message_task", "不支持接收任务，请改用消息中间事件"),
    "businessRuleTask": ("rule_task", "不支持业务规则任务，请在规则文件中声明派生属性"),
    "complexGateway": ("complex_gateway", "不支持复杂网关，请改用包容网关"),
    "transaction": ("transaction", "不支持事务子流程，请改用普通子流程"),
    "adHocSubProcess": ("ad_hoc", "不支持即席子流程，请画明先后次序"),
    "implicitThrowEvent": ("event_kind", "不支持隐式抛出事件"),
}
EVENT_KINDS: Mapping[str, frozenset[str]] = {
    "startEvent": frozenset({""}),
    "endEvent": frozenset({"", "terminate"}),
    "intermediateThrowEvent": frozenset({""}),
    "intermediateCatchEvent": frozenset({"timer", "message"}),
    "boundaryEvent": frozenset({"timer", "message"}),
}
MAY_WAIT = frozenset({"userTask", "manualTask", "subProcess", "callActivity"})


def check(source: Source, attributes: Collection[str], actions: Collection[str]) -> list[Problem]:
    """Everything that stands in the way of publishing a bundle; empty if nothing does.

    Args:
        source: the BPMN files.
        attributes: declared routing attributes and derived names, the only ones conditions may read.
        actions: registered actions, the only ones service tasks may name.
    """
    try:
        decisions = {n: c for n, c in source.called.items() if n.endswith(".dmn")}
        diagrams = Source(source.internal, {n: c for n, c in source.called.items() if n not in decisions})
        _, _, processes = parser.read(diagrams)
        tables = {name: reader.parse(content) for name, content in decisions.items()}
    except Invalid as error:
        return [Problem(error.code, "", error.message)]
    problems = [Problem(*found) for found in check_structure.hit_policies(tables)]
    for process in processes:
        problems += _elements(process)
        problems += [Problem(*found) for found in check_structure.shape(process)]
        problems += _people(process, attributes, actions)
        problems += [Problem(*found) for found in check_conditions.conditions(process, attributes)]
    problems += [Problem(*found) for found in check_structure.bundle(processes)]
    if not problems:
        # Only a diagram whose every element is understood has a meaning that can be explored.
        problems += [Problem(*found) for found in check_structure.tokens(processes)]
    if not problems:
        try:
            parser.build("check", diagrams)
        except Invalid as error:
            problems.append(Problem(error.code, "", error.message))
    return problems


def _label(node: Node) -> str:
    return f"“{node.name or node.id}”"


def _elements(process: Process) -> Iterator[Problem]:
    for node in process.nodes.values():
        label = _label(node)
        if node.id in RESERVED or node.id.endswith(RESERVED_ENDS):
            yield Problem("reserved_id", node.id, f"编号 {node.id} 是保留字，请换一个。")
        if node.tag in REFUSED_TAGS:
            code, why = REFUSED_TAGS[node.tag]
            yield Problem(code, node.id, f"{label}{why}。")
        if node.event_subprocess:
            yield Problem("event_subprocess", node.id, f"{label}是事件子流程，请改为在子流程上挂接边界事件。")
        if node.compensation or node.event("compensate"):
            yield Problem("compensation", node.id, f"{label}使用补偿，引擎不执行，请画成普通路径。")
        elif node.event("link"):
            yield Problem("link_event", node.id, f"{label}是链接事件，请直接连线。")
        elif node.event("signal"):
            code = "signal_end" if node.tag == "endEvent" else "event_kind"
            yield Problem(code, node.id, f"{label}使用信号，引擎不广播信号，请改用消息或服务任务。")
        elif node.tag in EVENT_KINDS:
            kinds = [event.kind for event in node.events] or [""]
            if len(kinds) > 1 or kinds[0] not in EVENT_KINDS[node.tag]:
                yield Problem("event_kind", node.id, f"{label}的事件类型不支持，只能使用消息或期限事件。")
        if node.marker:
            yield Problem("marker", node.id, f"{label}带有循环或多实例标记，请用回退连线或分支表达。")
        if node.tag == "boundaryEvent":
            host = process.nodes.get(node.attached)
            if host is None or host.tag not in MAY_WAIT or host.scope != node.scope:
                yield Problem("boundary_host", node.id, f"{label}只能挂接在用户任务或子流程上。")
        yield from _timer(process, node)


def _timer(process: Process, node: Node) -> Iterator[Problem]:
    timer = node.event("timer")
    if timer is None:
        return
    if timer.form != "timeDuration" or not is_limit(timer.value):
        yield Problem(
            "limit",
            node.id,
            f"{_label(node)}的期限“{timer.value[:40]}”写法不对，请写成 5wd(工作日)、15d 或 24h。",
        )
    anchor = node.attributes.get("from", "")
    if anchor and anchor not in {n.attributes.get("step") for n in process.nodes.values()}:
        yield Problem("anchor", node.id, f"{_label(node)}从环节“{anchor}”起算，但流程中没有这个法定环节。")


def _people(process: Process, attributes: Collection[str], actions: Collection[str]) -> Iterator[Problem]:
    for node in process.nodes.values():
        label = _label(node)
        kind = parser.kind_of(node)
        if kind in ("user", "message") and not node.position:
            code, why = (
                ("no_position", "所在泳道没有指定岗位") if node.lane else ("no_lane", "不在任何泳道中")
            )
            yield Problem(code, node.id, f"{label}{why}，不知由谁办理。")
        if kind == "service":
            action = node.attributes.get("action", "")
            if action not in actions:
                yield Problem("action", node.id, f"{label}的动作“{action}”没有登记。")
        limit = node.attributes.get("limit", "")
        if limit and not is_limit(limit):
            yield Problem(
                "limit", node.id, f"{label}的办理期限“{limit[:40]}”写法不对，请写成 5wd、30d 或 24h。"
            )
        officers = node.attributes.get("officers", "")
        if officers and not officers.isdecimal():
            yield Problem("officers", node.id, f"{label}的执法人员数“{officers[:20]}”应为整数。")
        for document in node.documents:
            yield from _document(node, document, attributes)
        yield from _on_demand(node, kind, attributes)


def _on_demand(node: Node, kind: str, attributes: Collection[str]) -> Iterator[Problem]:
    """What is made when somebody asks for it needs somebody who has the task, and a form of its own."""
    codes = [document.get("code", "") for document in node.on_demand]
    for document in node.on_demand:
        code = document.get("code", "")
        if kind != "user":
            yield Problem("document", node.id, f"{_label(node)}的文书“{code}”按需制作，只能写在用户任务上。")
        if not code or not document.get("form"):
            yield Problem("document", node.id, f"{_label(node)}按需制作的文书“{code}”缺少代码或者表单。")
        if codes.count(code) > 1:
            yield Problem("document", node.id, f"{_label(node)}按需制作的文书“{code}”写了不止一次。")
        yield from _condition(node, document, attributes)


def _document(node: Node, document: Mapping[str, str], attributes: Collection[str]) -> Iterator[Problem]:
    code = document.get("code", "")
    if not code or document.get("when", "complete") not in ("complete", "open"):
        yield Problem(
            "document",
            node.id,
            f"{_label(node)}的文书“{code}”缺少代码，或出具时机不是 complete、open、demand。",
        )
    yield from _condition(node, document, attributes)


def _condition(node: Node, document: Mapping[str, str], attributes: Collection[str]) -> Iterator[Problem]:
    code = document.get("code", "")
    if condition := document.get("if", ""):
        try:
            missing = expressions.unknown(condition, attributes)
        except Invalid as error:
            yield Problem("expression", node.id, f"{_label(node)}的文书 {code}：{error.message}")
        else:
            for name in missing:
                yield Problem(
                    "unknown_name", node.id, f"{_label(node)}的文书 {code} 读取未声明的属性 {name}。"
                )
