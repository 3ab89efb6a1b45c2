"""Soundness: every case can be brought to its end, and nothing is done twice, skipped for lack of a branch, or
decided on a value nobody has given."""

from collections.abc import Callable, Iterator

from .branches import Group
from .explain import fired, tell, walkable
from .findings import Finding, Severity
from .reader import Node
from .regions import FIRST, shown
from .space import Accident, Space

CITE = "S4-23：行政权力一律绘制流程图"
_SPLITS = ("exclusiveGateway", "inclusiveGateway")


def soundness(space: Space, diagram: str = "internal", settled: Space | None = None) -> Iterator[Finding]:
    """The findings of a process's states, each with a way and values.

    Args:
        space: the states.
        diagram: `internal` or `external`.
        settled: the states to look for endless loops in (see `traps`); the same ones by default.
    """
    yield from _accidents(space, diagram)
    if not space.complete:
        yield Finding(
            "states",
            Severity.UNPROVEN,
            f"状态过多（已查 {len(space.order)} 个），不能证明流程图没有死锁等问题。请拆分流程，"
            "或者减少并行分支和条件。运行时的检查照常进行。",
            diagram=diagram,
        )
        return
    if not space.cut:
        yield from _deadlocks(space, diagram)
    if not space.cut:
        yield from _livelock(settled or space, diagram)
        yield from _dead(space, diagram)


def _called(space: Space, element: str) -> str:
    node = space.program.find(element)
    if node is not None:
        return node.name or element
    return element


def _at(
    space: Space,
    rule: str,
    severity: Severity,
    message: str,
    accident: Accident,
    diagram: str,
    *elements: str,
) -> Finding:
    way = [*fired(space.way(accident.state)), *accident.fired]
    told = tell(space.program, way, then=_settled(space, accident))
    known = shown(space.program.regions.show(accident.data))
    finding = Finding(
        rule,
        severity,
        message,
        CITE,
        elements or (accident.element,),
        diagram,
        told.trace,
        told.values or known,
    )
    if told.real is False and severity is Severity.BLOCK:
        return finding.softened("没有找到能走到这里的具体数值")
    return finding


def _settled(space: Space, accident: Accident) -> dict[str, int]:
    """What a gateway's conditions look at, and in which region each lies as the accident happens."""
    group = _gateway(space, accident)
    names = group.names if group is not None and not accident.detail else ()
    regions = space.program.regions
    return {n: regions.get(accident.data, n) for n in names if regions.get(accident.data, n) >= FIRST}


def _gateway(space: Space, accident: Accident) -> Group | None:
    return next((g for g in space.program.grouping.all if g.node == accident.element and g.names), None)


def _accidents(space: Space, diagram: str) -> Iterator[Finding]:
    for kind, (rule, severity, text) in ACCIDENTS.items():
        for accident in space.accidents.get(kind, {}).values():
            message = text.format(
                element=_called(space, accident.element),
                detail=_called(space, accident.detail)
                if kind == "twice"
                else space.program.subject.label(accident.detail),
                values=_said(space, accident),
            )
            elements = (accident.element, accident.detail) if kind == "twice" else (accident.element,)
            yield _at(space, rule, severity, message, accident, diagram, *elements)


def _said(space: Space, accident: Accident) -> str:
    """The values at a gateway, as people say them."""
    group = _gateway(space, accident)
    if group is None:
        return ""
    regions = space.program.regions
    return "、".join(
        f"{space.program.subject.label(name)}为{space.program.subject.said(name, regions.value(accident.data, name))}"
        for name in group.names
    )


ACCIDENTS: dict[str, tuple[str, Severity, str]] = {
    "twice": (
        "double-token",
        Severity.BLOCK,
        "“{element}”可能同时有两个令牌，其后的环节会重复办理。请检查并行分支是否用并行网关汇合。",
    ),
    "gap": (
        "gateway-gap",
        Severity.BLOCK,
        "网关“{element}”在{values}时没有可走的分支，案件会停在这里。请补上条件或者默认分支。",
    ),
    "overlap": (
        "gateway-overlap",
        Severity.BLOCK,
        "网关“{element}”在{values}时有两个以上分支的条件同时成立，走哪一支取决于文件中的先后。请使条件互斥。",
    ),
    "unset": (
        "unwritten",
        Severity.BLOCK,
        "网关“{element}”读取了“{detail}”，但有一条路径上没有任何环节填写过它。请在前面的表单中填写。",
    ),
    "restless": (
        "livelock",
        Severity.BLOCK,
        "网关“{element}”处的分支会自动无限循环，不经过任何办理环节。请修改循环。",
    ),
}


def _deadlocks(space: Space, diagram: str) -> Iterator[Finding]:
    seen: set[frozenset[str]] = set()
    for state in space.stuck():
        marking = space.marking(state)
        places = [1 << i for i in range(space.program.width) if marking >> i & 1]
        elements = frozenset(space.net.element[place] for place in places)
        if elements in seen:
            continue
        seen.add(elements)
        waiting = [_target(space, element) for element in sorted(elements)]
        told = tell(space.program, fired(space.way(state)))
        finding = Finding(
            "deadlock",
            Severity.BLOCK,
            f"案件会停在“{'、'.join(_called(space, w) for w in waiting)}”，无法继续。"
            "请检查汇合网关等待的分支是否都会到达。",
            CITE,
            (*waiting, *sorted(elements)),
            diagram,
            told.trace,
            told.values,
        )
        yield finding.softened("没有找到能走到这里的具体数值") if told.real is False else finding


