"""What a diagram holds that the proof does not understand, by name.

A verdict over a diagram means something only if every element of it was given its meaning. `refusals` names
each one that was not, and what to draw instead; as long as one stands, nothing is proven. `notes` names what
is understood in a simplified way, so that the reader of a proof knows.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from ..kernel.errors import Invalid
from .diagram import ACTIVITIES, EVENTS, MULTIPLE, SCOPES, Node, Process
from .guards import flow_condition


@dataclass(frozen=True, slots=True)
class Refusal:
    """An element without a meaning here. `element` is empty for the file as a whole."""

    element: str
    code: str
    message: str


REFUSED: Mapping[str, tuple[str, str]] = {
    "scriptTask": ("script_task", "是脚本任务，脚本可以改动任何数据，请改用已登记动作的服务任务"),
    "businessRuleTask": ("rule_task", "是业务规则任务，请在规则文件中声明派生属性"),
    "complexGateway": ("complex_gateway", "是复杂网关，请改用包容网关"),
    "transaction": ("transaction", "是事务子流程，请改用普通子流程"),
    "adHocSubProcess": ("ad_hoc", "是即席子流程，请画明先后次序"),
    "implicitThrowEvent": ("event_kind", "是隐式抛出事件，请删去"),
}
MAX_ELEMENTS = 3_000
EVENT_KINDS: Mapping[str, frozenset[str]] = {
    "startEvent": frozenset({"", "message", "timer"}),
    "endEvent": frozenset({"", "message", "terminate", "error"}),
    "intermediateThrowEvent": frozenset({"", "message"}),
    "intermediateCatchEvent": frozenset({"message", "timer"}),
    "boundaryEvent": frozenset({"message", "timer", "error"}),
}
KINDS: Mapping[str, tuple[str, str]] = {
    "signal": ("signal", "使用信号，信号可到达任何案件，请改用消息事件或服务任务"),
    "link": ("link_event", "是链接事件，请直接连线"),
    "compensate": ("compensation", "使用补偿，请把补救办法画成普通路径"),
    "conditional": ("conditional_event", "是条件事件，请改用网关判断，或由办理人登记的消息事件"),
    "escalation": ("escalation_event", "是升级事件，请改用非中断的期限边界事件"),
    "cancel": ("cancel_event", "是取消事件，请改用消息边界事件"),
    "terminate": ("event_kind", "在这里不能使用终止定义，终止只能是结束事件"),
    "error": ("event_kind", "在这里不能使用错误定义，错误只能是结束事件或边界事件"),
    "reference": ("event_reference", "引用的事件定义不存在，请直接在事件上定义"),
    "": ("event_kind", "没有说明等待什么，请指明消息或期限"),
}


def refusals(process: Process, called: Mapping[str, Process] | None = None) -> list[Refusal]:
    """Everything in a process (and those it calls) that the proof cannot rest on; empty if nothing is.

    Args:
        process: the process.
        called: process id -> the called processes that are at hand.
    """
    found = [Refusal(*each) for each in _process(process)]
    for other in (called or {}).values():
        found += [Refusal(*each) for each in _process(other, alone=False)]
    found += [Refusal(*each) for each in _calls(process, called or {})]
    return list(dict.fromkeys(found))


def notes(process: Process, called: Mapping[str, Process] | None = None) -> list[Refusal]:
    """What is understood in a simplified way."""
    found = []
    inhabited = {node.scope for node in process.nodes.values()}
    for node in process.nodes.values():
        label = _label(node)
        if node.marker == MULTIPLE:
            found.append(Refusal(node.id, "multi_instance", f"{label}的多个实例在证明中算作一次办理。"))
        if node.tag == "callActivity" and node.called not in (called or {}):
            found.append(
                Refusal(node.id, "called_contract", f"{label}调用的流程未提供，在证明中算作一个环节。")
            )
        if node.tag in SCOPES and node.id not in inhabited:
            found.append(
                Refusal(node.id, "empty_subprocess", f"子流程{label}没有内容，在证明中算作一个环节。")
            )
    return found


Found = Iterator[tuple[str, str, str]]


def _label(node: Node) -> str:
    return f"“{node.name or node.id}”"


def _process(process: Process, alone: bool = True) -> Found:
    if len(process.nodes) + len(process.flows) > MAX_ELEMENTS:
        yield process.id, "too_large", f"流程超过 {MAX_ELEMENTS} 个元素，请拆成几个被调用的流程。"
        return
    if alone and process.siblings:
        others = "、".join(process.siblings[:5])
        yield process.id, "several_processes", f"文件中还有其他流程({others})，请每个流程单独存成文件。"
    for ident in process.duplicates:
        yield ident, "duplicate_id", f"编号“{ident}”重复或缺失，请给每个元素不同的编号。"
    for flow in process.dangling:
        yield flow.id, "dangling_flow", f"连线 {flow.id} 的一端没有接在元素上，请重新连接。"
    for unread in process.unread:
        what, where = unread.tag, unread.owner or process.id
        yield unread.id or where, "unknown_element", f"“{where}”中的元素 {what} 无法识别，请删去或改画。"
    for ident in (process.id, *process.nodes):
        if "/" in ident:
            yield ident, "identifier", f"编号“{ident}”不能含有斜线，请换一个。"
    for node in process.nodes.values():
        for tags, rule in _RULES:
            if tags is None or node.tag in tags:
                yield from rule(process, node)
    yield from _starts(process)


def _kinds(process: Process, node: Node) -> Found:
    """Elements as such."""
    label = _label(node)
    if node.tag in REFUSED:
        code, why = REFUSED[node.tag]
        yield node.id, code, f"{label}{why}。"
    if node.event_subprocess:
        yield node.id, "event_subprocess", f"{label}是事件子流程，请改为在子流程上挂接边界事件。"
    if node.compensation:
        yield node.id, "compensation", f"{label}用于补偿，请把补救办法画成普通路径。"
    if node.marker and node.marker != MULTIPLE:
        yield node.id, "standard_loop", f"{label}带有循环标记，请用网关和回退连线画出循环。"
    if "quantity" in node.traits:
        yield node.id, "token_quantity", f"{label}设定了令牌数量，请改用并行网关。"
    if "all_events" in node.traits:
        yield node.id, "multiple_events", f"{label}要求多个事件同时发生，请用并行网关分别等待。"
    if "parallel_events" in node.traits:
        yield node.id, "parallel_events", f"{label}是并行事件网关，请改用普通事件网关或并行网关。"
    if node.tag in ("sendTask", "receiveTask") and not node.message:
        yield node.id, "message_task", f"{label}没有指明消息，请改用服务任务或消息中间事件。"


def _events(process: Process, node: Node) -> Found:
    """Event definitions."""
    label = _label(node)
    kinds = [event.kind for event in node.events] or [""]
    if len(kinds) > 1:
        yield node.id, "multiple_events", f"{label}有多个事件定义，请分成几个事件。"
    for kind in dict.fromkeys(kinds):
        if kind not in EVENT_KINDS[node.tag]:
            code, why = KINDS.get(kind, ("event_kind", f"的事件类型 {kind} 无法识别，请改用消息或期限事件"))
            yield node.id, code, f"{label}{why}。"
    timer = node.event("timer")
    if timer and not timer.value:
        yield node.id, "timer", f"{label}没有写明期限，请写成 5wd(工作日)、15d 或 24h。"
    elif timer and timer.form == "timeCycle" and node.tag != "startEvent":
        yield node.id, "timer_cycle", f"{label}是重复的期限，请改成一次期限，需要再次提醒时画成循环。"
    if node.tag == "startEvent" and node.scope != process.id and node.events:
        yield node.id, "sub_start", f"{label}在子流程中，子流程只能由没有类型的开始事件开始。"
    if node.tag == "boundaryEvent":
        host = process.nodes.get(node.attached)
        if host is None or host.tag not in ACTIVITIES or host.scope != node.scope:
            yield node.id, "boundary_host", f"{label}没有挂接在同一层的任务或子流程上，请重新挂接。"
    error = node.event("error")
    if error and node.tag == "endEvent" and node.scope != process.id and not _caught(process, node):
        yield (
            node.id,
            "error_uncaught",
            f"{label}抛出的错误没有边界事件捕获，请在外层子流程上挂接错误边界事件。",
        )


def _caught(process: Process, node: Node) -> bool:
    """Whether an enclosing sub-process catches an error; what leaves the process is the caller's affair."""
    thrown = node.event("error")
    scope = process.nodes.get(node.scope)
    while scope is not None and thrown is not None:
        if any(catches(event, thrown.value) for event in process.boundary(scope.id)):
            return True
        scope = process.nodes.get(scope.scope)
    return False


