"""The way of one step. Everything here runs inside one transaction with the case row locked.

    form checked -> gates of law -> engine -> the case's own rows -> subscribers of `app.flow` -> one commit

Any exception rolls everything back; the engine's object is thrown away with it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.catalogue.models import PowerItem
from app.deadlines import service as deadlines
from app.diagrams import service as diagrams
from app.documents import service as documents
from app.engine import service as engine
from app.forms import conditions
from app.forms import service as forms
from app.kernel import chain, clock, events
from app.kernel.errors import Refused
from app.people import service as people

from . import context, late, proofs, rules, seals, work_items
from .models import Case, CaseStatus, Handler, Submission, WorkItem, WorkStatus


@dataclass(frozen=True, slots=True)
class Running:
    """A locked case with all that an act on it needs."""

    session: Session
    case: Case
    procedure: diagrams.Procedure
    spec: engine.Spec
    item: Mapping[str, Any]
    at: datetime

    @property
    def passed(self) -> dict[str, datetime]:
        """The legal steps passed and not voided, with their moments."""
        return {step: datetime.fromisoformat(at) for step, at in self.case.passed.items()}

    def due(self, own: Mapping[str, datetime] | None = None) -> Any:
        """How the engine's timers learn when they are due. `own` is the step of this very act with its
        moment."""
        return deadlines.engine_due(self.session, {**self.passed, **(own or {})}, self.case.region_code)


def evaluate(tree: Mapping[str, Any], attributes: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    """A condition tree over attributes; `{param: name}` may name a parameter or another attribute."""
    return conditions.evaluate(tree, attributes, {**attributes, **params})


def holds(tree: Mapping[str, Any], attributes: Mapping[str, Any]) -> bool:
    """A condition tree over attributes alone."""
    return conditions.evaluate(tree, attributes)


def spec_of(procedure: diagrams.Procedure) -> engine.Spec:
    """The engine's parsed form of a published version, from its cache."""
    return engine.spec(procedure.digest, lambda: engine.Source(internal=procedure.internal))


def lock(session: Session, case_id: int, at: datetime | None = None) -> Running:
    """Lock the case row and gather what an act needs. The one place where a case is locked."""
    people.remember(session)
    chosen = select(Case).where(Case.id == case_id).with_for_update()
    case = session.scalars(chosen.execution_options(populate_existing=True)).one()

    def save(head: chain.Head) -> None:
        case.record_seq, case.record_digest = head.seq, head.digest

    chain.hold(session, chain.Head(case.id, case.record_seq, case.record_digest, save))
    locked = running(session, case, at)
    seals.verify(session, case, locked.procedure.digest)
    return locked


def lock_all(session: Session, case_ids: Sequence[int], wait: bool) -> Sequence[int]:
    """Lock several case rows in id order; without `wait` those in use are left out. The ids that are locked.

    Time goes on for a case whose seal is broken too, but what is recorded of it does not mend the seal.
    """
    columns = [Case.__table__.c[name] for name in (*seals.FIELDS, "seal")]
    chosen = select(*columns).where(Case.id.in_(case_ids)).order_by(Case.id)
    locked = session.execute(chosen.with_for_update(skip_locked=not wait)).mappings().all()
    for row in locked:
        chain.hold(
            session, chain.Head(row["id"], row["record_seq"], row["record_digest"], _saver(session, row))
        )
    return [row["id"] for row in locked]


def _saver(session: Session, row: Mapping[str, Any]) -> Callable[[chain.Head], None]:
    """Writes the head of a case that was locked among many, with its seal."""
    digest = diagrams.digest_of(session, row["procedure_id"])
    sound = seals.holds(row, digest, row["seal"])

    def save(head: chain.Head) -> None:
        values: dict[str, Any] = {"record_seq": head.seq, "record_digest": head.digest}
        if sound:
            values["seal"] = seals.made({**row, **values}, digest)
        session.execute(update(Case).where(Case.id == head.case_id).values(**values))

    return save


def running(session: Session, case: Case, at: datetime | None = None) -> Running:
    """A case with all that its pages need, as of now (or `at`); an act locks it first."""
    procedure = diagrams.procedure(session, case.procedure_id)
    item = session.get_one(PowerItem, case.item_id)
    return Running(
        session,
        case,
        procedure,
        spec_of(procedure),
        {"id": item.id, "code": item.code, "name": item.name, "basis": item.basis, **item.content},
        at or clock.now(),
    )


def signer(session: Session, officer_id: int, on: datetime) -> rules.Signer:
    """An officer as the gates see them today."""
    card = people.officer(session, officer_id, clock.legal_day(on))
    return rules.Signer(card.id, card.name, card.positions, frozenset(c.kind for c in card.certificates))


