"""The way of one step. Everything here runs inside one transaction with the case row locked.

    form checked -> gates of law -> engine -> the case's own rows -> subscribers of `app.flow` -> one commit

Any exception rolls everything back; the engine's object is thrown away with it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.diagrams import service as diagrams
from app.documents import service as documents
from app.engine import service as engine
from app.forms import service as forms
from app.kernel import actions, clock, events, searchable, writes
from app.kernel.errors import Refused
from app.people import service as people

from . import (
    applied,
    context,
    discretion,
    late,
    linking,
    monitoring,
    proofs,
    rules,
    signing,
    sittings,
    standards,
    substituting,
    switches,
    trail,
    work_items,
)
from .gates.base import people_in
from .locking import Running
from .models import CaseStatus, Handler, Submission, WorkItem, WorkStatus
from .money import accounts
from .routing import advanced, evaluate

WAITING = (WorkStatus.OPEN, WorkStatus.COSIGN, WorkStatus.SIGNING)
FORGET_HANDLERS = "delete from case_handler where case_id = %(case)s"


def advised(running: Running, work: WorkItem, form: forms.Form) -> Sequence[discretion.Advice]:
    """What the decision tables of the case's procedure say of the amounts that a task's form will hold."""
    writes = {write.attribute for write in form.writes}
    rules = running.procedure.rules
    return discretion.advice(rules, work.step, running.case.attributes, writes, evaluate)


def signer(session: Session, officer_id: int, on: datetime) -> rules.Signer:
    """An officer as the gates see them today."""
    card = people.officer(session, officer_id, clock.legal_day(on))
    kinds = frozenset(c.kind for c in card.certificates)
    return rules.Signer(card.id, card.name, card.positions, kinds, card.barred)


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
        **proofs.gather(running, work.step, form.key if form else "", data),
        case_open=running.case.status == CaseStatus.OPEN,
        recused=running.recused,
        appointed=_appointed(form, data) if form and data and running.recused else frozenset(),
        reason=((opinion_in(form, data) or {}).get("text") or "") if form and data else "",
        data=data or {},
        writes=frozenset(form.routing(data)) if form and data else frozenset(),
        held=running.case.held,
        moment=moment_of(running, work.step, work, data),
        sitting=sittings.of(running.session, work) if form else None,
    )


def _appointed(form: forms.Form, data: Mapping[str, Any]) -> frozenset[int]:
    """The officers whom the answers to a form name, whatever for."""
    fields = [item.key for item in form.keyed() if item.type == "person"]
    return frozenset(who for key in fields for who in people_in(data.get(key)))


def guard(facts: rules.ActFacts, gates: tuple[rules.Gate, ...] = rules.GATES) -> None:
    """Let the act pass, or refuse with the article.

    Raises:
        Refused: a gate stands in the way.
    """
    if refusal := rules.first_refusal(facts, evaluate, gates):
        raise Refused(refusal.message, code=refusal.gate, article=refusal.article)


def opinion_in(form: forms.Form, data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The opinion (agree, disagree, amend) given in a form, if it asks for one."""
    return data.get(opinion_field(form, data)) or None


def opinion_field(form: forms.Form, data: Mapping[str, Any]) -> str:
    """The field in which a form's opinion was given; empty if it was not."""
    return next((item.key for item in form.items if item.type == "opinion" and data.get(item.key)), "")


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
    found, received = case.state, None
    if late.covers(case, work):
        found, received = late.before(case), facts.moment or running.at
        advance = late.register(running, work, after, received, own)
    else:
        move = engine.register if work.kind == "message" else engine.complete
        advance = move(running.spec, case.state, work.task_id, after, running.at, running.due(own))
    writes.insert(
        session,
        Submission(
            case_id=case.id,
            work_item_id=work.id,
            data=dict(data),
            opinion_field=opinion_field(form, data),
            with_ids=[s.officer_id for s in signers[1:]],
            for_ids=substituting.pairs(running, work, [s.officer_id for s in signers]),
        ),
    )
    signed = {s.officer_id for s in signers} | running.took_part.get(work.step, set())
    # whoever signs now is kept out of what opens now
    running.took_part = {**running.took_part, work.step: signed}
    learn_facts(running, work, signers[0].officer_id, data)
    handed_in = data is work.pending
    work_items.finish(running, work, signers[0].officer_id)
    event = settle(
        running,
        advance,
        after,
        work=work,
        signers=signers,
        data=data,
        found=found,
        received=received,
        handed_in=handed_in,
        sums=standards.kept(rules.sums(facts, evaluate)),
    )
    proofs.mark(running, facts, signers[0])
    return event


