"""Draws small diagrams for tests, and drives cases over them."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from app.engine import service
from app.engine.parser import build

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xq="urn:xingquan:bpmn:1" id="definitions" targetNamespace="urn:test">'
)
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PEOPLE = ("userTask", "manualTask")


def due(limit: str, anchor: str, entered: datetime) -> datetime:
    """A plain calendar: a working day is a day."""
    number, unit = int(limit.rstrip("wdh")), limit.lstrip("0123456789")
    return entered + (timedelta(hours=number) if unit == "h" else timedelta(days=number))


class Diagram:
    """A process under construction; tasks and messages lie in one lane unless told otherwise."""

    def __init__(self, ident: str = "p", lanes: bool = True) -> None:
        self.ident, self.lanes = ident, lanes
        self.parts: list[list[str]] = [[]]
        self.refs: list[str] = []
        self.count = 0

    def add(self, tag: str, ident: str, body: str = "", lane: bool = True, **attributes: str) -> "Diagram":
        """An element; `xq_step="x"` becomes `xq:step="x"`."""
        values = {"name": ident, **attributes}
        text = "".join(f" {k.replace('xq_', 'xq:', 1)}={quoteattr(v)}" for k, v in values.items())
        self.parts[-1].append(f'<bpmn:{tag} id="{ident}"{text}>{body}</bpmn:{tag}>')
        if lane and (tag in PEOPLE or "messageEventDefinition" in body):
            self.refs.append(ident)
        return self

    def start(self, ident: str = "s") -> "Diagram":
        return self.add("startEvent", ident)

    def end(self, ident: str = "e", terminate: bool = False) -> "Diagram":
        return self.add("endEvent", ident, "<bpmn:terminateEventDefinition/>" if terminate else "")

    def users(self, *idents: str) -> "Diagram":
        for ident in idents:
            self.add("userTask", ident)
        return self

    def xor(self, *idents: str) -> "Diagram":
        for ident in idents:
            self.add("exclusiveGateway", ident)
        return self

    def parallel(self, *idents: str) -> "Diagram":
        for ident in idents:
            self.add("parallelGateway", ident)
        return self

    def inclusive(self, *idents: str) -> "Diagram":
        for ident in idents:
            self.add("inclusiveGateway", ident)
        return self

    def timer(
        self, ident: str, limit: str, tag: str = "intermediateCatchEvent", **attributes: str
    ) -> "Diagram":
        body = (
            f"<bpmn:timerEventDefinition><bpmn:timeDuration>{escape(limit)}</bpmn:timeDuration>"
            "</bpmn:timerEventDefinition>"
        )
        return self.add(tag, ident, body, **attributes)

    def message(self, ident: str, tag: str = "intermediateCatchEvent", **attributes: str) -> "Diagram":
        return self.add(tag, ident, "<bpmn:messageEventDefinition/>", **attributes)

    def boundary_timer(self, ident: str, host: str, limit: str = "5wd", interrupting: bool = True, **kw: str):
        return self.timer(
            ident, limit, "boundaryEvent", attachedToRef=host, cancelActivity=str(interrupting).lower(), **kw
        )

    def boundary_message(self, ident: str, host: str, interrupting: bool = True, **kw: str) -> "Diagram":
        return self.message(
            ident, "boundaryEvent", attachedToRef=host, cancelActivity=str(interrupting).lower(), **kw
        )

    @contextmanager
    def sub(self, ident: str, **attributes: str) -> Iterator["Diagram"]:
        self.parts.append([])
        yield self
        body = "".join(self.parts.pop())
        self.add("subProcess", ident, body, **attributes)

    def flow(self, source: str, target: str, condition: str = "", ident: str = "") -> str:
        self.count += 1
        ident = ident or f"f{self.count}"
        body = (
            f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>" if condition else ""
        )
        self.parts[-1].append(
            f'<bpmn:sequenceFlow id="{ident}" sourceRef="{source}" targetRef="{target}">'
            f"{body}</bpmn:sequenceFlow>"
        )
        return ident

    def chain(self, *idents: str) -> "Diagram":
        for source, target in pairwise(idents):
            self.flow(source, target)
        return self

    def xml(self) -> bytes:
        refs = "".join(f"<bpmn:flowNodeRef>{ref}</bpmn:flowNodeRef>" for ref in self.refs)
        lane = (
            '<bpmn:laneSet id="lanes"><bpmn:lane id="lane" name="执法办案岗" xq:position="investigator">'
            f"{refs}</bpmn:lane></bpmn:laneSet>"
        )
        body = "".join(self.parts[0])
        return (
            f'{HEAD}<bpmn:process id="{self.ident}" isExecutable="true">{lane if self.lanes else ""}{body}'
            "</bpmn:process></bpmn:definitions>"
        ).encode()

    def problems(
        self, attributes: Collection[str] = (), actions: Collection[str] = (), **called: bytes
    ) -> dict[str, str]:
        """Problem code -> element."""
        found = service.check(service.Source(self.xml(), called), attributes, actions)
        return {problem.code: problem.element for problem in found}


def simple() -> Diagram:
    """start -> a -> end"""
    return Diagram().start().users("a").end().chain("s", "a", "e")


class Run:
    """A case under test: every act goes through stored bytes."""

    def __init__(self, diagram: Diagram | bytes, /, **attributes: Any) -> None:
        xml = diagram if isinstance(diagram, bytes) else diagram.xml()
        self.spec = build("test", service.Source(xml))
        self.now = MONDAY
        self.due: service.Due = due
        self.last = service.start(self.spec, attributes, self.now, self.due)

    @property
    def live(self) -> list[str]:
        return sorted(task.node for task in self.last.live)

    def find(self, node: str) -> str:
        return next(task.id for task in self.last.live if task.node == node)

    def do(self, node: str, **writes: Any) -> "Run":
        """Complete a task or register a message."""
        task = next(task for task in self.last.live if task.node == node)
        act = service.complete if task.kind == "user" else service.register
        self.last = act(self.spec, self.last.state, task.id, writes, self.now, self.due)
        return self

    def wait(self, **delta: float) -> "Run":
        self.now += timedelta(**delta)
        self.last = service.refresh(self.spec, self.last.state, self.now, self.due)
        return self