def facts_of(
    running: Running,
    work: WorkItem,
    signers: Sequence[rules.Signer],
    after: Mapping[str, Any],
    *,
    form: forms.Form | None = None,
    data: Mapping[str, Any] | None = None,
) -> rules.ActFacts:
    """What the gates look at for an act on this task."""
    declared = running.procedure.rules
    certificate = declared.certificates.get(work.step)
    return rules.ActFacts(
        rules=declared,
        node=work.node,
        name=work.name,
        step=work.step,
        position=work.position_key,
        officers=max(work.officers, 1 if certificate else 0),
        certificate=certificate or declared.certificate,
        signers=tuple(signers),
        before=running.case.attributes,
        after=after,
        passed=running.passed,
        **proofs.gather(running, work.step, full=form is not None),
        case_open=running.case.status == CaseStatus.OPEN,
        reason=((opinion_in(form, data) or {}).get("text") or "") if form and data else "",
        data=data or {},
        writes=frozenset(form.routing(data)) if form and data else frozenset(),
        held=running.case.held,
        moment=moment_of(running, work.step, work, data),
    )


def guard(facts: rules.ActFacts, gates: tuple[rules.Gate, ...] = rules.GATES) -> None:
    """Let the act pass, or refuse with the article.

    Raises:
        Refused: a gate stands in the way.
    """
    if refusal := rules.first_refusal(facts, evaluate, gates):
        raise Refused(refusal.message, code=refusal.gate, article=refusal.article)