def attributes_after(
    running: Running, work: WorkItem, form: forms.Form, data: Mapping[str, Any]
) -> dict[str, Any]:
    """The attributes as they would be after handing in this data."""
    return advance(running, work, running.case.attributes, form.routing(data))


def advance(
    running: Running, work: WorkItem, before: Mapping[str, Any], writes: Mapping[str, Any]
) -> dict[str, Any]:
    """The attributes after a task at which these were written."""
    return advanced(running, work.step, before, writes, switches.of_case(running))


def moment_of(running: Running, step: str, work: WorkItem | None, data: Mapping[str, Any] | None) -> datetime:
    """When a step happened in law: the moment its form names (`moments` of the rule set), not after now; else now."""
    field = running.procedure.rules.moments.get(step)
    told = (data or {}).get(field) if field and work and work.step == step else None
    if not isinstance(told, str) or not told:  # not asked for in this case
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
    found: bytes | None = None,
    received: datetime | None = None,
    handed_in: bool = False,
    sums: Sequence[Mapping[str, Any]] = (),
) -> events.StepCompleted:
    """Write the case's own rows for what the engine did, and let the other rooms take part.

    `found` is the state the act began with where that is not the case's: a letter `received` in time takes the
    firing of a timer back.

    Raises:
        Refused: a demand of law would be broken, whatever way led here (`monitoring`).
    """
    session, case, procedure = running.session, running.case, running.procedure
    was = trail.standing(case)
    found = case.state if found is None else found
    taken_up = switches.taken_up(procedure.rules, engine.attributes(found), after)
    case.monitor = monitoring.follow(running, advance, after, work)
    late.forget(running, work)
    case.state = advance.state
    changed = dict(item for item in after.items() if item not in case.attributes.items())
    case.attributes = dict(after)
    moments = {step: moment_of(running, step, work, data) for step in advance.steps}
    passed = rules.passed_after(procedure.rules, running.passed, moments)
    case.passed = rules.moments_kept(passed)
    for limit in procedure.rules.no_increase:
        if limit.than in advance.steps:
            case.held = {**case.held, limit.than: {name: after[name] for name in limit.attributes}}
    case.next_due = advance.next_due
    if advance.finished:
        case.status = CaseStatus.CLOSED
        case.closed_at = running.at
        # Nothing goes on from here: `attributes` holds them, and what the law demanded is held.
        case.state, case.monitor = engine.with_attributes(case.state, {}), None
    work_items.close(running, advance.closed, work)
    items = work_items.open_all(running, advance.opened)
    event = events.StepCompleted(
        case_id=case.id,
        agency_id=case.agency_id,
        region=case.region_code,
        at=running.at,
        actor_id=signers[0].officer_id if signers else None,
        actor_name=substituting.name_at(running, work, signers[0].officer_id, signers[0].name)
        if signers
        else "",
        actor_position=work.position_key if work else "",
        procedure=procedure.version,
        context=context_of(running, signers=signers, work=work, data=data),
        work_item_id=work.id if work else None,
        task=task_of(running, work) if work else None,
        form=work.form if work else "",
        data=dict(data or {}),
        steps=advance.steps,
        opened=advance.opened,
        closed=advance.closed,
        actions=actions.carried_out(advance.actions, tried=case.agency_id == people.STAND_IN_AGENCY),
        changed=changed,
        finished=advance.finished,
        work_items=items,
        handed_in=handed_in,
        sums=sums,
    )
    events.publish(session, event)
    trail.note(running, found, advance, work, moments, event.clocked, was, received, taken_up)
    work_items.note_allotted(running)
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
    form: str = "",
) -> Mapping[str, Any]:
    """The plain values of this act for documents, clocks and the record. What only documents ask for is read
    when it is asked for. `data` are the answers to `form`, by default the task's own."""
    session, case = running.session, running.case
    signed = [
        context.person(
            people.officer(session, s.officer_id),
            [people.officer(session, o) for o in substituting.absent_ids(running, work, s.officer_id)]
            if work
            else (),
        )
        for s in signers
    ]
    actor = (
        signed[0] | {"position": people.position_names(session).get(work.position_key, "")}
        if signed and work
        else None
    )
    return context.build(
        session,
        case,
        handlers=running.handlers,
        item=running.item,
        attributes=attributes or case.attributes,
        at=running.at,
        actor=actor,
        signers=signed,
        current=(work.name, form or work.form, data) if work and data is not None else None,
        documents=lambda: documents.issued(session, case.id),
        account=lambda filed: accounts.told(running, filed),
        law=lambda filed: applied.told(running, filed),
        **standards.for_context(running, work.step if work else ""),
    )