def catches(event: Node, code: str) -> bool:
    """Whether a boundary event catches an error of that code."""
    caught = event.event("error")
    return caught is not None and caught.value in ("", code)


def _flows(process: Process, node: Node) -> Found:
    """Connections and conditions."""
    label = _label(node)
    for flow in node.outgoing:
        if process.nodes[flow.target].scope != node.scope:
            yield flow.id, "flow_crosses", f"连线 {flow.id} 穿过了子流程的边界，请用边界事件或结束事件离开。"
        if flow.condition:
            if node.tag in EVENTS or node.tag in ("parallelGateway", "eventBasedGateway"):
                yield (
                    flow.id,
                    "condition_here",
                    f"{label}之后的连线带有条件，但这里不作判断，请改用排他网关。",
                )
            elif flow.id != node.default:
                try:
                    flow_condition(flow.condition)
                except Invalid as error:
                    yield flow.id, "condition", error.message
        elif node.tag == "inclusiveGateway" and len(node.outgoing) > 1 and flow.id != node.default:
            yield flow.id, "no_condition", f"包容网关{label}的连线 {flow.id} 没有条件，请写上条件或设为默认。"
    if node.default and node.default not in {flow.id for flow in node.outgoing}:
        yield node.id, "default_unknown", f"{label}的默认连线 {node.default} 不从这里出发，请重新指定。"
    if node.tag == "endEvent" and node.outgoing:
        yield node.id, "end_continues", f"结束事件{label}之后不应有连线。"
    if node.tag in ("startEvent", "boundaryEvent") and node.incoming:
        yield node.id, "event_entered", f"{label}不应有进入的连线。"


