"""Random procedures with values: block-structured or torn, sound or not, with demands on their steps."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from app.verify.demands import After, Before, Demand, Never, NeverAfter
from app.verify.reader import BPMN
from app.verify.subject import Subject, build
from tests.engine.diagrams import Diagram
from tests.engine.random_blocks import Generator

DOMAINS: Mapping[str, Sequence[Any]] = {"a": (False, True), "k": ("甲", "乙", "丙"), "n": (5, 15, 25)}
"""Every case of the attributes: a truth value, a choice, a number with the cuts 10 and 20."""
ATTRIBUTES = {
    "a": {"type": "boolean", "default": False},
    "k": {"type": "choice", "default": "甲", "options": ["甲", "乙", "丙"]},
    "n": {"type": "number", "default": 5},
}
DERIVED = {
    "big": {
        "when": {"all": [{"field": "n", "op": "gte", "value": 10}, {"field": "k", "op": "ne", "value": "丙"}]}
    }
}
CONDITIONS = (
    "a == True", "not a", "n >= 10", "n < 10", "n >= 20", "k == '甲'", "k in ('甲', '乙')", "k != '甲'",
    "a == True and n < 20", "big == True", "big == False", "a == True or k == '丙'",
)  # fmt: skip
OPPOSITES = (
    ("a == True", "a == False"),
    ("n >= 10", "n < 10"),
    ("k == '甲'", "k != '甲'"),
    ("big", "not big"),
)
STEPS = ("file", "review", "notice", "decide.fine", "decide.free", "serve")


@dataclass(frozen=True)
class Case:
    """One random procedure: what is proven, over which values, against which demands."""

    seed: int
    xml: bytes
    subject: Subject
    demands: tuple[Demand, ...]


class Marked(Diagram):
    """Tasks carry legal steps, and forms that write attributes."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self.dice = dice
        self.forms: dict[str, dict[str, Any]] = {}

    def add(self, tag: str, ident: str, body: str = "", lane: bool = True, **attributes: str) -> Diagram:
        dice = self.dice
        likely = {"userTask": 0.8, "serviceTask": 0.8, "intermediateCatchEvent": 0.3}
        if dice.random() < likely.get(tag, 0):
            attributes["xq_step"] = dice.choice(STEPS)
        if tag == "userTask" and (ident == "first" or dice.random() < 0.5):
            most = ident == "first" and dice.random() < 0.7
            names = list(DOMAINS) if most else dice.sample(list(DOMAINS), dice.choice((1, 1, 2)))
            self.form(ident, names)
            attributes["xq_form"] = f"form_{ident}"
        return super().add(tag, ident, body, lane, **attributes)

    def form(self, ident: str, names: Sequence[str]) -> None:
        """A form that asks for these attributes, or sets them."""
        writes: dict[str, Any] = {}
        for name in names:
            fixed = self.dice.random() < 0.15
            writes[name] = {"value": self.dice.choice(DOMAINS[name])} if fixed else {"field": name}
        items = [{"type": "text", "key": name, "label": name, "required": True} for name in names]
        self.forms[f"form_{ident}"] = {"key": f"form_{ident}", "items": items, "writes": writes}


class Procedures(Generator):
    """The engine's random blocks, with services, gateways without a default and early ends besides."""

    CONDITIONS = CONDITIONS

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.drawn = Marked(self.dice)
        self.diagram = self.drawn

    def task(self) -> tuple[str, str]:
        if self.dice.random() < 0.2:
            ident = self.fresh("z")
            self.diagram.add("serviceTask", ident)
            return ident, ident
        return super().task()

    def conditional(self, tag: str, depth: int, branches: int) -> tuple[str, str]:
        luck = self.dice.random()
        if luck < 0.55:
            return super().conditional(tag, depth, branches)
        split, join = self.fresh("g"), self.fresh("j")
        self.diagram.add(tag, split).add(tag, join)
        texts: Sequence[str] = self.dice.choice(OPPOSITES)
        if luck > 0.93:
            texts = [self.dice.choice(self.CONDITIONS) for _ in range(branches)]
        for text in texts:
            entry, leave = self.block(depth)
            self.diagram.flow(split, entry, text)
            if self.dice.random() < 0.12:
                end = self.fresh("e")
                self.diagram.end(end, terminate=self.dice.random() < 0.5)
                self.diagram.flow(leave, end)
            else:
                self.diagram.flow(leave, join)
        self.diagram.flow(split, join, "a == True and not a") if self.dice.random() < 0.05 else None
        return split, join


