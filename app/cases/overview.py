"""A case at a glance: where it stands on both diagrams, what happened, what waits, what the file holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deadlines import service as deadlines
from app.diagrams import service as diagrams
from app.forms import service as forms
from app.kernel.auth import Actor
from app.kernel.identity import masked
from app.people import service as people

from . import context, deviations, late, locking, standards, stepping, substituting, ways
from .desk_acts.carrying import Entry, beside
from .models import Case, CaseStatus, Done, Evidence, Handler, Submission, WorkItem, WorkStatus
from .money import accounts
from .standards import Kept

XQ = "{urn:xingquan:bpmn:1}"


@dataclass(frozen=True, slots=True)
class DueView:
    """A due moment with its light: what is left in the unit of the law, when it ends, both in one sentence."""

    light: Any
    left: str
    day: str
    words: str
    basis: str


@dataclass(frozen=True, slots=True)
class StepView:
    """An earlier step as a colleague reads it: who, when, opinion, everything handed in.

    `external` is the statutory step it belongs to, a node of the external diagram (empty: none); `latest` whether
    the task was not done again afterwards.
    """

    id: int
    node: str
    name: str
    by: Sequence[str]
    at: datetime
    opinion: Mapping[str, Any] | None
    form: str
    answers: Sequence[forms.Answer]
    external: str
    latest: bool
    void: bool = False
    """Whether its task was returned or withdrawn: to be read, not to be relied on."""


@dataclass(frozen=True, slots=True)
class ExternalStep:
    """A statutory step with its state: `passed`, `current` or `coming`."""

    node: str
    name: str
    basis: str
    limit: str
    state: str


@dataclass(frozen=True, slots=True)
class WaitingView:
    """A waiting task: what, by whom, until when, and whether this person may open it."""

    work: WorkItem
    position: str
    person: str
    due: DueView | None
    mine: bool
    acts: Sequence[Entry] = ()
    """What this person may do with it from here, besides handling it."""


@dataclass(frozen=True, slots=True)
class CaseView:
    """The case page."""

    case: Case
    procedure: diagrams.Procedure
    item: Mapping[str, Any]
    handlers: Sequence[tuple[str, str]]
    external: Sequence[ExternalStep]
    current_internal: Sequence[str]
    passed_internal: Sequence[str]
    called: Sequence[diagrams.calls.Drawing]
    """The processes it calls, to be drawn beside it."""
    waiting: Sequence[WaitingView]
    events: Sequence[WaitingView]
    steps: Sequence[StepView]
    evidence: Sequence[Mapping[str, Any]]
    facts: Sequence[tuple[str, str]]
    account: Mapping[str, Any] | None = None
    """What the party owes today (`money.reading.told`); None where the procedure keeps no account."""
    deviations: Sequence[Any] = ()
    """Its sums off their tier (`deviations`)."""
    standards: Sequence[Kept] = ()
    """By which discretion standards its sums are set."""
    news: Sequence[str] = ()
    """Discretion standards that came into force while it is open."""

    def marks(self, which: str) -> list[str]:
        """The `passed` or the `current` nodes for the drawing of the internal diagram, the calls they stand in included."""
        inside = {node for drawing in self.called for node in drawing.nodes}
        return [node for node in self._marked(which) if node not in inside]

    def marks_in(self, drawing: diagrams.calls.Drawing, which: str) -> list[str]:
        """The same for the drawing of a called process."""
        return [drawing.nodes[node] for node in self._marked(which) if node in drawing.nodes]

    def _marked(self, which: str) -> list[str]:
        nodes = self.passed_internal if which == "passed" else self.current_internal
        return diagrams.calls.with_calls(nodes, self.procedure.whole)


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of the list of cases."""

    case: Case
    stage: str
    due: DueView | None


def due_of(clock: deadlines.ClockView | deadlines.ClockLine | None) -> DueView | None:
    """A clock as light and words: 还剩 3 个工作日，6月18日（周四）到期."""
    if clock is None:
        return None
    words = clock.left if clock.stopped else f"{clock.left}，{clock.due_words}"
    return DueView(clock.light, clock.left, clock.due_words, words, f"{clock.basis} {clock.limit}".strip())


def dues(session: Session, tasks: Iterable[int]) -> dict[int, DueView]:
    """The due moments of tasks by their ids."""
    return dues_of(deadlines.of_work_items(session, list(tasks)))


def dues_of(clocks: Mapping[int, deadlines.ClockLine]) -> dict[int, DueView]:
    """The clocks of a list as light and words."""
    return {key: view for key, clock in clocks.items() if (view := due_of(clock))}


