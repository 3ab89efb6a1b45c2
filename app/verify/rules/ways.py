"""What lies next to a node in the drawing; no conditions are looked at."""

from collections.abc import Iterator

from ..reader import GATEWAYS, Node, Process


def following(process: Process, node: Node) -> tuple[Node, ...]:
    """The nodes that come next, gateways passed over, each once."""
    return _beyond(process, node, forward=True)


def preceding(process: Process, node: Node) -> tuple[Node, ...]:
    """The nodes that come right before, gateways passed over, each once."""
    return _beyond(process, node, forward=False)


def _beyond(process: Process, node: Node, *, forward: bool) -> tuple[Node, ...]:
    found: dict[str, Node] = {}
    seen = {node.id}
    waiting = list(_next(process, node, forward))
    while waiting:
        other = waiting.pop(0)
        if other.id in seen:
            continue
        seen.add(other.id)
        if other.tag in GATEWAYS:
            waiting += _next(process, other, forward)
        else:
            found[other.id] = other
    return tuple(found.values())


def _next(process: Process, node: Node, forward: bool) -> Iterator[Node]:
    for flow in node.outgoing if forward else node.incoming:
        yield process.nodes[flow.target if forward else flow.source]
