"""Reads a BPMN file for the structural tests: elements, flows, `xq:` attributes and geometry."""

import ast
import itertools
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lxml import etree

from app.diagrams.bundle import from_folder

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "bpmn" / "penalty" / "ordinary"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DD = "{http://www.omg.org/spec/DD/20100524/DI}"
XQ = "{urn:xingquan:bpmn:1}"
NODES = (
    "userTask", "serviceTask", "task", "startEvent", "endEvent", "intermediateCatchEvent",
    "intermediateThrowEvent", "exclusiveGateway", "parallelGateway", "eventBasedGateway", "inclusiveGateway",
    "callActivity",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the picture, in its pixels."""

    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: "Box") -> bool:
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )

    def holds(self, other: "Box") -> bool:
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.x + other.width <= self.x + self.width
            and other.y + other.height <= self.y + self.height
        )


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; `condition` is empty for an unconditional or default flow."""

    id: str
    name: str
    source: str
    target: str
    condition: str
    rework: bool


@dataclass
class Drawing:
    """One BPMN file."""

    root: etree._Element
    nodes: dict[str, etree._Element] = field(init=False)
    flows: list[Flow] = field(init=False)

    def __post_init__(self) -> None:
        process = self.root.find(f"{BPMN}process")
        self.nodes = {e.get("id"): e for tag in NODES for e in process.iter(f"{BPMN}{tag}")}
        into, out_of = {}, {}
        for scope in process.iter(f"{BPMN}subProcess"):
            into[scope.get("id")] = scope.find(f"{BPMN}startEvent").get("id")
            out_of[scope.get("id")] = [end.get("id") for end in scope.findall(f"{BPMN}endEvent")]
        self.flows = [
            Flow(
                f.get("id"),
                f.get("name", ""),
                source,
                into.get(f.get("targetRef"), f.get("targetRef")),
                (f.findtext(f"{BPMN}conditionExpression") or "").strip(),
                f.get(f"{XQ}rounds") is not None,
            )
            for f in process.iter(f"{BPMN}sequenceFlow")
            for source in out_of.get(f.get("sourceRef"), [f.get("sourceRef")])
        ]

    @classmethod
    def load(cls, name: str) -> "Drawing":
        return cls(etree.parse(str(BUNDLE / name)).getroot())

    @classmethod
    def whole(cls) -> "Drawing":
        """The internal diagram with what it calls; a flow into a called process leads to its start, its ends lead on."""
        return cls(etree.fromstring(from_folder("penalty/ordinary").whole))

    def tag(self, node: str) -> str:
        return etree.QName(self.nodes[node]).localname

    def get(self, node: str, attribute: str) -> str:
        return self.nodes[node].get(f"{XQ}{attribute}", "")

    def of(self, *tags: str) -> list[str]:
        return [n for n in self.nodes if self.tag(n) in tags]

    def out(self, node: str) -> list[Flow]:
        return [f for f in self.flows if f.source == node]

    def into(self, node: str) -> list[Flow]:
        return [f for f in self.flows if f.target == node]

    @cached_property
    def lanes(self) -> dict[str, str]:
        """Node -> lane."""
        return {
            ref.text: lane.get("id")
            for lane in self.root.iter(f"{BPMN}lane")
            for ref in lane.findall(f"{BPMN}flowNodeRef")
        }

    @cached_property
    def boxes(self) -> dict[str, Box]:
        """Element -> its shape."""
        return {
            shape.get("bpmnElement"): _box(shape.find(f"{DC}Bounds"))
            for shape in self.root.iter(f"{DI}BPMNShape")
        }

    @cached_property
    def labels(self) -> dict[str, Box]:
        """Element -> its label where one is placed outside the shape."""
        found = {}
        for kind in ("BPMNShape", "BPMNEdge"):
            for shape in self.root.iter(f"{DI}{kind}"):
                bounds = shape.find(f"{DI}BPMNLabel/{DC}Bounds")
                if bounds is not None:
                    found[shape.get("bpmnElement")] = _box(bounds)
        return found

    @cached_property
    def lines(self) -> dict[str, list[tuple[float, float]]]:
        """Flow -> its way points."""
        return {
            edge.get("bpmnElement"): [
                (float(p.get("x")), float(p.get("y"))) for p in edge.findall(f"{DD}waypoint")
            ]
            for edge in self.root.iter(f"{DI}BPMNEdge")
        }

    def segments(self, flow: str) -> list[Box]:
        """The straight pieces of a flow as boxes without thickness."""
        points = self.lines[flow]
        return [
            Box(min(x, u), min(y, v), abs(x - u), abs(y - v)) for (x, y), (u, v) in itertools.pairwise(points)
        ]


def names(condition: str) -> set[str]:
    """The attributes a condition reads."""
    return {n.id for n in ast.walk(ast.parse(condition, mode="eval")) if isinstance(n, ast.Name)}


def holds(node: ast.AST, values: dict) -> object:
    """Evaluate the small language of the flow conditions."""
    match node:
        case ast.Expression(body=body):
            return holds(body, values)
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(holds(part, values) for part in parts)
        case ast.BoolOp(op=ast.Or(), values=parts):
            return any(holds(part, values) for part in parts)
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            return holds(left, values) == holds(right, values)
        case ast.Compare(left=left, ops=[ast.NotEq()], comparators=[right]):
            return holds(left, values) != holds(right, values)
        case ast.Name(id=name):
            return values[name]
        case ast.Constant(value=value):
            return value
    raise ValueError(ast.dump(node))


def _box(bounds: etree._Element) -> Box:
    return Box(*(float(bounds.get(k)) for k in ("x", "y", "width", "height")))
