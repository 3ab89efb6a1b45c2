"""A running case on another version of its diagram: the same tokens, where every one of them still stands alike.

A state names nodes, so it is carried over as it is: timers keep their due moments, joins what has arrived. What
this module answers is whether that is allowed.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from ..kernel.errors import Conflict
from . import state as codec
from .parser import Spec
from .workflow import Case, CaseTask

KEPT = ("step", "form", "officers")
"""Attributes of a live task that the new version may not change: people already act on them."""


def obstacles(old: Spec, new: Spec, state: bytes) -> list[str]:
    """Chinese reasons why a stored state cannot go on in `new`; none when it can."""
    before = _load(old, state)
    gone = sorted(
        {_name(old, task) for task in before.everywhere() if task.task_spec.name not in _known(new)}
    )
    if gone:
        return [f"案件停留的“{name}”在新版本中不存在" for name in gone]
    try:
        after = _load(new, state)
        if codec.dump(after) != codec.dump(before):
            return ["案件在新版本中的状态与现在不一致"]
    except (Conflict, AttributeError, KeyError, IndexError, AssertionError):
        return ["案件停留的环节在新版本中改变了结构"]
    pairs = zip(before.everywhere(), after.everywhere(), strict=True)
    return [reason for mine, theirs in pairs for reason in _differences(old, new, mine, theirs)]


def _load(spec: Spec, state: bytes) -> Case:
    return codec.load(spec, state, datetime.max.replace(tzinfo=UTC), _never)


def _never(limit: str, anchor: str, entered: datetime) -> datetime:
    raise AssertionError("moving a case to another version starts no timer")


def _known(spec: Spec) -> set[str]:
    return {name for scope in (spec.process, *spec.subprocesses.values()) for name in scope.task_specs}


def _name(spec: Spec, task: CaseTask) -> str:
    found = spec.nodes.get(task.task_spec.name)
    return (found.name if found else "") or task.task_spec.name


def _differences(old: Spec, new: Spec, mine: CaseTask, theirs: CaseTask) -> Iterator[str]:
    name = _name(old, mine)
    if type(mine.task_spec) is not type(theirs.task_spec):
        yield f"“{name}”在新版本中换了类型"
        return
    events = [e.name for e in getattr(mine.task_spec, "outputs", ()) if hasattr(mine.task_spec, "messages")]
    for node in (mine.task_spec.name, *events):
        a, b = old.nodes.get(node), new.nodes.get(node)
        if a is None or b is None:
            if a is not b:
                yield f"“{a.name if a else node}”在新版本中不存在"
            continue
        if a.kind != b.kind:
            yield f"“{a.name}”在新版本中换了类型"
        if a.position != b.position:
            yield f"“{a.name}”在新版本中换了岗位"
        if any(a.attributes.get(key, "") != b.attributes.get(key, "") for key in KEPT):
            yield f"“{a.name}”在新版本中改变了法定环节、表单或者办理人数"


_unavoidable: dict[tuple[str, str], frozenset[str]] = {}
"""By the digest of the version and the node: thousands of cases stand at a few dozen. Only a cache."""


def unavoidable(spec: Spec, node: str) -> frozenset[str]:
    """The legal steps that every way from the start to this node passes (its own left out)."""
    key = (spec.key, node)
    if key not in _unavoidable:
        steps = {info.attributes["step"] for info in spec.nodes.values() if info.attributes.get("step")}
        _unavoidable[key] = frozenset(step for step in steps if not _reaches(spec, node, step))
    return _unavoidable[key]


def _reaches(spec: Spec, node: str, avoided: str) -> bool:
    """Whether some way leads to the node past every node of a step."""
    graph = _graph(spec)
    closed = {n for n, info in spec.nodes.items() if info.attributes.get("step") == avoided and n != node}
    waiting, seen = list(spec.process.start._outputs), set()
    while waiting:
        name = waiting.pop()
        if name == node:
            return True
        if name in seen or name in closed:
            continue
        seen.add(name)
        waiting.extend(graph.get(name, ()))
    return False


def _graph(spec: Spec) -> dict[str, list[str]]:
    """What follows each node: into a sub-process by its start event, out of it where its own task goes on."""
    graph: dict[str, list[str]] = {}
    for scope in (spec.process, *spec.subprocesses.values()):
        for name, task in scope.task_specs.items():
            if name in spec.nodes or name.endswith(
                ".BoundaryEventSplit"
            ):  # each scope has a Start and an End
                graph.setdefault(name, []).extend(task._outputs)
    for scope in (spec.process, *spec.subprocesses.values()):
        for name, task in scope.task_specs.items():
            inner = spec.subprocesses.get(getattr(task, "spec", ""))
            if inner is None:
                continue
            beyond, graph[name] = graph[name], list(inner.start._outputs)
            for end in inner.task_specs:
                if end in spec.nodes and spec.nodes[end].kind == "end":
                    graph[end] += beyond
    return graph
