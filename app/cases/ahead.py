"""The decision that lies ahead of a case: what would be issued if it were decided now as it is proposed.

Nothing is handed in. The form of the deciding step is filled as its own page would fill it, the attributes follow as
in a real act, and the diagram is walked with them to the tasks that make the decision document. What the gates would
say of that act is asked too, so that whoever reviews the case sees it beforehand.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml import etree

from app.diagrams import service as diagrams
from app.engine import service as engine

from . import routing, stepping, switches
from . import rules as law
from .locking import Running

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DECIDE = ("decide",)
MADE = ("decide", "decide.*")
"""The deciding step, and the steps that make its document."""
WAITS = frozenset({"userTask", "intermediateCatchEvent", "receiveTask", "endEvent"})


@dataclass(frozen=True, slots=True)
class Ahead:
    """The decision as proposed.

    `codes` are the kinds of document that would be issued, `context` what they are filled with, `attributes` those of
    the case after deciding so, `answers` what the deciding form would hold, `node` the deciding task (empty: the
    procedure has none of its own).
    """

    codes: tuple[str, ...]
    context: Mapping[str, Any]
    attributes: Mapping[str, Any]
    answers: Mapping[str, Any]
    node: str
    form: str


@dataclass(frozen=True, slots=True)
class _Drawing:
    kinds: Mapping[str, str]
    usual: Mapping[str, str]
    """The default flow of a gateway."""
    flows: Mapping[str, tuple[tuple[str, str, str], ...]]
    """From a node: flow id, target, condition (empty: none)."""


@lru_cache(maxsize=32)
def _drawing(internal: bytes) -> _Drawing:
    kinds: dict[str, str] = {}
    usual: dict[str, str] = {}
    flows: dict[str, list[tuple[str, str, str]]] = {}
    root = diagrams.safe_xml(internal)
    for element in root.iter(f"{BPMN}*"):
        kind = etree.QName(element).localname
        if kind == "sequenceFlow":
            condition = (element.findtext(f"{BPMN}conditionExpression") or "").strip()
            flows.setdefault(element.get("sourceRef", ""), []).append(
                (element.get("id", ""), element.get("targetRef", ""), condition)
            )
        elif node := element.get("id"):
            kinds[node] = kind
            if default := element.get("default"):
                usual[node] = default
    for scope, start, ends in diagrams.calls.scopes(root):
        beyond, flows[scope] = flows.get(scope, []), [("", start, "")]
        flows.update(dict.fromkeys(ends, beyond))
    return _Drawing(kinds, usual, {node: tuple(out) for node, out in flows.items()})


def _following(drawing: _Drawing, node: str, attributes: Mapping[str, Any]) -> Iterator[str]:
    """The tasks a token comes to from a node with these attributes."""
    queue, seen = [node], {node}
    while queue:
        for target in _taken(drawing, queue.pop(0), attributes):
            if target in seen:
                continue
            seen.add(target)
            if drawing.kinds.get(target, "") in WAITS and not _passes(drawing, target):
                yield target
            else:
                queue.append(target)


def _passes(drawing: _Drawing, node: str) -> bool:
    """Whether this is the end of a sub-process, behind which the case goes on."""
    return drawing.kinds[node] == "endEvent" and bool(drawing.flows.get(node))


def _taken(drawing: _Drawing, node: str, attributes: Mapping[str, Any]) -> Iterator[str]:
    out = drawing.flows.get(node, ())
    if drawing.kinds.get(node) != "exclusiveGateway" or len(out) < 2:
        yield from (target for _, target, _ in out)
        return
    default = drawing.usual.get(node, "")
    for flow, target, condition in out:
        if flow != default and condition and engine.evaluate(condition, attributes):
            yield target
            return
    yield from (target for flow, target, _ in out if flow == default)


def decision(running: Running) -> Ahead:
    """The decision that is proposed in a case as it stands."""
    nodes = engine.nodes(running.spec)
    context: dict[str, Any] = dict(stepping.context_of(running))
    attributes: Mapping[str, Any] = running.case.attributes
    answers: Mapping[str, Any] = {}
    decide = next((n for n, info in nodes.items() if info.attributes.get("step") in DECIDE), "")
    form = nodes[decide].attributes.get("form", "") if decide else ""
    if form:
        answers = _filled(running, form, context)
        context["forms"] = {**context["forms"], form: answers}
        attributes = _after(running, nodes[decide].attributes["step"], form, answers)
        context["attributes"] = attributes
    reached = list(_following(_drawing(running.procedure.whole), decide, attributes)) if decide else []
    making = [n for n in reached if n in nodes and _makes(nodes[n])]
    if not making:  # nothing says which of them it will be
        making = [n for n, info in nodes.items() if _makes(info)]
    codes: dict[str, None] = {}
    for node in making:
        own = nodes[node].attributes.get("form", "")
        if own and own not in context["forms"]:
            context["forms"] = {**context["forms"], own: _filled(running, own, context)}
        for declared in nodes[node].documents:
            condition = declared.get("if")
            if not condition or engine.evaluate(condition, attributes):
                codes.setdefault(declared["code"])
    return Ahead(tuple(codes), context, attributes, answers, decide, form)


def _makes(info: Any) -> bool:
    return law.matches(info.attributes.get("step", ""), MADE) and bool(info.documents)


def _filled(running: Running, name: str, context: Mapping[str, Any]) -> dict[str, Any]:
    """A form as its page would fill it, every key present and what is hidden left out."""
    form = stepping.form_named(running.procedure, name)
    given = form.prefilled(context)
    hidden = form.hidden(given)
    return {key: value for key, value in given.items() if key not in hidden}


def _after(running: Running, step: str, name: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    written = stepping.form_named(running.procedure, name).routing(answers)
    return routing.advanced(running, step, running.case.attributes, written, switches.of_case(running))
