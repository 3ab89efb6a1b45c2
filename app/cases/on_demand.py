"""制作文书: a document that the diagram lets be made at a task (`xq:document when="demand"`) when its officer asks for it.

It is filled in on a form of its own, issued like every document, any number of times, and leaves the procedure, its
clocks and the task where they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.documents import service as documents
from app.engine import service as engine
from app.forms import service as forms
from app.kernel import events
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Forbidden, NotFound

from . import acts, queries, rules, stepping, substituting, work_items
from .answers import ActResult, remember
from .gates.persons import CertifiedOfficers
from .handling import handler_of
from .locking import Running, running
from .models import CaseStatus, WorkItem, WorkStatus

NOT_HERE = "这一环节不能制作这种文书。"
NOT_YOURS = "文书由承办这项任务的人员在办结以前制作。请先签收任务；任务已经提交或者办结的，不能再制作。"
GATES = (*rules.PERSON_GATES, CertifiedOfficers())
"""A record that two officers sign is made by two who may act today."""


ACTS = ("recusal.approved", "recusal.rejected")
"""Acts on a case that leave the procedure where it is and may issue a document (`act_papers` of the rule set)."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A kind of document that may be made at a task, and the form it is filled in on."""

    code: str
    name: str
    form: str
    numbered: bool


def offered(found: Running, work: WorkItem, officer_id: int | None) -> Sequence[Paper]:
    """What this officer may make at the task as the case stands; nothing where the task is not theirs or is done."""
    if not _open_to(found, work, officer_id):
        return ()
    return [
        Paper(kind.code, kind.name, declared["form"], kind.numbered)
        for declared in engine.nodes(found.spec)[work.node].on_demand
        if _holds(found, declared)
        for kind in (documents.kind(declared["code"], found.procedure.templates),)
    ]


def desk(session: Session, actor: Actor, work_item_id: int, code: str) -> tuple[Running, WorkItem, Paper]:
    """The place at which a document is made, for its page; nothing is locked.

    Raises:
        NotFound: the task does not exist for this person, or does not let this document be made.
        Forbidden: the person must keep out of the case.
        Conflict: the task is not theirs, or no longer open.
    """
    work = queries.work_item(session, actor, work_item_id)
    found = running(session, queries.case_of_work(session, work))
    officer_id = handler_of(actor, found.procedure.kind)
    if officer_id in found.recused:
        raise Forbidden("您在本案已被决定回避，不能制作文书。")
    return found, work, _paper(found, work, officer_id, code)


def form_of(found: Running, work: WorkItem, paper: Paper) -> forms.Form:
    """The document's own form, as published with the case's version."""
    return stepping.form_named(found.procedure, paper.form).at(work.step, work.node)


def scope_of(work: WorkItem, paper: Paper) -> str:
    """The name under which what the page posts is read."""
    return f"work:{work.id}:{paper.code}"


def make(
    session: Session, actor: Actor, work_item_id: int, key: str, code: str, answers: acts.Answers
) -> ActResult:
    """Issue the document, once for a key.

    Raises:
        NotFound: the task does not exist for this person, or does not let this document be made.
        Conflict: the task is not theirs, or no longer open; the key served another act.
        Invalid: the answers are not acceptable, or the document lacks something; nothing is issued.
        Refused: a gate of law stands in the way.
    """
    outcome = f"made.{code}"
    found, work, repeated = acts.begin(session, actor, work_item_id, key, outcome)
    if repeated:
        return repeated
    officer_id = handler_of(actor, found.procedure.kind)
    paper = _paper(found, work, officer_id, code)
    signers = _signers(found, work, officer_id)
    attributes = found.case.attributes
    gates = GATES if len(signers) >= work.officers else rules.PERSON_GATES
    stepping.guard(stepping.facts_of(found, work, signers, attributes), gates)
    work_items.live(found, work)
    form = form_of(found, work, paper)
    form_context = stepping.form_context(found, scope_of(work, paper))
    data = form.validate(answers(form, form_context), form_context)
    event = _asked(found, work, paper, signers[0], data)
    events.publish(session, event)
    issued = _answered(event)
    message = "".join(f"已制作《{d['title']}》{d['number']}。" for d in issued)
    return remember(session, actor, key, ActResult(outcome, found.case.id, work.id, message, issued, []))


