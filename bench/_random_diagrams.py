"""Random procedures of a wanted size, seeded: block-structured, or with flows led elsewhere afterwards."""

import random
from collections.abc import Mapping
from typing import Any, ClassVar
from xml.sax.saxutils import quoteattr

from app.verify.demands import After, Before, Demand, NeverAfter
from app.verify.findings import Severity
from app.verify.reader import BPMN, XQ
from app.verify.rules.base import Rule
from app.verify.subject import Subject, build

RULES: Mapping[str, Any] = {
    "scope": "random",
    "attributes": {
        "a": {"type": "boolean", "default": False},
        "k": {"type": "choice", "default": "甲", "options": ["甲", "乙", "丙"]},
        "n": {"type": "number", "default": 5},
    },
}
OPPOSITES = (
    ("a == True", "a == False"),
    ("n >= 10", "n < 10"),
    ("k == '甲'", "k != '甲'"),
    ("n >= 20 and a == True", "n < 20 or a == False"),
)
STEPS = ("review", "notice", "decide", "publish")


class Order(Rule):
    """The kinds of demand the law makes, on the steps of these diagrams."""

    id: ClassVar[str] = "order"
    name: ClassVar[str] = "次序"
    scope: ClassVar[str] = "all"
    severity: ClassVar[Severity] = Severity.BLOCK
    cite: ClassVar[str] = ""
    demands: ClassVar[tuple[Demand, ...]] = (
        Before(("decide",), ("file",), when=("n >= 10",)),
        After(("decide",), ("serve",)),
        NeverAfter(("serve",), ("file",)),
    )


