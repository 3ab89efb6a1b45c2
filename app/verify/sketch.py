"""Small diagrams in a few lines of text: the examples that rules carry, and tests.

    begin > 登记(src.register) > 立案(file.approve): limit=2wd position=deputy writes=filing_ok > g
    g > 调查(invest) [filing_ok == True] > end
    g > end2 [default]

One chain per line. A node is `name(step)`, both optional in part; it is declared where it first gets a step,
attributes (`: key=value ...` up to the next `>`) or a kind. The kind follows from the name: `begin`, `end*`
and `stop*` (terminate end) are events, `x*` exclusive, `p*` parallel, `o*` inclusive, `e*` event gateways
(one letter and digits), `t1` ... timers with `limit=`, `m1` ... messages, `s1` ... service tasks; everything
else is a user task. `[condition]` or `[default]` belongs to the flow into the node before it. `writes=a,b`
becomes a form that sets these attributes, `fields=a,b:opinion` one that insists on these answers (of a type),
`document=code` a document made at completion; other attributes go into the diagram under our namespace. `@key
value` lines set entries of the rule set as YAML, `@templates {code: text}` the stock of templates, `@forms` whole
forms, `-- external` starts the external diagram.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import yaml

from .subject import Subject, Template, build

_HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:xq="urn:xingquan:bpmn:1" id="definitions" targetNamespace="urn:xingquan:sketch">'
)
_PART = re.compile(
    r"\s*(?P<name>[^\s>(\[:]+)(?:\((?P<step>[^)]*)\))?\s*(?P<attributes>:[^>\[]*)?(?:\[(?P<condition>[^\]]*)\])?\s*\Z"
)
_KINDS = (
    (re.compile(r"begin\w*\Z"), "startEvent"),
    (re.compile(r"(end|stop)\w*\Z"), "endEvent"),
    (re.compile(r"x\d*\Z"), "exclusiveGateway"),
    (re.compile(r"p\d*\Z"), "parallelGateway"),
    (re.compile(r"o\d*\Z"), "inclusiveGateway"),
    (re.compile(r"e\d*\Z"), "eventBasedGateway"),
    (re.compile(r"[tm]\d+\Z"), "intermediateCatchEvent"),
    (re.compile(r"s\d+\Z"), "serviceTask"),
)


@dataclass
class _Node:
    name: str
    step: str = ""
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        return next((tag for pattern, tag in _KINDS if pattern.match(self.name)), "userTask")


@dataclass
class _Diagram:
    nodes: dict[str, _Node] = field(default_factory=dict)
    flows: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sketch:
    """The files a sketch stands for."""

    internal: bytes
    external: bytes | None
    rules: Mapping[str, Any]
    forms: Mapping[str, Mapping[str, Any]]
    templates: Mapping[str, Template] | None = None

    def subject(self, templates: Mapping[str, Template] | None = None) -> Subject:
        """The subject to prove.

        Raises:
            Invalid, ValueError: the sketch is not readable.
        """
        stock = self.templates if templates is None else templates
        return build(self.internal, self.external, self.rules, self.forms, stock)[0]


def read(text: str, scope: str = "") -> Sketch:
    """The diagrams, rule set and forms of a sketch.

    Raises:
        ValueError: a line is not in the notation.
    """
    diagrams = [_Diagram()]
    settings: list[str] = []
    for number, line in enumerate(text.strip().splitlines(), 1):
        content = line.strip()
        if not content or content.startswith("#"):
            continue
        if content.startswith("@"):
            settings.append(content[1:])
        elif content.startswith("--"):
            diagrams.append(_Diagram())
        else:
            _chain(diagrams[-1], content, number)
    rules: dict[str, Any] = {"key": scope}
    for setting in settings:
        name, _, value = setting.partition(" ")
        rules[name] = yaml.safe_load(value)
    texts = rules.pop("templates", None)
    forms: dict[str, dict[str, Any]] = rules.pop("forms", {})
    written: dict[str, dict[str, Any]] = {}
    for node in diagrams[0].nodes.values():
        _form(node, forms, written)
    rules["attributes"] = {**written, **_conditions(diagrams[0]), **(rules.get("attributes") or {})}
    external = _xml(diagrams[1], "external") if len(diagrams) > 1 else None
    stock = None if texts is None else {c: Template(c, c, text, sealed=True) for c, text in texts.items()}
    return Sketch(_xml(diagrams[0], "internal"), external, rules, forms, stock)


def _chain(diagram: _Diagram, line: str, number: int) -> None:
    previous = ""
    for part in re.split(r">(?![^\[]*\])", line):  # not within a condition
        found = _PART.match(part)
        if not found:
            raise ValueError(f"line {number}: {part!r}")
        name = found["name"]
        node = diagram.nodes.setdefault(name, _Node(name))
        node.step = found["step"] or node.step
        for pair in (found["attributes"] or ":")[1:].split():
            key, _, value = pair.partition("=")
            node.attributes[key] = value
        if previous:
            diagram.flows.append((previous, name, (found["condition"] or "").strip()))
        previous = name


def _form(node: _Node, forms: dict[str, dict[str, Any]], written: dict[str, dict[str, Any]]) -> None:
    """The form of a task: fields named by `fields=a,b`, attributes set by `writes=a,b`."""
    writes = [name for name in node.attributes.pop("writes", "").split(",") if name]
    fields = [name for name in node.attributes.pop("fields", "").split(",") if name]
    if "form" in node.attributes or not (node.tag == "userTask" or writes or fields):
        return
    node.attributes["form"] = f"form_{node.name}"
    asked = [name.partition(":") for name in (*fields, *writes)]
    items = [{"type": kind or "text", "key": key, "label": key, "required": True} for key, _, kind in asked]
    forms[node.attributes["form"]] = {
        "key": node.attributes["form"],
        "title": node.name,
        "items": items,
        "writes": {name: {"field": name} for name in writes},
    }
    for name in writes:
        written.setdefault(name, {"type": "boolean", "default": False, "label": name})


def _conditions(diagram: _Diagram) -> dict[str, dict[str, Any]]:
    """Attributes that conditions name: numbers where they are compared with one, else truth values."""
    found: dict[str, dict[str, Any]] = {}
    for _, _, condition in diagram.flows:
        for name, number in re.findall(r"([a-z_]\w*)\s*(?:==|!=|<=?|>=?)\s*(\d+)?", condition):
            kind = ("number", 0) if number else ("boolean", False)
            found[name] = {"type": kind[0], "default": kind[1], "label": name}
    return found


def _xml(diagram: _Diagram, level: str) -> bytes:
    lanes: dict[str, list[str]] = {}
    body = []
    default = {
        (source): f"f{i}" for i, (source, _, condition) in enumerate(diagram.flows) if condition == "default"
    }
    for node in diagram.nodes.values():
        body.append(_element(node, default.get(node.name, ""), lanes))
    for i, (source, target, condition) in enumerate(diagram.flows):
        inner = ""
        if condition and condition != "default":
            inner = (
                '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">'
                f"{escape(condition)}</bpmn:conditionExpression>"
            )
        rounds = diagram.nodes[source].attributes.get(f"rounds.{target}")
        extra = f" xq:rounds={quoteattr(rounds)}" if rounds else ""
        body.append(
            f'<bpmn:sequenceFlow id="f{i}" sourceRef={quoteattr(source)} targetRef={quoteattr(target)}{extra}>'
            f"{inner}</bpmn:sequenceFlow>"
        )
    sets = "".join(
        f'<bpmn:lane id="lane_{i}" name={quoteattr(position)} xq:position={quoteattr(position)}>'
        + "".join(f"<bpmn:flowNodeRef>{name}</bpmn:flowNodeRef>" for name in names)
        + "</bpmn:lane>"
        for i, (position, names) in enumerate(lanes.items())
    )
    lane_set = f'<bpmn:laneSet id="lanes">{sets}</bpmn:laneSet>' if sets else ""
    return (
        f'{_HEAD}<bpmn:process id="{level}" isExecutable="true" xq:level="{level}">{lane_set}{"".join(body)}'
        "</bpmn:process></bpmn:definitions>"
    ).encode()


def _element(node: _Node, default: str, lanes: dict[str, list[str]]) -> str:
    attributes = dict(node.attributes)
    position = attributes.pop("position", "investigator" if node.tag == "userTask" else "")
    if position:
        lanes.setdefault(position, []).append(node.name)
    body = "".join(
        f'<xq:document code={quoteattr(code)} when="complete" />'
        for code in attributes.pop("document", "").split(",")
        if code
    )
    body = f"<bpmn:extensionElements>{body}</bpmn:extensionElements>" if body else ""
    if node.tag == "intermediateCatchEvent":
        if node.name.startswith("t"):
            limit = attributes.get("limit", "5wd")
            body += (
                "<bpmn:timerEventDefinition><bpmn:timeDuration>"
                f"{escape(limit)}</bpmn:timeDuration></bpmn:timerEventDefinition>"
            )
        else:
            body += "<bpmn:messageEventDefinition />"
    elif node.name.startswith("stop"):
        body += "<bpmn:terminateEventDefinition />"
    own = "".join(f" xq:{k}={quoteattr(v)}" for k, v in attributes.items() if not k.startswith("rounds."))
    step = f" xq:step={quoteattr(node.step)}" if node.step else ""
    default_ = f' default="{default}"' if default else ""
    return (
        f"<bpmn:{node.tag} id={quoteattr(node.name)} name={quoteattr(node.name)}{step}{own}{default_}>"
        f"{body}</bpmn:{node.tag}>"
    )