def _target(space: Space, element: str) -> str:
    """The node a token on a flow waits for; a node stands for itself."""
    flow = space.program.flow(element)
    return flow.target if flow is not None else element


def _livelock(space: Space, diagram: str) -> Iterator[Finding]:
    if not space.complete:
        text = "状态过多，不能证明流程图没有走不出的循环。请拆分流程，或者减少条件。"
        yield Finding("livelock", Severity.UNPROVEN, text, CITE, diagram=diagram)
        return
    bad = _endless(space)
    if bad:
        edges = space.edges[bad[0]]
        around = {space.program.element(k) for i in bad for edge in space.edges[i] for k in edge.fired}
        told = tell(space.program, [*fired(space.way(bad[0])), *fired(edges[:1])])
        tasks = sorted(
            node.name or node.id
            for element in around
            if (node := space.program.find(element)) is not None and node.tag not in _SPLITS
        )
        yield Finding(
            "livelock",
            Severity.BLOCK,
            f"案件进入“{'、'.join(tasks[:6])}”之后再也到不了终点，只能一直循环。请补上离开循环的分支。",
            CITE,
            tuple(sorted(around)),
            diagram,
            told.trace,
            told.values,
        )


def _endless(space: Space) -> list[int]:
    """The states from which neither an end nor a standstill can be reached."""
    good = [False] * len(space.order)
    for i in space.finished():
        good[i] = True
    for i in range(len(good) - 1, -1, -1):  # most moves lead to states that were found later
        good[i] = good[i] or any(good[edge.target] for edge in space.edges[i])
    if all(good):
        return []
    before: list[list[int]] = [[] for _ in good]
    for i, edges in enumerate(space.edges):
        for edge in edges:
            before[edge.target].append(i)
    ending = _closure([i for i, one in enumerate(good) if one], before.__getitem__)
    bad = [i for i in range(len(good)) if i not in ending]
    excused = _closure([*space.stuck()], before.__getitem__) if bad else set()
    return [i for i in bad if i not in excused]


def _closure(start: list[int], following: Callable[[int], list[int]]) -> set[int]:
    found, todo = set(start), list(start)
    while todo:
        for other in following(todo.pop()):
            if other not in found:
                found.add(other)
                todo.append(other)
    return found


def _dead(space: Space, diagram: str) -> Iterator[Finding]:
    program = space.program
    passed = {program.element(k) for k in space.fired}
    dead = [n for n in program.process.nodes.values() if n.id not in passed and not _excused(n)]
    if dead:
        yield Finding(
            "dead-node",
            Severity.BLOCK,
            f"“{'、'.join(n.name or n.id for n in dead)}”永远不会办理到。请检查通向它的连线和条件。",
            CITE,
            tuple(n.id for n in dead),
            diagram,
        )
    gone = {n.id for n in dead}
    taken = {program.net.element[place] for k in space.fired for place in program.targets[k]}
    taken &= program.process.flows.keys()
    doubtful = _doubtful(space) if diagram == "internal" else set()
    for node in program.process.nodes.values():
        if node.tag not in _SPLITS or node.id in gone or len(node.outgoing) < 2:
            continue
        for flow in node.outgoing:
            if flow.id not in taken:
                yield Finding(
                    "dead-branch",
                    Severity.BLOCK if flow.condition else Severity.WARN,
                    f"网关“{node.name or node.id}”的分支“{flow.name or flow.id}”任何案件都走不到。"
                    "请检查条件是否自相矛盾，或者删去这一支。",
                    CITE,
                    (node.id, flow.id),
                    diagram,
                )
            elif flow.id in doubtful:
                yield Finding(
                    "dead-branch",
                    Severity.UNPROVEN,
                    f"没有找到能走到网关“{node.name or node.id}”的分支“{flow.name or flow.id}”的具体数值，"
                    "不能证明有案件走这一支。请检查条件与推导属性是否矛盾。",
                    CITE,
                    (node.id, flow.id),
                    diagram,
                )


WITNESSES = 4
"""Ways tried before a branch is called doubtful."""


def _doubtful(space: Space) -> set[str]:
    """Flows of gateways that read derived attributes, which no values were found for: what the search knows of
    a derived attribute it may keep without the values it follows from."""
    program = space.program
    derived = set(program.regions.support)
    based = set().union(*program.regions.support.values())
    asked: dict[int, list[tuple[int, tuple[int, ...]]]] = {}
    for group in program.grouping.all:
        if derived and set(group.names) & (derived | based):
            asked.update({option.transition: [] for option in group.options})
    for i, edges in enumerate(space.edges if asked else ()):
        for edge in edges:
            for position, k in enumerate(edge.fired):
                if k in asked and len(asked[k]) < WITNESSES:
                    asked[k].append((i, edge.fired[: position + 1]))
    sure: set[int] = set()
    ways = {k: [[*fired(space.way(i)), *last] for i, last in found] for k, found in asked.items()}
    # Values that go a long way go every branch on it.
    for k in sorted(ways, key=lambda k: -max(map(len, ways[k]), default=0)):
        for way in ways[k]:
            if k in sure:
                break
            real = walkable(program, way)
            if real:
                sure.update(way)
            elif real is None:
                sure.add(k)
    gone = {flow for k in sure & asked.keys() for flow in program.flows(k)}
    return {flow for k in asked.keys() - sure for flow in program.flows(k)} - gone


def _excused(node: Node) -> bool:
    """What never passes a token by itself, and has been refused by name elsewhere."""
    return node.event_subprocess or node.compensation