def lines(session: Session, cases: Sequence[Case]) -> list[LineView]:
    """The lines of a list of cases: the waiting tasks' names and the nearest due moment."""
    found = session.scalars(
        select(WorkItem)
        .where(
            WorkItem.case_id.in_([c.id for c in cases]),
            WorkItem.kind == "user",
            WorkItem.status.in_((WorkStatus.OPEN, WorkStatus.COSIGN, WorkStatus.SIGNING)),
        )
        .order_by(WorkItem.due_at, WorkItem.id)
    ).all()
    due = dues(session, (w.id for w in found))
    result = []
    for case in cases:
        waiting = [w for w in found if w.case_id == case.id]
        idle = "已归档" if case.status == CaseStatus.CLOSED else "等待当事人意见"
        stage = "、".join(w.name for w in waiting) or idle
        result.append(LineView(case, stage, due.get(waiting[0].id) if waiting else None))
    return result


def steps(
    session: Session, case: Case, procedure: diagrams.Procedure, handed_in: Sequence[Submission] | None = None
) -> list[StepView]:
    """Everything handed in so far, newest first; `handed_in` where it has been read already."""
    if handed_in is None:
        handed_in = context.submissions(session, case.id)
    names = people.officers(session, substituting.everybody(handed_in))
    external = {tag: node for node, _, tags, *_ in external_nodes(procedure.external) for tag in tags}
    latest = {s.node: s.id for s in handed_in if s.void_at is None}
    return [
        StepView(
            s.id,
            s.node,
            s.name,
            substituting.signed(s, names),
            s.at,
            s.opinion,
            s.form,
            forms.summary(stepping.form_named(procedure, s.form), s.data),
            external.get(procedure.rules.external_of(s.step), ""),
            latest.get(s.node) == s.id,
            s.void_at is not None,
        )
        for s in reversed(handed_in)
    ]


@lru_cache(maxsize=32)
def external_nodes(external: bytes) -> tuple[tuple[str, str, tuple[str, ...], str, str], ...]:
    """The statutory steps of an external diagram: id, name, step tags, basis, limit."""
    return tuple(
        (
            node.get("id"),
            node.get("name") or "",
            tuple(node.get(f"{XQ}step").replace("|", " ").split()),
            node.get(f"{XQ}basis") or "",
            node.get(f"{XQ}limit") or "",
        )
        for node in diagrams.safe_xml(external).iter()
        if isinstance(node.tag, str)
        and etree.QName(node).localname.lower().endswith("task")
        and node.get(f"{XQ}step")
    )


def _external(procedure: diagrams.Procedure, case: Case, current: Sequence[WorkItem]) -> list[ExternalStep]:
    aside = ways.may_happen(ways.drawn(procedure.whole))
    now = {procedure.rules.external_of(w.step) for w in current if w.node not in aside}
    passed = {procedure.rules.external_of(step) for step in case.passed}
    result = []
    for node, name, tags, basis, limit in external_nodes(procedure.external):
        if now & set(tags):
            state = "current"
        elif passed & set(tags):
            state = "passed"
        else:
            state = "coming"
        result.append(ExternalStep(node, name, basis, limit, state))
    return result


def case(session: Session, actor: Actor, found: Case) -> CaseView:
    """Everything the case page shows."""
    running = locking.running(session, found)
    on_time = stepping.open_work(session, found.id)
    waiting = [*on_time, *late.items(session, found)]
    names = people.officers(
        session,
        {w.assignee_id for w in waiting if w.assignee_id}
        | {o for w in waiting for o in (w.cosigner_id, w.for_id) if o}
        | set(session.scalars(select(Handler.officer_id).where(Handler.case_id == found.id))),
    )

    positions = people.position_names(session)
    due = dues(session, (w.id for w in waiting))
    handed_in = context.submissions(session, found.id)
    history = steps(session, found, running.procedure, handed_in)
    menus = beside(session, actor, running, [w for w in waiting if w.kind == "user"])

    def view(work: WorkItem) -> WaitingView:
        person_id = work.cosigner_id if work.status == WorkStatus.COSIGN else work.assignee_id
        asked = any(entry.name == "prepared" for entry in menus.get(work.id, ()))
        return WaitingView(
            work,
            positions.get(work.position_key, work.position_key),
            _waits_for(work, person_id, names) if person_id else "",
            due.get(work.id),
            actor.officer_id not in running.recused
            and (
                asked
                or person_id == actor.officer_id
                or (person_id is None and work.position_key in actor.positions)
            ),
            menus.get(work.id, ()),
        )

    return CaseView(
        case=found,
        procedure=running.procedure,
        item=running.item,
        handlers=[(context.ROLES[h.role], names[h.officer_id].name) for h in running.handlers],
        external=_external(running.procedure, found, on_time),
        current_internal=[w.node for w in on_time],
        passed_internal=list(dict.fromkeys(s.node for s in history if not s.void)),
        called=[
            d
            for d in diagrams.calls.drawings(running.procedure.whole)
            if d.called in running.procedure.called
        ],
        waiting=[view(w) for w in waiting if w.kind == "user"],
        events=[view(w) for w in waiting if w.kind == "message"],
        steps=history,
        evidence=evidence_of(session, found.id, running.procedure),
        facts=key_facts(running, history),
        account=accounts.told(running, [(s.form, s.data) for s in handed_in if s.void_at is None]),
        **_discretion(running),
    )


