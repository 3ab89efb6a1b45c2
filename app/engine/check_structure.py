"""Publication gate, structure: what the shape of a diagram alone tells."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from lxml import etree

from ..verify.net import Net
from ..verify.reader import Node, Process
from ..verify.search import Fault, explore

Found = tuple[str, str, str]
MAX_NODES = 300
"""SpiffWorkflow's parser descends once per node; beyond this Python's stack would be in danger."""
SYNCHRONISES = frozenset({"parallelGateway", "inclusiveGateway", "eventBasedGateway"})
RESTS = frozenset({"userTask", "manualTask", "intermediateCatchEvent", "eventBasedGateway"})
ONE_FLOW = frozenset({"startEvent", "boundaryEvent"})


def _label(node: Node) -> str:
    return f"“{node.name or node.id}”"


def hit_policies(tables: Mapping[str, etree._Element]) -> Iterator[Found]:
    """Decision tables with a hit policy that SpiffWorkflow treats as another one."""
    for name, root in tables.items():
        for table in root.iter("{*}decisionTable"):
            policy = table.get("hitPolicy") or "UNIQUE"
            if policy not in ("UNIQUE", "COLLECT"):
                yield (
                    "hit_policy",
                    table.get("id") or name,
                    f"决策表的命中策略 {policy} 不支持，请改用 UNIQUE 或 COLLECT。",
                )


def bundle(processes: Sequence[Process]) -> Iterator[Found]:
    """Ids and calls across the files of a bundle."""
    ids = Counter(node for process in processes for node in process.nodes)
    ids.update(process.id for process in processes)
    for ident, count in ids.items():
        if count > 1:
            yield "duplicate_id", ident, f"编号 {ident} 在多个流程中重复。"
    by_id = {process.id: process for process in processes}
    calls = {
        process.id: [node for node in process.nodes.values() if node.tag == "callActivity"]
        for process in processes
    }
    for nodes in calls.values():
        for node in nodes:
            if node.called not in by_id:
                yield "called_missing", node.id, f"{_label(node)}调用的流程“{node.called}”不存在。"

    def calls_itself(ident: str, above: tuple[str, ...]) -> bool:
        return ident in above or any(
            calls_itself(node.called, (*above, ident)) for node in calls.get(ident, ())
        )

    for ident in by_id:
        if calls_itself(ident, ()):
            yield "called_recursive", ident, f"流程 {ident} 直接或间接调用自己。"


def shape(process: Process) -> Iterator[Found]:
    """Connections of one process."""
    if len(process.nodes) > MAX_NODES:
        yield "too_large", process.id, f"流程超过 {MAX_NODES} 个元素，请拆成几个被调用的流程。"
    for ident in process.duplicates:
        yield "duplicate_id", ident, f"编号“{ident}”重复或缺失。"
    for flow in process.dangling:
        yield "dangling_flow", flow.id, f"连线 {flow.id} 的一端没有接在元素上。"
    scopes = [process.id, *(n.id for n in process.nodes.values() if n.tag == "subProcess")]
    for scope in scopes:
        inside = list(process.inside(scope))
        starts = sum(node.tag == "startEvent" for node in inside)
        if starts != 1:
            yield "start_count", scope, "流程和每个子流程必须恰好有一个开始事件。"
        if not any(node.tag == "endEvent" for node in inside):
            yield "no_end", scope, "流程和每个子流程至少要有一个结束事件。"
    for flow in process.flows.values():
        if process.nodes[flow.source].scope != process.nodes[flow.target].scope:
            yield "flow_crosses", flow.id, f"连线 {flow.id} 穿过了子流程的边界。"
    for node in process.nodes.values():
        yield from _connections(process, node)
    yield from _unreachable(process)
    yield from _restless(process)


def _connections(process: Process, node: Node) -> Iterator[Found]:
    label = _label(node)
    if node.tag == "endEvent":
        if node.outgoing:
            yield "end_continues", node.id, f"结束事件{label}之后不应有连线。"
    elif not node.outgoing and not node.event_subprocess:
        yield "dead_end", node.id, f"{label}没有后续连线，请连到下一环节或结束事件。"
    if node.tag in ONE_FLOW and node.incoming:
        yield "event_entered", node.id, f"{label}不应有进入的连线。"
    if len(node.outgoing) > 1 and not node.tag.endswith("Gateway"):
        yield "implicit_split", node.id, f"{label}有多条后续连线，请用网关表明是并行还是选择。"
    pairs = Counter((flow.source, flow.target) for flow in node.outgoing)
    for (source, target), count in pairs.items():
        tags = {process.nodes[source].tag, process.nodes[target].tag}
        if count > 1 and tags & SYNCHRONISES:
            yield "double_flow", target, f"{label}到同一网关有两条连线，无法分辨，请中间加一个环节。"
    if node.tag == "eventBasedGateway":
        yield from _event_gateway(process, node)


def _event_gateway(process: Process, node: Node) -> Iterator[Found]:
    targets = [process.nodes[flow.target] for flow in node.outgoing]
    for target in targets:
        if target.tag != "intermediateCatchEvent":
            yield "event_target", target.id, f"事件网关{_label(node)}之后只能是消息或期限中间事件。"
        elif len(target.incoming) > 1:
            yield "event_target", target.id, f"{_label(target)}只能由事件网关进入。"
    if sum(target.event("timer") is not None for target in targets) > 1:
        yield "two_timers", node.id, f"事件网关{_label(node)}有多个期限事件，只能保留一个。"


def _unreachable(process: Process) -> Iterator[Found]:
    reached = {node.id for node in process.nodes.values() if node.tag == "startEvent"}
    todo = list(reached)
    while todo:
        node = process.nodes[todo.pop()]
        following = [flow.target for flow in node.outgoing]
        following += [event.id for event in process.boundary(node.id)]
        new = [ident for ident in following if ident not in reached]
        reached.update(new)
        todo.extend(new)
    for node in process.nodes.values():
        if node.id not in reached and not node.event_subprocess and not node.compensation:
            yield "unreachable", node.id, f"{_label(node)}从开始事件无法到达。"


def _restless(process: Process) -> Iterator[Found]:
    """Loops in which nobody is ever asked: they would run for ever within one act."""
    colour: dict[str, int] = {}

    def visit(ident: str) -> str:
        colour[ident] = 1
        for flow in process.nodes[ident].outgoing:
            target = process.nodes[flow.target]
            if target.tag in RESTS or target.tag in ("subProcess", "callActivity"):
                continue
            if colour.get(target.id) == 1:
                return target.id
            if target.id not in colour and (found := visit(target.id)):
                return found
        colour[ident] = 2
        return ""

    for node in process.nodes.values():
        if node.tag not in RESTS and node.id not in colour and (found := visit(node.id)):
            yield (
                "endless_loop",
                found,
                f"{_label(process.nodes[found])}处在没有人办理的循环中，会无休止地运行。",
            )
            return


def tokens(processes: Sequence[Process]) -> Iterator[Found]:
    """Tokens that pile up or get stuck, found by exploring the net of the main process.

    Where a non-interrupting event opens a side path (a reminder), a second reminder may come while the
    first is still open; that is meant.
    """
    main = processes[0]
    net = Net(main, {process.id: process for process in processes[1:]})
    findings = explore(net, _side_paths(main))
    nodes = {node.id: node for process in processes for node in process.nodes.values()}
    flows = {flow.id: flow for process in processes for flow in process.flows.values()}
    stuck = [f for f in findings or () if f.fault is Fault.STUCK]
    twice = [f for f in findings or () if f.fault is Fault.TWICE]
    told: set[tuple[str, str]] = set()
    for finding in (*twice, *stuck):
        flow = flows.get(finding.element)
        node = nodes.get(flow.target if flow else finding.element)
        element = node.id if node else finding.element
        code = "multi_merge" if finding.fault is Fault.TWICE else "starved_join"
        if (code, element) in told:
            continue
        told.add((code, element))
        label = _label(node) if node else element
        if finding.fault is Fault.TWICE:
            yield code, element, f"并行的分支没有汇合就到了{label}，它会被执行两次，请用并行或包容网关汇合。"
        else:
            yield (
                code,
                element,
                f"{label}可能等不到所有分支，案件会停住；请检查它的进入连线是否来自循环之外。",
            )


def _side_paths(process: Process) -> frozenset[str]:
    """Elements that only non-interrupting boundary events lead to."""
    main = {node.id for node in process.nodes.values() if node.tag == "startEvent"}
    todo = list(main)
    while todo:
        node = process.nodes[todo.pop()]
        following = [flow.target for flow in node.outgoing]
        following += [event.id for event in process.boundary(node.id) if event.interrupting]
        new = [ident for ident in following if ident not in main]
        main.update(new)
        todo.extend(new)
    side = {ident for ident in process.nodes if ident not in main}
    return frozenset(side | {flow.id for flow in process.flows.values() if flow.source in side})