def opinion_in(form: forms.Form, data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The opinion (agree, disagree, amend) given in a form, if it asks for one."""
    for item in form.items:
        if item.type == "opinion" and data.get(item.key):
            return data[item.key]
    return None


def carry_out(
    running: Running,
    work: WorkItem,
    signers: Sequence[rules.Signer],
    form: forms.Form,
    data: Mapping[str, Any],
) -> events.StepCompleted:
    """Complete the task with checked data, signed by `signers` (the first one handed it in).

    Raises:
        Refused: a gate of law stands in the way.
        Conflict: the engine no longer knows the task.
    """
    session, case = running.session, running.case
    after = attributes_after(running, work, form, data)
    facts = facts_of(running, work, signers, after, form=form, data=data)
    guard(facts)
    work_items.live(running, work)
    own = {work.step: moment_of(running, work.step, work, data)}
    if late.covers(case, work):
        advance = late.register(running, work, after, facts.moment or running.at, own)
    else:
        move = engine.register if work.kind == "message" else engine.complete
        advance = move(running.spec, case.state, work.task_id, after, running.at, running.due(own))
    session.add(
        Submission(
            case_id=case.id,
            agency_id=case.agency_id,
            work_item_id=work.id,
            node=work.node,
            name=work.name,
            step=work.step,
            form=work.form,
            data=dict(data),
            opinion=opinion_in(form, data),
            at=running.at,
            by_id=signers[0].officer_id,
            with_ids=[s.officer_id for s in signers[1:]],
        )
    )
    learn_facts(running, work, signers[0].officer_id, data)
    work_items.finish(session, work, signers[0].officer_id, running.at)
    event = settle(running, advance, after, work=work, signers=signers, data=data)
    proofs.mark(running, facts, signers[0].officer_id)
    return event


def attributes_after(
    running: Running, work: WorkItem, form: forms.Form, data: Mapping[str, Any]
) -> dict[str, Any]:
    """The attributes as they would be after handing in this data."""
    declared = running.procedure.rules
    return rules.advance_attributes(
        declared, work.step, running.case.attributes, form.routing(data), evaluate
    )


def moment_of(running: Running, step: str, work: WorkItem | None, data: Mapping[str, Any] | None) -> datetime:
    """When a step happened in law: the moment its form names (`moments` of the rule set: served on Monday,
    entered on Wednesday), never later than now; else now."""
    field = running.procedure.rules.moments.get(step)
    told = (data or {}).get(field) if field and work and work.step == step else None
    if not isinstance(told, str):
        return running.at
    moment = datetime.fromisoformat(told)
    return min(running.at, moment if moment.tzinfo else moment.replace(tzinfo=clock.CHINA))


def settle(
    running: Running,
    advance: engine.Advance,
    after: Mapping[str, Any],
    *,
    work: WorkItem | None = None,
    signers: Sequence[rules.Signer] = (),
    data: Mapping[str, Any] | None = None,
) -> events.StepCompleted:
    """Write the case's own rows for what the engine did, and let the other rooms take part."""
    session, case, procedure = running.session, running.case, running.procedure
    late.forget(running)
    case.state = advance.state
    case.attributes = dict(after)
    moments = {step: moment_of(running, step, work, data) for step in advance.steps}
    passed = rules.passed_after(procedure.rules, running.passed, moments)
    case.passed = {step: at.isoformat() for step, at in passed.items()}
    for limit in procedure.rules.no_increase:
        if limit.than in advance.steps:
            case.held = {**case.held, limit.than: {name: after[name] for name in limit.attributes}}
    case.next_due = advance.next_due
    if advance.finished:
        case.status = CaseStatus.CLOSED
        case.closed_at = running.at
    work_items.close(session, case.id, advance.closed, running.at)
    items = work_items.open_all(running, advance.opened)
    session.flush()
    event = events.StepCompleted(
        case_id=case.id,
        agency_id=case.agency_id,
        region=case.region_code,
        at=running.at,
        actor_id=signers[0].officer_id if signers else None,
        procedure=procedure.version,
        context=context_of(running, signers=signers, work=work, data=data) | {"work_items": items},
        work_item_id=work.id if work else None,
        task=task_of(running, work) if work else None,
        form=work.form if work else "",
        data=dict(data or {}),
        steps=advance.steps,
        opened=advance.opened,
        closed=advance.closed,
        actions=advance.actions,
        finished=advance.finished,
    )
    events.publish(session, event)
    return event


def task_of(running: Running, work: WorkItem) -> events.LiveTask:
    """The task as the other rooms see it."""
    node = engine.nodes(running.spec)[work.node]
    return events.LiveTask(
        work.task_id, work.node, work.name, work.kind, work.position_key, node.attributes, node.documents
    )


def context_of(
    running: Running,
    *,
    signers: Sequence[rules.Signer] = (),
    work: WorkItem | None = None,
    data: Mapping[str, Any] | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The plain values of this act for documents, clocks and the record."""
    session, case = running.session, running.case
    signed = [context.person(people.officer(session, s.officer_id)) for s in signers]
    actor = (
        signed[0] | {"position": people.position_names(session).get(work.position_key, "")}
        if signed and work
        else None
    )
    return context.build(
        session,
        case,
        item=running.item,
        attributes=attributes or case.attributes,
        at=running.at,
        actor=actor,
        signers=signed,
        current=(work.name, work.form, data) if work and data is not None else None,
        documents=documents.issued(session, case.id),
    )


def learn_facts(running: Running, work: WorkItem, officer_id: int, data: Mapping[str, Any]) -> None:
    """Take over what the rule set calls a fact of the case: party, cause, title, second handler."""
    case, facts = running.case, running.procedure.rules.facts
    mine = {name: path.split(".", 1)[1] for name, path in facts.items() if path.split(".", 1)[0] == work.form}
    if "party" in mine and data.get(mine["party"]):
        case.party = dict(data[mine["party"]])
    if "cause" in mine and data.get(mine["cause"]):
        case.cause = str(data[mine["cause"]])
    if "party" in mine or "cause" in mine:
        case.title = f"{case.party.get('name', '')}{case.cause}案"
        case.search = work_items.bigrams(case.no, case.title)
    if "second" in mine and data.get(mine["second"]):
        session = running.session
        for handler in context.handlers(session, case.id):
            session.delete(handler)
        session.flush()
        session.add(Handler(case_id=case.id, officer_id=officer_id, role="lead"))
        session.add(Handler(case_id=case.id, officer_id=officer_ref(data[mine["second"]]), role="second"))
        session.flush()


def officer_ref(value: Any) -> int:
    """The officer a `person` field names."""
    return int(value["id"] if isinstance(value, Mapping) else value)


def form_of(running: Running, work: WorkItem) -> forms.Form:
    """The form of a task, as published with the case's version."""
    return forms.load(running.procedure.forms[work.form])


def form_context(session: Session, case: Case, scope: str) -> forms.FormContext:
    """What a form's check needs besides the answers: the agency's officers, the opinion before, today."""
    previous = session.scalar(
        select(Submission.opinion)
        .where(Submission.case_id == case.id, Submission.opinion.is_not(None))
        .order_by(Submission.id.desc())
        .limit(1)
    )
    return forms.FormContext(
        officers=[
            forms.OfficerOption(c.id, c.name, c.positions, {p.kind: p.number for p in c.certificates})
            for c in people.officers_at(session, case.agency_id)
        ],
        previous_opinion=previous,
        today=clock.today(),
        scope=scope,
    )


def open_work(session: Session, case_id: int) -> Sequence[WorkItem]:
    """The case's waiting tasks."""
    return session.scalars(
        select(WorkItem)
        .where(WorkItem.case_id == case_id, WorkItem.status.in_((WorkStatus.OPEN, WorkStatus.COSIGN)))
        .order_by(WorkItem.id)
    ).all()