def _discretion(running: locking.Running) -> dict[str, Any]:
    if not running.procedure.rules.bands:
        return {}
    rows = standards.of_case(running.session, running.case.id)
    return {
        "deviations": deviations.of_case(running.session, running.case.id),
        "standards": [standards.told(row) for row in rows],
        "news": standards.news(running, rows),
    }


def _waits_for(work: WorkItem, person_id: int, names: Mapping[int, people.OfficerCard]) -> str:
    taken = work.for_id if person_id == work.assignee_id else None
    return substituting.told(names[person_id].name, [taken] if taken else [], names)


PARTY_LABELS = {
    "name": "当事人",
    "id_code": "证照号码",
    "legal_representative": "负责人",
    "address": "住所",
    "phone": "电话",
}


def key_facts(running: locking.Running, history: Sequence[StepView]) -> list[tuple[str, str]]:
    """What a case is about, before everything else: the party, the cause, what is proposed or decided, and what
    the law makes of it."""
    party = running.case.party
    if party.get("kind") == "person":  # a person's number in full is for the form and the documents
        party = {**party, "id_code": masked(str(party.get("id_code", "")))}
    shown = [(label, str(party[part])) for part, label in PARTY_LABELS.items() if party.get(part)]
    if running.case.cause:
        shown.append(("案由", running.case.cause))
    shown += _decided(running.procedure, history)
    rules = running.procedure.rules
    held = [rules.labels[name] for name in rules.derived if running.case.attributes.get(name)]
    return [*shown, ("法定要求", "、".join(held))] if held else shown


def _decided(procedure: diagrams.Procedure, history: Sequence[StepView]) -> list[tuple[str, str]]:
    """Choices and amounts that decide the way of the case, as last handed in, in the words of their forms."""
    found: dict[str, tuple[str, str]] = {}
    for step in reversed(history):
        if step.void:
            continue
        answers = {answer.key: answer for answer in step.answers}
        for write in stepping.form_named(procedure, step.form).writes:
            declared = procedure.rules.attributes.get(write.attribute)
            if declared is None or declared.type == "boolean" or not write.fact or "." in write.fact:
                continue
            found.pop(write.attribute, None)
            if answer := answers.get(write.fact):
                found[write.attribute] = (declared.label.removesuffix("（元）"), answer.text)
    types = procedure.rules.attributes
    return [found[name] for name in sorted(found, key=lambda name: types[name].type != "choice")]


def evidence_of(session: Session, case_id: int, procedure: diagrams.Procedure) -> list[Mapping[str, Any]]:
    """The evidence handed in so far, each piece once: as it was entered last, with the step it first came
    with. Later forms (report, decision) take the table over and may say more about a piece."""
    found: dict[str, dict[str, Any]] = {}
    for submission in context.submissions(session, case_id):
        if submission.void_at is not None:
            continue
        for item in stepping.form_named(procedure, submission.form).items:
            if item.type == "evidence":
                for line in submission.data.get(item.key) or ():
                    first = found.get(line["name"], {"step": submission.name})
                    found[line["name"]] = {**first, **{k: v for k, v in line.items() if v}}
    return list(found.values())


def files_of(session: Session, case_id: int) -> dict[str, Mapping[str, Any]]:
    """The files handed in with a case by their digest."""
    found: dict[str, Mapping[str, Any]] = {}

    def walk(value: Any) -> None:
        if isinstance(value, Mapping):
            if {"digest", "name", "type"} <= value.keys():
                found[value["digest"]] = value
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    for submission in context.submissions(session, case_id):
        walk(submission.data)
    for pending in session.scalars(
        select(WorkItem.pending).where(WorkItem.case_id == case_id, WorkItem.pending.is_not(None))
    ):
        walk(pending)
    for piece in session.scalars(select(Evidence).where(Evidence.case_id == case_id)):
        file = {"name": piece.said["name"], "digest": piece.digest, "size": piece.size, "type": piece.type}
        found.setdefault(piece.digest, file)
    return found


def done(session: Session, actor: Actor, key: str) -> Mapping[str, Any] | None:
    """What an act of this person has just brought, by its idempotency key."""
    found = session.get(Done, key) if key else None
    return found.result if found and found.account_id == actor.account_id else None