def _event_gateways(process: Process, node: Node) -> Found:
    """Event gateways and what follows them."""
    label = _label(node)
    targets = [process.nodes[flow.target] for flow in node.outgoing]
    hosts = {other.attached for other in process.nodes.values()}
    if not targets:
        yield node.id, "event_target", f"事件网关{label}之后没有事件，请接上消息或期限中间事件。"
    for target in targets:
        if target.tag not in ("intermediateCatchEvent", "receiveTask"):
            yield target.id, "event_target", f"事件网关{label}之后只能是消息或期限中间事件。"
        elif len(target.incoming) > 1:
            yield target.id, "event_target", f"{_label(target)}只能由事件网关进入，请另画一个事件。"
        elif target.id in hosts:
            yield target.id, "event_target", f"{_label(target)}跟在事件网关之后，不能挂接边界事件。"
    if sum(target.event("timer") is not None for target in targets) > 1:
        yield node.id, "two_timers", f"事件网关{label}有多个期限事件，只能保留最早的一个。"


_RULES: tuple[tuple[Collection[str] | None, Callable[[Process, Node], Found]], ...] = (
    (None, _kinds),
    (EVENT_KINDS.keys(), _events),
    (None, _flows),
    (("eventBasedGateway",), _event_gateways),
)
"""What is looked at in which nodes; None: in all."""


def _starts(process: Process) -> Found:
    """Where scopes begin."""
    starts: dict[str, list[Node]] = {}
    for node in process.nodes.values():
        if node.tag == "startEvent":
            starts.setdefault(node.scope, []).append(node)
    for scope, nodes in starts.items():
        if scope != process.id and len(nodes) > 1:
            yield nodes[1].id, "sub_start", f"子流程 {scope} 有多个开始事件，只能保留一个。"


def _calls(process: Process, called: Mapping[str, Process]) -> Found:
    """Processes that call themselves, and calls that are given no process although others are."""
    for node in _recursive(process.id, {**called, process.id: process}, {}):
        yield (
            node.id,
            "called_recursive",
            f"{_label(node)}使流程 {node.called} 直接或间接调用自己，请改用循环。",
        )


def _recursive(ident: str, by_id: Mapping[str, Process], state: dict[str, bool]) -> Iterator[Node]:
    """The calls of a process, and of those it calls, that lead back; `state`: whether a process is left again."""
    state[ident] = False
    for node in by_id[ident].nodes.values():
        if node.tag != "callActivity" or node.called not in by_id:
            continue
        if node.called not in state:
            yield from _recursive(node.called, by_id, state)
        elif not state[node.called]:
            yield node
    state[ident] = True
