"""The way a token takes through a drawing between two moments at which a case waits: what the record does not say,
because nobody waits at a gateway. Functions of values."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache

from app.verify import reader
from app.verify.diagram import Node, Process

WAITS = frozenset({"userTask", "manualTask", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})
"""Where a token stands still until somebody or the time moves it on."""


@lru_cache(maxsize=32)
def drawn(diagram: bytes) -> Process:
    """The process of an internal diagram."""
    return reader.read(diagram)[0]


def may_happen(process: Process) -> frozenset[str]:
    """The events at the side of a task that may happen or not, such as a withdrawal: that they wait does not mean that the
    legal step they belong to is under way; the task they stand at is."""
    return frozenset(node.id for node in process.nodes.values() if node.tag == "boundaryEvent")


def onward(process: Process, node: Node) -> Iterator[tuple[str, str]]:
    """Where a token goes from here: the flow (empty for a step into or out of a sub-process) and the next node."""
    inside = [inner for inner in process.inside(node.id) if inner.tag == "startEvent"]
    if inside:
        yield from (("", inner.id) for inner in inside)
        return
    yield from ((flow.id, flow.target) for flow in node.outgoing)
    if node.tag == "endEvent" and node.scope in process.nodes:
        outer = process.nodes[node.scope]
        yield from ((flow.id, flow.target) for flow in outer.outgoing)


def ways(process: Process, source: str, targets: Collection[str]) -> Mapping[str, Sequence[str]]:
    """For each target the shortest way there from `source` past nothing that waits: flows and nodes in order, both
    ends left out. A target that cannot be reached so is missing."""
    if source not in process.nodes:
        return {}
    found: dict[str, Sequence[str]] = {}
    waiting: deque[tuple[str, tuple[str, ...]]] = deque([(source, ())])
    seen = {source}
    while waiting and len(found) < len(set(targets)):
        here, way = waiting.popleft()
        for flow, there in onward(process, process.nodes[here]):
            so_far = (*way, flow) if flow else way
            if there in targets and there not in found:
                found[there] = so_far
            if there in seen or there not in process.nodes:
                continue
            seen.add(there)
            if process.nodes[there].tag not in WAITS:
                waiting.append((there, (*so_far, there)))
    return found


def back(process: Process, source: str, target: str) -> Sequence[str] | None:
    """The tasks past which the shortest way leads from one task to another; None where there is no way."""
    waiting: deque[tuple[str, tuple[str, ...]]] = deque([(source, ())])
    seen = {source}
    while waiting:
        here, way = waiting.popleft()
        for _, there in onward(process, process.nodes[here]):
            if there == target:
                return way
            if there in process.nodes and there not in seen:
                seen.add(there)
                waits = process.nodes[there].tag in WAITS
                waiting.append((there, (*way, there) if waits else way))
    return None


def end_of(process: Process, source: str) -> Sequence[str]:
    """The way from `source` to the nearest end, past nothing that waits; empty where there is none."""
    ends = {
        node.id
        for node in process.nodes.values()
        if node.tag == "endEvent" and node.scope not in process.nodes
    }
    found = ways(process, source, ends)
    return min(((*way, end) for end, way in found.items()), key=len, default=())


def beside(process: Process, node: str) -> frozenset[str]:
    """What ends when this node does: the other events behind its event gateway; of a task its boundary events; of an
    interrupting boundary event its task and that one's other events."""
    here = process.nodes.get(node)
    if here is None:
        return frozenset()
    host = here.attached if here.attached and here.interrupting else "" if here.attached else node
    ended = {one.id for one in process.nodes.values() if host and one.attached == host} | {host}
    for flow in here.incoming:
        gateway = process.nodes.get(flow.source)
        if gateway is not None and gateway.tag == "eventBasedGateway":
            ended |= {other.target for other in gateway.outgoing}
    return frozenset(ended - {node, ""})


def timers(process: Process, live: Collection[str]) -> Iterator[str]:
    """The timers that run while these nodes wait: behind the same event gateway, on the same task, or by themselves."""
    for one in process.nodes.values():
        if one.event("timer") is None:
            continue
        near = beside(process, one.id) | ({one.attached} if one.attached else frozenset())
        if near & set(live) or not near:
            yield one.id