class Torn:
    """A diagram with some flows led elsewhere, gateways exchanged and elements given another meaning."""

    def __init__(self, xml: bytes, dice: random.Random) -> None:
        self.root, self.dice = etree.fromstring(xml), dice
        self.nodes = {e.get("id"): e for e in self.root.iter() if e.get("id")}
        self.flows = list(self.root.iter(f"{{{BPMN}}}sequenceFlow"))
        choosing = [f for f in self.flows if self.source(f).tag.endswith("eventBasedGateway")]
        self.behind = {f.get("targetRef") for f in choosing}
        self.free = [f for f in self.flows if f not in choosing]

    def xml(self) -> bytes:
        changes = (
            self.redirect,
            self.redirect,
            self.redirect,
            self.exchange,
            self.exchange,
            self.add,
            self.fail,
        )
        for _ in range(self.dice.choice((1, 1, 2, 3))):
            self.dice.choice(changes)()
        return etree.tostring(self.root)

    def source(self, flow: etree._Element) -> etree._Element:
        return self.nodes[flow.get("sourceRef")]

    def place(self, scope: etree._Element) -> str:
        """A node of a scope that a flow may lead to."""
        kinds = ("Task", "Gateway", "subProcess", "endEvent")
        found = [e.get("id") for e in scope if etree.QName(e).localname.endswith(kinds)]
        return str(self.dice.choice([ident for ident in found if ident not in self.behind]))

    def redirect(self) -> None:
        """A flow leads elsewhere."""
        flow = self.dice.choice(self.free)
        flow.set("targetRef", self.place(flow.getparent()))

    def exchange(self) -> None:
        """A gateway of another kind."""
        found = [e for e in self.nodes.values() if e.tag.endswith(("parallelGateway", "exclusiveGateway"))]
        if found:
            gateway = self.dice.choice(found)
            other = "parallelGateway" if gateway.tag.endswith("exclusiveGateway") else "exclusiveGateway"
            gateway.tag = f"{{{BPMN}}}{other}"

    def add(self) -> None:
        """One more flow from a task: a parallel split, or a decision where it has a condition."""
        tasks = [e for e in self.nodes.values() if e.tag.endswith(("userTask", "serviceTask", "subProcess"))]
        task = self.dice.choice(tasks)
        scope = task.getparent()
        flow = etree.SubElement(scope, f"{{{BPMN}}}sequenceFlow", id=f"extra{len(self.flows)}")
        flow.set("sourceRef", task.get("id"))
        flow.set("targetRef", self.place(scope))
        self.flows.append(flow)
        texts = self.dice.choice(OPPOSITES)
        if self.dice.random() < 0.7:
            leaving = [f for f in self.flows if self.source(f) is task]
            for f, text in zip(leaving, texts, strict=False):
                etree.SubElement(f, f"{{{BPMN}}}conditionExpression").text = text

    def fail(self) -> None:
        """An end of a sub-process throws an error; sometimes a boundary event catches it."""
        ends = [e for e in self.nodes.values() if e.tag.endswith("endEvent") and len(e) == 0]
        inner = [e for e in ends if e.getparent().tag.endswith("subProcess")]
        if not inner:
            return
        end = self.dice.choice(inner)
        etree.SubElement(end, f"{{{BPMN}}}errorEventDefinition")
        scope = end.getparent()
        events = [e for e in scope.getparent() if e.get("attachedToRef") == scope.get("id")]
        if events:
            event = self.dice.choice(events)
            for definition in list(event):
                event.remove(definition)
            etree.SubElement(event, f"{{{BPMN}}}errorEventDefinition")


def _demands(dice: random.Random) -> tuple[Demand, ...]:
    def steps() -> tuple[str, ...]:
        return (dice.choice((*STEPS, "decide.*")),)

    def perhaps(likelihood: float = 0.4) -> tuple[str, ...]:
        return (dice.choice(CONDITIONS),) if dice.random() < likelihood else ()

    found: list[Demand] = [
        Before(steps(), steps(), perhaps(), perhaps(), steps() if dice.random() < 0.3 else ()),
        After(steps(), steps(), perhaps()),
        Never(steps(), perhaps(0.9)),
        NeverAfter(steps(), steps(), perhaps(), steps() if dice.random() < 0.3 else ()),
    ]
    return tuple(dice.sample(found, dice.choice((2, 3))))


def case(seed: int) -> Case:
    """The random procedure of a seed."""
    dice = random.Random(seed * 7919 + 13)
    procedures = Procedures(seed)
    xml = procedures.draw(depth=1 + seed % 3).xml()
    if dice.random() < 0.45:
        xml = Torn(xml, dice).xml()
    rules: dict[str, Any] = {"scope": "random", "attributes": ATTRIBUTES, "derived": DERIVED}
    if dice.random() < 0.3:
        rules["resets"] = {dice.choice(STEPS): {"a": dice.choice((False, True))}}
    if dice.random() < 0.2:
        rules["sticky"] = {dice.choice(STEPS): ["a"]}
    subject, problems = build(xml, None, rules, procedures.drawn.forms)
    assert not problems
    return Case(seed, xml, subject, _demands(dice))
