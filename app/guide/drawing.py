"""A diagram as SVG, drawn from its own coordinates for paper: pools, lanes, tasks, events, gateways, flows. Pure.

Letters are text, everything else plain shapes; nothing of the diagram is copied as markup.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from lxml import etree

from app.diagrams import service as diagrams

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DD = "{http://www.omg.org/spec/DD/20100524/DI}"
XQ = "{urn:xingquan:bpmn:1}"
INK, LINE, SOFT = "#1d2129", "#4e5969", "#f5f7fa"
SIZE, MARGIN, LEADING = 12, 16, 15
SMALL = 11
APART = 8
"""What stays beside a task where a drawing is cut."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where something stands."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything drawn, the frame around it, and the places (from, to) of what must not be cut through."""

    content: str
    frame: Box
    solid: tuple[tuple[float, float], ...]

    def part(self, left: float, right: float) -> str:
        """The drawing from one place to another."""
        box = self.frame
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:g} {box.y:g} {right - left:g} {box.height:g}"'
            f' width="{right - left:g}" height="{box.height:g}" font-family="Noto Sans SC, sans-serif"'
            f' font-size="{SIZE}" fill="{INK}">{self.content}</svg>'
        )


def svg(diagram: bytes) -> str:
    """The drawing, empty where the file holds none."""
    found = _drawn(diagram)
    return found.part(found.frame.x, found.frame.x + found.frame.width) if found else ""


def strips(diagram: bytes, most: float = 900) -> list[tuple[str, float]]:
    """The drawing in strips, cut where no task stands, to be set below one another; each with its share of the width
    `most`, so that all can be set in one scale."""
    found = _drawn(diagram)
    if found is None:
        return []
    at, end, parts = found.frame.x, found.frame.x + found.frame.width, []
    while end - at > most:
        cuts = [at + most - n for n in range(0, int(most / 2), 2)]
        free = (x for x in cuts if not any(a < x < b for a, b in found.solid))
        cut = next(free, cuts[0])
        parts.append((found.part(at, cut), (cut - at) / most))
        at = cut
    return [*parts, (found.part(at, end), (end - at) / most)]


@lru_cache(maxsize=16)
def _drawn(diagram: bytes) -> Drawing | None:
    root = diagrams.safe_xml(diagram)
    elements = {e.get("id"): e for e in root.iter() if isinstance(e.tag, str) and e.get("id")}
    shapes = [(s, elements.get(s.get("bpmnElement"))) for s in root.iter(f"{DI}BPMNShape")]
    edges = [(s, elements.get(s.get("bpmnElement"))) for s in root.iter(f"{DI}BPMNEdge")]
    placed = [(e, box, s) for s, e in shapes if e is not None and (box := _box(s)) is not None]
    if not placed:
        return None
    points = [p for edge, _ in edges for p in _points(edge)]
    left = min([box.x for _, box, _ in placed] + [x for x, _ in points]) - MARGIN
    top = min([box.y for _, box, _ in placed] + [y for _, y in points]) - MARGIN
    right = max([box.x + box.width for _, box, _ in placed] + [x for x, _ in points]) + MARGIN
    bottom = max([box.y + box.height for _, box, _ in placed] + [y for _, y in points]) + MARGIN + SIZE
    parts: list[str] = []
    frames = [each for each in placed if _tag(each[0]) in ("participant", "lane", "subProcess")]
    for element, box, _ in frames:
        parts += _frame(element, box)
    for edge, flow in edges:
        if flow is not None:
            parts += _flow(edge, flow)
    for element, box, shape in placed:
        if _tag(element) not in ("participant", "lane", "subProcess"):
            parts += _node(element, box, shape)
    solid = tuple(
        (box.x - APART, box.x + box.width + APART)
        for element, box, _ in placed
        if _tag(element) not in ("participant", "lane", "subProcess")
    )
    return Drawing("".join(parts), Box(left, top, right - left, bottom - top), solid)


def _tag(element: etree._Element) -> str:
    return etree.QName(element).localname


def _box(shape: etree._Element | None) -> Box | None:
    bounds = shape.find(f"{DC}Bounds") if shape is not None else None
    if bounds is None:
        return None
    try:
        return Box(*(float(bounds.get(name, "")) for name in ("x", "y", "width", "height")))
    except ValueError:
        return None


def _points(edge: etree._Element) -> list[tuple[float, float]]:
    try:
        return [(float(p.get("x", "")), float(p.get("y", ""))) for p in edge.findall(f"{DD}waypoint")]
    except ValueError:
        return []


def _frame(element: etree._Element, box: Box) -> Iterator[str]:
    yield _rect(box, fill="#fff" if _tag(element) != "subProcess" else SOFT)
    if name := element.get("name"):
        x, y = box.x + 16, box.y + box.height / 2
        yield f'<text x="{x:g}" y="{y:g}" text-anchor="middle" transform="rotate(-90 {x:g} {y:g})">{escape(name)}</text>'


def _rect(box: Box, fill: str, radius: int = 0, dash: str = "") -> str:
    return (
        f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" rx="{radius}"'
        f' fill="{fill}" stroke="{LINE}"{dash}/>'
    )


def _node(element: etree._Element, box: Box, shape: etree._Element) -> Iterator[str]:
    tag, (x, y) = _tag(element), box.middle
    name = (element.get("name") or "").strip()
    if tag.lower().endswith(("task", "activity")):
        yield _rect(box, "#eaf2fb", 8)
        lines = wrapped(name, max(2, int((box.width - 8) // SIZE)))
        yield from _lines(lines, x, y - (len(lines) - 1) * LEADING / 2 + SIZE * 0.36, SIZE)
        return
    if tag.endswith("Gateway"):
        corners = f"{x:g},{box.y:g} {box.x + box.width:g},{y:g} {x:g},{box.y + box.height:g} {box.x:g},{y:g}"
        yield f'<polygon points="{corners}" fill="#fff4d6" stroke="{LINE}"/>'
        sign = {"parallelGateway": "+", "inclusiveGateway": "○", "exclusiveGateway": "×"}.get(tag, "")
        if sign:
            yield f'<text x="{x:g}" y="{y + 6:g}" text-anchor="middle" font-size="18">{sign}</text>'
    elif tag.endswith("Event"):
        width = 3 if tag == "endEvent" else 1.2
        radius = box.width / 2
        yield f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="#fff" stroke="{LINE}" stroke-width="{width}"/>'
        if tag.startswith(("intermediate", "boundary")):
            yield f'<circle cx="{x:g}" cy="{y:g}" r="{radius - 3:g}" fill="none" stroke="{LINE}"/>'
    else:
        return
    if name:
        label = _box(shape.find(f"{DI}BPMNLabel"))
        lx, ly = (label.middle[0], label.y + SMALL) if label else (x, box.y + box.height + SMALL + 4)
        yield from _lines(wrapped(name, 8), lx, ly, SMALL)


def _lines(lines: list[str], x: float, y: float, size: int) -> Iterator[str]:
    for n, line in enumerate(lines):
        yield (
            f'<text x="{x:g}" y="{y + n * LEADING:g}" text-anchor="middle" font-size="{size}">{escape(line)}</text>'
        )


def _flow(edge: etree._Element, element: etree._Element) -> Iterator[str]:
    points = _points(edge)
    if len(points) < 2:
        return
    path = " ".join(f"{x:g},{y:g}" for x, y in points)
    yield f'<polyline points="{path}" fill="none" stroke="{LINE}"/>'
    (x0, y0), (x1, y1) = points[-2:]
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5 or 1
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    wings = [(x1 - 8 * dx + side * 3.5 * dy, y1 - 8 * dy - side * 3.5 * dx) for side in (1, -1)]
    tip = " ".join(f"{x:g},{y:g}" for x, y in ((x1, y1), *wings))
    yield f'<polygon points="{tip}" fill="{LINE}"/>'
    if name := (element.get("name") or "").strip():
        label = _box(edge.find(f"{DI}BPMNLabel"))
        if label is not None:
            x, y = label.middle[0], label.y + SMALL
        else:
            (ax, ay), (bx, by) = points[0], points[1]
            across = abs(bx - ax) >= abs(by - ay)
            x, y = ((ax + bx) / 2, ay - 4) if across else (ax + len(name) * SMALL / 2 + 5, (ay + by) / 2)
        yield from _lines([name], x, y, SMALL)


def wrapped(text: str, most: int) -> list[str]:
    """A label in lines of at most so many characters, of nearly equal length."""
    if len(text) <= most:
        return [text] if text else []
    count = -(-len(text) // most)
    each = -(-len(text) // count)
    return [text[at : at + each] for at in range(0, len(text), each)]