def learn_facts(running: Running, work: WorkItem, officer_id: int, data: Mapping[str, Any]) -> None:
    """Take over what the rule set calls a fact of the case: party, cause, title, second handler."""
    case, facts = running.case, running.procedure.rules.facts
    mine = {name: path.split(".", 1)[1] for name, path in facts.items() if path.split(".", 1)[0] == work.form}
    if named := searchable.digests_in(data):
        case.party_keys = sorted({*case.party_keys, *named})
    if "party" in mine and data.get(mine["party"]):
        case.party = dict(data[mine["party"]])
    if "cause" in mine and data.get(mine["cause"]):
        case.cause = str(data[mine["cause"]])
    if "party" in mine or "cause" in mine:
        case.title = f"{case.party.get('name', '')}{case.cause}案"
        case.search = work_items.bigrams(case.no, case.title)
    if "second" in mine and data.get(mine["second"]):
        running.handlers = [
            Handler(case_id=case.id, officer_id=officer_id, role="lead"),
            Handler(case_id=case.id, officer_id=officer_ref(data[mine["second"]]), role="second"),
        ]
        writes.run(running.session, FORGET_HANDLERS, {"case": case.id})
        for handler in running.handlers:
            writes.insert(running.session, handler)


def officer_ref(value: Any) -> int:
    """The officer a `person` field names."""
    return int(value["id"] if isinstance(value, Mapping) else value)


def form_of(running: Running, work: WorkItem) -> forms.Form:
    """The form of a task, as published with the case's version, with the rights of its step in force."""
    return form_named(running.procedure, work.form).at(work.step, work.node)


def form_named(procedure: diagrams.Procedure, name: str) -> forms.Form:
    """A form as published with a version."""
    return forms.published(procedure.digest, procedure.forms, name)


def form_context(running: Running, scope: str) -> forms.FormContext:
    """What a form's check needs besides the answers: the agency's officers, the opinion before, today."""
    session, case = running.session, running.case
    return forms.FormContext(
        officers=[
            forms.OfficerOption(c.id, c.name, c.positions, {p.kind: p.number for p in c.certificates})
            for c in people.officers_at(session, case.agency_id)
        ],
        previous_opinion=running.previous,
        dissent=signing.dissent(running),
        today=clock.today(),
        scope=scope,
        case=lambda: context_of(running),
        items=lambda kind: linking.choices(session, case, kind),
    )


def open_work(session: Session, case_id: int) -> Sequence[WorkItem]:
    """The case's waiting tasks."""
    return session.scalars(
        select(WorkItem)
        .where(WorkItem.case_id == case_id, WorkItem.status.in_(WAITING))
        .order_by(WorkItem.id)
    ).all()