def preview(session: Session, actor: Actor, work_item_id: int, code: str, answers: acts.Answers) -> bytes:
    """The PDF of the document as it would print with these answers, marked as a draft; nothing is kept.

    Raises: see `desk`.
    """
    found, work, paper = desk(session, actor, work_item_id, code)
    form = form_of(found, work, paper)
    data = dict(answers(form, stepping.form_context(found, scope_of(work, paper))))
    me = stepping.signer(session, handler_of(actor, found.procedure.kind), found.at)
    context = stepping.context_of(found, signers=[me], work=work, data=data, form=paper.form)
    return documents.preview(code, context, found.procedure.templates)


def of_act(
    found: Running, act: str, who: rules.Signer, position: str, told: Mapping[str, Any]
) -> list[dict[str, str]]:
    """Issue the document of an act that leaves the procedure where it is, if the rule set declares one; `told` stands in
    its context as `act`. The documents as an answer names them.

    Raises:
        DocumentError: it cannot be filled in; the whole act is refused.
    """
    code = found.procedure.rules.act_papers.get(act)
    if not code:
        return []
    case = found.case
    event = events.DocumentDemanded(
        case_id=case.id,
        agency_id=case.agency_id,
        region=case.region_code,
        at=found.at,
        actor_id=who.officer_id,
        actor_name=who.name,
        actor_position=position,
        procedure=found.procedure.version,
        context={**stepping.context_of(found), "act": dict(told)},
        code=code,
    )
    events.publish(found.session, event)
    return _answered(event)


def _answered(event: events.DocumentDemanded) -> list[dict[str, str]]:
    return [{"title": d["title"], "number": d["number"] or "", "id": str(d["id"])} for d in event.issued]


def _asked(
    found: Running, work: WorkItem, paper: Paper, me: rules.Signer, data: Mapping[str, Any]
) -> events.DocumentDemanded:
    case = found.case
    return events.DocumentDemanded(
        case_id=case.id,
        agency_id=case.agency_id,
        region=case.region_code,
        at=found.at,
        actor_id=me.officer_id,
        actor_name=substituting.name_at(found, work, me.officer_id, me.name),
        actor_position=work.position_key,
        procedure=found.procedure.version,
        context=stepping.context_of(found, signers=[me], work=work, data=data, form=paper.form),
        work_item_id=work.id,
        node=work.node,
        step=work.step,
        code=paper.code,
        form=paper.form,
    )


def _signers(found: Running, work: WorkItem, officer_id: int) -> list[rules.Signer]:
    """Who answers for the document: the officer, and with them the case's other handler where two are asked for."""
    others = [h.officer_id for h in found.handlers if h.officer_id != officer_id] if work.officers > 1 else []
    return [stepping.signer(found.session, one, found.at) for one in (officer_id, *others)]


def _open_to(found: Running, work: WorkItem, officer_id: int | None) -> bool:
    return (
        found.case.status == CaseStatus.OPEN
        and work.status == WorkStatus.OPEN
        and work.assignee_id is not None
        and work.assignee_id == officer_id
    )


def _holds(found: Running, declared: Mapping[str, str]) -> bool:
    condition = declared.get("if")
    return not condition or engine.evaluate(condition, found.case.attributes)


def _paper(found: Running, work: WorkItem, officer_id: int, code: str) -> Paper:
    declared = {paper["code"] for paper in engine.nodes(found.spec)[work.node].on_demand}
    if code not in declared:
        raise NotFound(NOT_HERE)
    if not _open_to(found, work, officer_id):
        raise Conflict(NOT_YOURS, code="moved_on")
    paper = next((paper for paper in offered(found, work, officer_id) if paper.code == code), None)
    if paper is None:
        raise NotFound(NOT_HERE)
    return paper
