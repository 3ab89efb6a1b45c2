"""The course of a procedure as its internal diagram draws it: what comes after a task, and what leads back. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from app.verify import reader

STOPS = ("userTask", "manualTask", "intermediateCatchEvent", "endEvent", "callActivity", "receiveTask")


@dataclass(frozen=True, slots=True)
class Way:
    """Where a task may lead: the node reached, its name, and what the branch is called. `back`: to a task before it."""

    node: str
    name: str
    branch: str
    position: str
    back: bool


@dataclass(frozen=True, slots=True)
class Course:
    """The nodes of a diagram in the order in which a case first meets them, and the flows between them."""

    nodes: Mapping[str, reader.Node]
    after: Mapping[str, tuple[reader.Flow, ...]]
    distance: Mapping[str, int]

    def tasks(self) -> list[reader.Node]:
        """What a person does or registers, nearest to the start first."""
        chosen = [
            node
            for node in self.nodes.values()
            if node.tag in ("userTask", "manualTask") or any(e.kind == "message" for e in node.events)
        ]
        far = len(self.nodes)
        return sorted(chosen, key=lambda node: self.distance.get(node.id, far))

    def ways(self, node: str) -> list[Way]:
        """What may come next, each once, in the order of the drawing."""
        found: dict[str, Way] = {}
        seen, queue = {node}, [(flow.target, flow.name) for flow in self.after.get(node, ())]
        while queue:
            current, branch = queue.pop(0)
            if current in seen or current not in self.nodes:
                continue
            seen.add(current)
            there = self.nodes[current]
            if there.tag in STOPS:
                back = self.distance.get(current, 0) < self.distance.get(node, 0) and self.leads(
                    current, node
                )
                name = there.name or ("办结" if there.tag == "endEvent" else current)
                found.setdefault(current, Way(current, name, branch, there.position, back))
            else:
                queue += [(flow.target, flow.name or branch) for flow in self.after.get(current, ())]
        return list(found.values())

    def leads(self, source: str, target: str) -> bool:
        """Whether a way leads from one node to the other."""
        seen, queue = {source}, [source]
        while queue:
            for flow in self.after.get(queue.pop(), ()):
                if flow.target == target:
                    return True
                if flow.target not in seen:
                    seen.add(flow.target)
                    queue.append(flow.target)
        return False


@lru_cache(maxsize=32)
def of(diagram: bytes) -> Course:
    """The course that a diagram draws."""
    nodes: dict[str, reader.Node] = {}
    after: dict[str, tuple[reader.Flow, ...]] = {}
    for process in reader.read(diagram):
        nodes |= process.nodes
        for node in process.nodes.values():
            inner = [n for n in process.nodes.values() if n.scope == node.id and n.tag == "startEvent"]
            outer = process.nodes.get(node.scope) if node.tag == "endEvent" else None
            jumps = [reader.Flow("", node.id, each.id) for each in (*inner, *process.boundary(node.id))]
            jumps += outer.outgoing if outer is not None else ()
            after[node.id] = (*node.outgoing, *jumps)
    return Course(nodes, after, _distances(nodes, after))


def _distances(
    nodes: Mapping[str, reader.Node], after: Mapping[str, tuple[reader.Flow, ...]]
) -> dict[str, int]:
    """In how many flows each node is reached at the earliest, along the longest way that goes round no loop: a task
    after a join comes after all that is joined."""
    order: dict[str, int] = {}
    starts = [n.id for n in nodes.values() if n.tag == "startEvent" and n.scope not in nodes]
    finished: list[str] = []
    seen: set[str] = set()
    for start in starts:
        stack = [(start, iter(after.get(start, ())))]
        seen.add(start)
        while stack:
            node, flows = stack[-1]
            target = next((f.target for f in flows if f.target in nodes and f.target not in seen), None)
            if target is None:
                finished.append(node)
                stack.pop()
            else:
                seen.add(target)
                stack.append((target, iter(after.get(target, ()))))
    for place, node in enumerate(reversed(finished)):
        order[node] = place
    return order
