"""The door of the room: issue, preview, void, read and verify statutory documents."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from ..kernel import clock, events
from ..kernel.errors import Conflict, Invalid
from . import changing, own
from . import template as shipped_templates
from . import writing as writing
from .changing import STATES as STATES
from .changing import Listed as Listed
from .changing import Pair as Pair
from .changing import count_of as count_of
from .changing import law as changes  # noqa: F401 - part of the door
from .changing import listed as listed
from .changing import passages as passages
from .changing import wrong_pairs as wrong_pairs
from .completeness import numbering_gaps as numbering_gaps
from .entering import case_number as case_number
from .entering import enter, facts, series
from .filling import digest_of as digest_of
from .filling import draft_facts, fill
from .formats import OFD_JOB, RENDER_JOB, Enqueue, enqueue_job, ofd_job, render_job
from .formats import docx as docx
from .formats import ofd as ofd
from .formats import pdf as pdf
from .formats import print_pdf as print_pdf
from .formats import render as render
from .formats import specimen as specimen
from .kinds import Kind as Kind
from .kinds import kind as kind
from .listing import ISSUED as ISSUED
from .listing import issued_in as issued_in
from .listing import text_of as text_of
from .live_page import LivePage as LivePage
from .models import Document, Status
from .numbering import is_code as is_code
from .numbering import normalised_code as normalised_code
from .own import NONE, Own
from .own import obstacles as template_obstacles  # noqa: F401 - part of the door
from .previews import draft_page as draft_page
from .previews import example as example
from .previews import live_draft as live_draft
from .previews import preview as preview
from .previews import preview_data as preview_data
from .previews import preview_pages as preview_pages
from .render_book import Book as Book
from .render_book import pages as book_pages  # noqa: F401 - part of the door
from .render_book import pdf as book_pdf  # noqa: F401
from .render_sheets import picture as picture
from .render_sheets import sheet as sheet
from .stock import own_stock as own_stock
from .stock import stock as stock
from .stock import wording_of
from .template import Template
from .template import codes as codes
from .verification import Verdict as Verdict
from .verification import Verification as Verification
from .verification import verify_code as verify_code

Evaluate = Callable[[str, Mapping[str, Any]], bool]
Publish = Callable[[Session, object], None]


def _no_evaluator(expression: str, attributes: Mapping[str, Any]) -> bool:
    raise RuntimeError(
        "no evaluator of conditions is installed: call documents.service.install_evaluator at start"
    )


_evaluate: Evaluate = _no_evaluator


def install_evaluator(evaluate: Evaluate) -> None:
    """Tell this room how the `if` of an `xq:document` is evaluated over the case's attributes (done once)."""
    global _evaluate
    _evaluate = evaluate


OwnTemplates = Callable[[Session, str], Own]


def _release_only(session: Session, procedure: str) -> Own:
    return NONE


_own_templates: OwnTemplates = _release_only


def install_own_templates(find: OwnTemplates) -> None:
    """Tell this room which templates a published version (`key@number`) brings with it (done once)."""
    global _own_templates
    _own_templates = find


# issue


def issue(
    session: Session,
    event: events.StepCompleted | events.CaseOpened,
    *,
    enqueue: Enqueue = enqueue_job,
    publish: Publish = events.publish,
) -> None:
    """Issue every document the event calls for (subscriber of the flow).

    `xq:document` of the completed task with `when="complete"` (the default), of every task that appeared with
    `when="open"`; an `if` must hold over the case's attributes. Everything is filled in once before the first
    number is taken, so that a missing field never holds a series, and series are taken in one order
    everywhere.

    Raises:
        DocumentError: a template is wrong or a field is missing; the whole act rolls back.
    """
    declared = _declared(event)
    if not declared:
        return
    templates = _own_templates(session, event.procedure)
    wanted = [(own.found(d["code"], templates), d["step"]) for d in declared]
    _issue_all(session, event, wanted, enqueue, publish)


def issue_on_demand(
    session: Session,
    event: events.DocumentDemanded,
    *,
    enqueue: Enqueue = enqueue_job,
    publish: Publish = events.publish,
) -> None:
    """Issue the document an officer asked for (subscriber of the flow). Who may ask has been settled before.

    Raises:
        DocumentError: its template is wrong or a field is missing; nothing is issued.
    """
    found = own.found(event.code, _own_templates(session, event.procedure))
    _issue_all(session, event, [(found, event.step)], enqueue, publish)


def _issue_all(
    session: Session,
    event: events.StepCompleted | events.CaseOpened | events.DocumentDemanded,
    wanted: Sequence[tuple[Template, str]],
    enqueue: Enqueue,
    publish: Publish,
) -> None:
    for found, _ in wanted:
        found.check_required(event.context)
        fill(found, event.context, draft_facts(found, event.context, clock.legal_day(event.at)))
    issued: list[Mapping[str, Any]] = list(event.context.get("documents", ()))
    for found, step in sorted(wanted, key=lambda pair: (series(pair[0]), pair[0].code)):
        document = enter(session, event, found, step, {**event.context, "documents": issued})
        issued.append(facts(document))
        event.issued.append({"id": document.id, **facts(document)})
        _issued(session, event, document, enqueue, publish)


def _issued(
    session: Session, event: events.CaseEvent, document: Document, enqueue: Enqueue, publish: Publish
) -> None:
    enqueue(session, RENDER_JOB, {"document_id": document.id}, key=f"document:{document.id}")
    publish(
        session,
        events.DocumentIssued(
            **{name: getattr(event, name) for name in events.CaseEvent.__dataclass_fields__},
            document_id=document.id,
            code=document.code,
            number=document.number,
            digest=document.data_digest,
        ),
    )


