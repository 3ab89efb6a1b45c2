"""What follows from a task, told before the click: documents, clocks and the next person.

Read from the published diagram and rule set alone; what depends on the answers is told with its condition.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from app.cases.service import matches
from app.deadlines import service as deadlines
from app.diagrams import service as diagrams

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
XQ = "{urn:xingquan:bpmn:1}"


@dataclass(frozen=True, slots=True)
class Next:
    """A task that may follow: its name, its position's key, and the branch that leads there."""

    name: str
    position: str
    branch: str


@dataclass(frozen=True, slots=True)
class Consequences:
    """What completing a task may bring."""

    documents: tuple[str, ...]
    clocks_start: tuple[str, ...]
    clocks_stop: tuple[str, ...]
    next: tuple[Next, ...]


@dataclass(frozen=True, slots=True)
class _Graph:
    kinds: Mapping[str, str]
    names: Mapping[str, str]
    lanes: Mapping[str, str]
    flows: Mapping[str, tuple[tuple[str, str], ...]]


@lru_cache(maxsize=32)
def _graph(internal: bytes) -> _Graph:
    root = diagrams.safe_xml(internal)
    kinds: dict[str, str] = {}
    names: dict[str, str] = {}
    lanes: dict[str, str] = {}
    flows: dict[str, list[tuple[str, str]]] = {}
    for element in root.iter(f"{BPMN}*"):
        kind = etree.QName(element).localname
        if kind == "sequenceFlow":
            flows.setdefault(element.get("sourceRef"), []).append(
                (element.get("targetRef"), element.get("name") or "")
            )
        elif kind == "lane":
            for ref in element.findall(f"{BPMN}flowNodeRef"):
                lanes[(ref.text or "").strip()] = element.get(f"{XQ}position", "")
        elif element.get("id"):
            kinds[element.get("id")] = kind
            names[element.get("id")] = element.get("name") or ""
    for scope, start, ends in diagrams.calls.scopes(root):
        beyond, flows[scope] = flows.get(scope, []), [(start, "")]
        flows.update(dict.fromkeys(ends, beyond))
    return _Graph(kinds, names, lanes, {k: tuple(v) for k, v in flows.items()})


def consequences(
    procedure: diagrams.Procedure, node: str, step: str, documents: tuple[str, ...]
) -> Consequences:
    """What completing this task may bring. `documents` are the titles the task declares."""
    clocks = procedure.rules.clocks
    return Consequences(
        documents,
        tuple(
            f"{c['name']}（{deadlines.parse_limit(c['limit']).words}）"
            for c in clocks
            if matches(step, c["starts"])
        ),
        tuple(c["name"] for c in clocks if matches(step, c["stops"])),
        tuple(_following(_graph(procedure.whole), node)),
    )


def _following(graph: _Graph, node: str) -> list[Next]:
    found: dict[str, Next] = {}
    seen = {node}
    queue = [(target, name) for target, name in graph.flows.get(node, ())]
    while queue:
        current, branch = queue.pop(0)
        if current in seen:
            continue
        seen.add(current)
        kind = graph.kinds.get(current, "")
        if kind in ("userTask", "intermediateCatchEvent"):
            found.setdefault(current, Next(graph.names[current], graph.lanes.get(current, ""), branch))
        elif kind == "endEvent" and not graph.flows.get(current):
            found.setdefault(current, Next(graph.names[current] or "办结", "", branch))
        else:
            queue += [(target, name or branch) for target, name in graph.flows.get(current, ())]
    return list(found.values())
