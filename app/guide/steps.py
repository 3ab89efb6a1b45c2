"""How each step of a procedure is done lawfully: read from its diagrams, rule set, forms and templates. Pure.

Nothing here knows a particular procedure; what an analyst wants to say besides stands in the diagram (`xq:guide`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from app.cases.service import matches
from app.deadlines import service as deadlines
from app.diagrams import service as diagrams
from app.documents import service as documents
from app.forms import service as forms
from app.kernel.errors import Invalid, NotFound
from app.people import service as people
from app.verify import reader
from app.verify.wording import said as condition_said

from . import checks, course, fields


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that comes out of a step: when, and who signs it."""

    code: str
    name: str
    when: str
    numbered: bool
    seal: bool
    copies: int


@dataclass(frozen=True, slots=True)
class Clock:
    """A statutory clock that the step starts or stops."""

    name: str
    limit: str
    basis: str


@dataclass(frozen=True, slots=True)
class StepGuide:
    """All there is to know of a step before doing it. Limits and conditions are in words; `position` is a key."""

    node: str
    name: str
    step: str
    kind: str
    position: str
    duty: str
    limit: str
    statutory: str
    statutory_name: str
    basis: str
    guide: str
    verb: str
    officers: int
    abnormal: bool
    form: str
    form_title: str
    fields: tuple[fields.FieldGuide, ...]
    checks: tuple[checks.Check, ...]
    papers: tuple[Paper, ...]
    starts: tuple[Clock, ...]
    stops: tuple[Clock, ...]
    ways: tuple[course.Way, ...]
    signs: str

    @property
    def mistakes(self) -> tuple[str, ...]:
        """What people are told who overlook something: the messages of the checks, each once."""
        return tuple(dict.fromkeys(check.message for check in self.checks if check.message))

    @property
    def returns(self) -> tuple[course.Way, ...]:
        """The ways that lead back to a step before."""
        return tuple(way for way in self.ways if way.back)


@dataclass(frozen=True, slots=True)
class Statutory:
    """A step of the external diagram: what the law asks of the authority, and by when."""

    node: str
    name: str
    limit: str
    basis: str


def of_procedure(procedure: diagrams.Procedure) -> tuple[StepGuide, ...]:
    """Every step a person does, in the order in which a case meets them."""
    return _of(procedure.digest, _Known(procedure))


def of_node(procedure: diagrams.Procedure, node: str) -> StepGuide:
    """One step.

    Raises:
        NotFound: the diagram has no such step.
    """
    for found in of_procedure(procedure):
        if found.node == node:
            return found
    raise NotFound("流程中没有这个环节。")


def statutory(procedure: diagrams.Procedure) -> tuple[Statutory, ...]:
    """The steps of the external diagram in the order of the course."""
    drawn = course.of(procedure.external)
    far = len(drawn.nodes)
    nodes = sorted(drawn.nodes.values(), key=lambda n: drawn.distance.get(n.id, far))
    return tuple(
        Statutory(n.id, n.name, _limit(n.attributes.get("limit", "")), n.attributes.get("basis", ""))
        for n in nodes
        if n.attributes.get("step") and n.tag in reader.TASKS
    )


class _Known:
    """A procedure, not compared by what is in it: its digest is the key of what is kept."""

    def __init__(self, procedure: diagrams.Procedure):
        self.procedure = procedure

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=32)
def _of(digest: str, known: _Known) -> tuple[StepGuide, ...]:
    procedure = known.procedure
    drawn = course.of(procedure.whole)
    tasks = drawn.tasks()
    said = forms.values_said(_forms(procedure).values())
    names = {
        n.attributes["step"]: n.name for n in reversed(list(drawn.nodes.values())) if n.attributes.get("step")
    }
    external = _external(procedure)
    return tuple(_step(procedure, drawn, node, names, said, external) for node in tasks)