def _declared(event: events.StepCompleted | events.CaseOpened) -> list[dict[str, str]]:
    tasks = [(task, "open") for task in event.opened]
    if isinstance(event, events.StepCompleted) and event.task is not None:
        tasks.insert(0, (event.task, "complete"))
    attributes = event.context.get("attributes", {})
    return [
        {"code": declared["code"], "step": task.attributes.get("step", "")}
        for task, when in tasks
        for declared in task.documents
        if declared.get("when", "complete") == when
        and (not declared.get("if") or _evaluate(declared["if"], attributes))
    ]


def register_jobs(register: Callable[[str, Callable[..., None]], Any] | None = None) -> None:
    """Tell the job runner of this room's jobs (done once, when the application is made)."""
    if register is None:
        from ..kernel import jobs

        register = jobs.register
    register(RENDER_JOB, render_job)
    register(OFD_JOB, ofd_job)


# the register


def by_id(session: Session, document_id: int) -> Document | None:
    """One document, its data at hand."""
    return session.get(Document, document_id, options=[undefer(Document.data)])


def of_case(session: Session, case_id: int) -> list[Document]:
    """The documents of a case in the order of their issue."""
    return list(session.scalars(select(Document).where(Document.case_id == case_id).order_by(Document.id)))


def valid_of(session: Session, case_id: int) -> list[Document]:
    """Those of them that are not void."""
    return [paper for paper in of_case(session, case_id) if paper.status != Status.VOID]


def issued(session: Session, case_id: int, work_item_id: int | None = None) -> list[dict[str, Any]]:
    """The valid documents of a case (or of one task of it) as values with their ids, in order of issue."""
    chosen = select(Document).where(Document.case_id == case_id, Document.status == Status.ISSUED)
    if work_item_id is not None:
        chosen = chosen.where(Document.work_item_id == work_item_id)
    return [{"id": d.id, **facts(d)} for d in session.scalars(chosen.order_by(Document.id))]


def wording(code: str, templates: Own = NONE) -> str:
    """What a kind of document says of itself: the texts of its template, placeholders and all."""
    return wording_of(templates.get(code) or shipped_templates.text_of(code) or "blocks: []")


def texts(session: Session, case_id: int) -> list[Document]:
    """The valid documents of a case with what they say, in the order of their issue."""
    chosen = select(Document).where(Document.case_id == case_id, Document.status == Status.ISSUED)
    return list(session.scalars(chosen.options(undefer(Document.data)).order_by(Document.id)))


def present(session: Session, case_id: int) -> dict[str, datetime]:
    """The kinds of document a case holds that stand, each with the moment of its newest issue."""
    chosen = select(Document.code, func.max(Document.issued_at)).where(
        Document.case_id == case_id, Document.status == Status.ISSUED
    )
    return {row[0]: row[1] for row in session.execute(chosen.group_by(Document.code))}


def register_of(session: Session, agency_id: int, year: int, code: str) -> list[Document]:
    """The register of one kind of document in one year, void ones included, by serial number."""
    chosen = select(Document).where(
        Document.agency_id == agency_id, Document.code == code, Document.year == year
    )
    return list(session.scalars(chosen.order_by(Document.seq)))


def void(session: Session, document: Document, reason: str, actor: int) -> None:
    """Declare a document void. It keeps its number and its place in the register.

    `actor` is the officer's id. The caller publishes the act.

    Raises:
        Invalid: no reason is given.
        Conflict: it is void already.
    """
    if not reason.strip():
        raise Invalid("请写明作废的理由。", field="reason", errors={"reason": ["请写明作废的理由。"]})
    session.refresh(document, with_for_update=True)
    if document.status != Status.ISSUED:
        raise Conflict(f"这份文书{STATES[document.status]}。", code="document_void")
    document.status, document.void_reason = Status.VOID, reason.strip()
    document.voided_at, document.voided_by = clock.now(), actor
    session.flush()


def change(
    session: Session,
    event: events.CaseEvent,
    document: Document,
    kind: str,
    reason: str,
    pairs: Sequence[Pair] = (),
    *,
    enqueue: Enqueue = enqueue_job,
    publish: Publish = events.publish,
) -> Document | None:
    """Correct, supersede, rectify or void (`changes()`) a document that stands; what is issued for it, if anything.

    The event's actor is who decided. The caller has locked the case and records the act.

    Raises:
        Conflict: the document does not stand any more.
        Invalid: no reason is given, or a passage (`pairs`) does not stand in the document.
        DocumentError: the case does not say all that the new document must state.
    """
    if kind == "void":
        void(session, document, reason, event.actor_id or 0)
        return None
    session.refresh(document, with_for_update=True)
    if document.status != Status.ISSUED:
        raise Conflict(f"这份文书{STATES[document.status]}。", code="document_void")
    templates = _own_templates(session, event.procedure)
    if kind == "correct":
        made = changing.correct(session, event, document, pairs, templates)
    elif kind == "supersede":
        made = changing.supersede(session, event, document, templates)
    else:
        made = changing.rectify(session, event, document, pairs, templates)
    if kind in changing.BECOMES:
        changing.mark(session, document, changing.BECOMES[kind], reason.strip(), event.actor_id or 0)
    _issued(session, event, made, enqueue, publish)
    return made


def all_codes(templates: Own = NONE) -> Sequence[str]:
    """The codes of every kind of document that can be issued."""
    return own.codes(templates)