class Drawing:
    """One random diagram."""

    def __init__(self, seed: int, size: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - repeatable, nothing secret
        self.nodes: dict[str, str] = {}
        self.flows: list[list[str]] = []
        self.default: dict[str, str] = {}
        self.bodies: dict[str, str] = {}
        self.extra: dict[str, str] = {}
        self.forms: dict[str, dict[str, Any]] = {}
        self.node("startEvent", "start")
        leave = self.form(self.node("userTask", "first"), ("a", "k", "n"))
        self.extra[leave] += ' xq:step="file"'
        self.flow("start", leave)
        while len(self.nodes) < size:
            entry, after = self.block(2)
            self.flow(leave, entry)
            leave = after
        last = self.node("userTask", "last")
        self.extra[last] = ' xq:step="serve"'
        self.flow(leave, last)
        self.flow(last, self.node("endEvent", "end"))

    def node(self, tag: str, ident: str = "") -> str:
        ident = ident or f"{tag[0]}{len(self.nodes)}"
        self.nodes[ident] = tag
        return ident

    def flow(self, source: str, target: str, condition: str = "") -> str:
        ident = f"f{len(self.flows)}"
        self.flows.append([ident, source, target, condition])
        return ident

    def form(self, task: str, names: tuple[str, ...]) -> str:
        """The task's form asks for these attributes."""
        key = f"form_{task}"
        items = [{"type": "text", "key": name, "label": name, "required": True} for name in names]
        self.forms[key] = {"key": key, "items": items, "writes": {name: {"field": name} for name in names}}
        self.extra[task] = self.extra.get(task, "") + f' xq:form="{key}"'
        return task

    def task(self) -> tuple[str, str]:
        task = self.node("serviceTask" if self.dice.random() < 0.1 else "userTask")
        if self.nodes[task] == "userTask" and self.dice.random() < 0.3:
            self.form(task, (self.dice.choice(("a", "k", "n")),))
        if self.dice.random() < 0.5:
            self.extra[task] = self.extra.get(task, "") + f' xq:step="{self.dice.choice(STEPS)}"'
        if self.dice.random() > 0.12 or self.nodes[task] != "userTask":
            return task, task
        event, merge = self.node("boundaryEvent"), self.node("exclusiveGateway")
        self.extra[event] = f' attachedToRef="{task}"'
        self.bodies[event] = "<timerEventDefinition><timeDuration>P9D</timeDuration></timerEventDefinition>"
        self.flow(task, merge)
        self.flow(event, merge)
        return task, merge

    def block(self, depth: int) -> tuple[str, str]:
        """A block with one way in and one way out."""
        kinds = (self.task, self.choice, self.parallel, self.loop, self.events, self.inclusive)
        kind = self.dice.choices(kinds, (5, 4, 2, 2, 1, 1))[0] if depth else self.task
        return kind() if kind == self.task else kind(depth - 1)  # type: ignore[operator]

    def choice(self, depth: int) -> tuple[str, str]:
        return self.split("exclusiveGateway", depth, self.dice.choice(OPPOSITES))

    def inclusive(self, depth: int) -> tuple[str, str]:
        return self.split("inclusiveGateway", depth, ("a == True", "n >= 10", ""))

    def parallel(self, depth: int) -> tuple[str, str]:
        return self.split("parallelGateway", depth, ("", "", "")[: self.dice.choice((2, 2, 3))])

    def split(self, tag: str, depth: int, conditions: tuple[str, ...]) -> tuple[str, str]:
        split, join = self.node(tag), self.node(tag)
        first = split
        if any(conditions):
            first = self.form(self.node("userTask"), _asked(conditions))
            self.flow(first, split)
        for text in conditions:
            entry, leave = self.block(depth)
            flow = self.flow(split, entry, text)
            if not text and tag == "inclusiveGateway":
                self.default[split] = flow
            self.flow(leave, join)
        return first, join

    def loop(self, depth: int) -> tuple[str, str]:
        """A part that is done again until somebody is content."""
        head, asked, tail = (
            self.node("exclusiveGateway"),
            self.form(self.node("userTask"), ("a",)),
            self.node("exclusiveGateway"),
        )
        entry, leave = self.block(depth)
        self.flow(head, entry)
        self.flow(leave, asked)
        self.flow(asked, tail)
        self.flow(tail, head, "a == False")
        after = self.node("userTask")
        self.default[tail] = self.flow(tail, after)
        return head, after

    def events(self, depth: int) -> tuple[str, str]:
        """What comes first decides."""
        gateway, merge = self.node("eventBasedGateway"), self.node("exclusiveGateway")
        for kind in ("message", "timer"):
            event = self.node("intermediateCatchEvent")
            inner = "<timeDuration>P9D</timeDuration>" if kind == "timer" else ""
            self.bodies[event] = f"<{kind}EventDefinition>{inner}</{kind}EventDefinition>"
            entry, leave = self.block(depth)
            self.flow(gateway, event)
            self.flow(event, entry)
            self.flow(leave, merge)
        return gateway, merge

    def tear(self) -> "Drawing":
        """Lead some flows elsewhere and take some gateways for others: no longer a structure of blocks."""
        places = [i for i, tag in self.nodes.items() if tag.endswith(("Task", "Gateway"))]
        free = [f for f in self.flows if not self.nodes[f[1]].startswith(("eventBased", "start"))]
        for flow in self.dice.sample(free, min(len(free), self.dice.choice((1, 2, 3)))):
            flow[2] = self.dice.choice(places)
        if self.dice.random() < 0.3:
            gateways = [i for i in places if self.nodes[i] == "parallelGateway"]
            for ident in self.dice.sample(gateways, min(len(gateways), 1)):
                self.nodes[ident] = "exclusiveGateway"
        return self

    def xml(self) -> bytes:
        parts = [f'<definitions xmlns="{BPMN}" xmlns:xq="{XQ}"><process id="random" isExecutable="true">']
        for ident, tag in self.nodes.items():
            default = f' default="{self.default[ident]}"' if ident in self.default else ""
            extra, body = self.extra.get(ident, ""), self.bodies.get(ident, "")
            parts.append(f'<{tag} id="{ident}" name="{ident}"{default}{extra}>{body}</{tag}>')
        for ident, source, target, text in self.flows:
            ends = f"id={quoteattr(ident)} sourceRef={quoteattr(source)} targetRef={quoteattr(target)}"
            condition = text.replace("<", "&lt;").replace(">", "&gt;")
            body = f"<conditionExpression>{condition}</conditionExpression>" if text else ""
            parts.append(f"<sequenceFlow {ends}>{body}</sequenceFlow>")
        return "".join([*parts, "</process></definitions>"]).encode()


def _asked(conditions: tuple[str, ...]) -> tuple[str, ...]:
    """The attributes some conditions read."""
    words = {word for text in conditions for word in text.split()}
    return tuple(name for name in ("a", "k", "n") if name in words)


def drawing(seed: int, size: int) -> Drawing:
    """The diagram of a seed; every second one is torn."""
    drawn = Drawing(seed, size)
    return drawn.tear() if seed % 2 else drawn


def subject(drawn: Drawing, xml: bytes) -> Subject:
    """What is proven of it."""
    return build(xml, None, RULES, drawn.forms)[0]