def _step(
    procedure: diagrams.Procedure,
    drawn: course.Course,
    node: reader.Node,
    names: Mapping[str, str],
    said: Mapping[str, Mapping[str, str]],
    external: Mapping[str, Statutory],
) -> StepGuide:
    own, rules = node.attributes, procedure.rules
    step, officers = own.get("step", ""), int(own.get("officers") or 0)
    form = _forms(procedure).get(own.get("form", ""))
    if form is not None:
        form = form.at(step, node.id)
    papers = tuple(_papers(procedure, node))

    def field(key: str) -> str:
        name, _, value = key.partition("=")
        if value:
            return said.get(name, {}).get(value, value)
        try:
            return form.owner(name).label if form is not None else name
        except KeyError:
            return name

    words = checks.Words(
        step=lambda tag: _step_name(tag, names),
        document=lambda code: _document(procedure, code),
        certificate=_certificate,
        field=field,
    )
    writes = frozenset(write.attribute for write in form.writes) if form is not None else frozenset()
    law = external.get(rules.external_of(step))
    return StepGuide(
        node=node.id,
        name=node.name,
        step=step,
        kind="message" if node.events else "user",
        position=node.position,
        duty=own.get("duty", "").rstrip("。"),
        limit=_limit(own.get("limit", "")),
        statutory=law.limit if law else "",
        statutory_name=law.name if law else "",
        basis=own.get("basis", "") or (law.basis if law else ""),
        guide=own.get("guide", ""),
        verb=own.get("verb", f"提交{node.name}"),
        officers=officers,
        abnormal=own.get("abnormal") == "true",
        form=form.key if form is not None else "",
        form_title=form.title if form is not None else "",
        fields=fields.of_form(form) if form is not None else (),
        checks=checks.of_step(rules, step, writes, officers, words) if step else (),
        papers=papers,
        starts=tuple(_clock(c) for c in rules.clocks if step and matches(step, c["starts"])),
        stops=tuple(_clock(c) for c in rules.clocks if step and matches(step, c["stops"])),
        ways=tuple(drawn.ways(node.id)),
        signs=_signs(officers, papers),
    )


def _certificate(kind: str) -> str:
    return next((name for key, name in people.CERTIFICATE_NAMES.items() if key == kind), kind)


def _signs(officers: int, papers: tuple[Paper, ...]) -> str:
    """Who answers for the step with their name."""
    who = "办理人提交即签名"
    if officers > 1:
        who = "主办人员提交、协办人员确认，均为签名"
    sealed = "".join(f"《{p.name}》" for p in papers if p.seal)
    return f"{who}{f'；{sealed}加盖机关印章' if sealed else ''}。"


def _papers(procedure: diagrams.Procedure, node: reader.Node) -> list[Paper]:
    found = []
    for declared in node.documents:
        try:
            kind = documents.kind(declared["code"], procedure.templates)
        except Invalid:
            continue
        when = "任务到达时" if declared.get("when", "complete") == "open" else "提交后"
        if declared.get("if"):
            when += f"，{condition_said(declared['if'], procedure.rules.labels)}"
        found.append(Paper(kind.code, kind.name, when, kind.numbered, kind.served, kind.copies))
    for declared in node.on_demand:
        try:
            kind = documents.kind(declared["code"], procedure.templates)
        except Invalid:
            continue
        found.append(Paper(kind.code, kind.name, "需要时", kind.numbered, kind.served, kind.copies))
    return found


def _clock(raw: Mapping[str, object]) -> Clock:
    return Clock(str(raw["name"]), _limit(str(raw["limit"])), str(raw.get("basis", "")))


def _limit(text: str) -> str:
    try:
        return deadlines.parse_limit(text).words if text else ""
    except Invalid:
        return text


def _step_name(tag: str, names: Mapping[str, str]) -> str:
    if tag in names:
        return names[tag]
    below = tag.removesuffix("*")
    return next((name for step, name in names.items() if tag.endswith("*") and step.startswith(below)), tag)


def _document(procedure: diagrams.Procedure, code: str) -> str:
    try:
        return documents.kind(code, procedure.templates).name
    except Invalid:
        return code


def _forms(procedure: diagrams.Procedure) -> Mapping[str, forms.Form]:
    return {key: forms.published(procedure.digest, procedure.forms, key) for key in procedure.forms}


def _external(procedure: diagrams.Procedure) -> dict[str, Statutory]:
    drawn = course.of(procedure.external)
    return {
        tag: Statutory(n.id, n.name, _limit(n.attributes.get("limit", "")), n.attributes.get("basis", ""))
        for n in drawn.nodes.values()
        for tag in n.attributes.get("step", "").replace("|", " ").split()
    }
