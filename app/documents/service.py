"""The door of the room: issue, preview, void, read and verify statutory documents."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, undefer

from ..kernel import clock, events, files
from ..kernel.errors import Conflict, Invalid
from . import numbering, own, render_docx, render_pdf
from .completeness import numbering_gaps as numbering_gaps
from .filling import digest_of, document_data, draft_facts, fill
from .listing import ISSUED as ISSUED
from .listing import issued_in as issued_in
from .models import Document, DocumentSeries, Status
from .numbering import is_code as is_code
from .numbering import normalised_code as normalised_code
from .own import NONE, Own
from .own import obstacles as template_obstacles  # noqa: F401 - part of the door
from .stock import own_stock as own_stock
from .stock import stock as stock
from .template import Template
from .verification import Verdict as Verdict
from .verification import Verification as Verification
from .verification import verify_code as verify_code
from .wording import lenient

RENDER_JOB = "documents.render"
DRAFT, VOID = "草稿", "作废"

Evaluate = Callable[[str, Mapping[str, Any]], bool]
Enqueue = Callable[..., Any]
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


def _enqueue_job(session: Session, kind: str, payload: dict[str, Any], key: str) -> None:
    from ..kernel import jobs  # the job table needs models, which must not load with this module

    jobs.enqueue(session, kind, payload, key=key)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a person should know of a kind of document before it is issued."""

    code: str
    name: str
    numbered: bool
    type_char: str
    served: bool
    copies: int


def kind(code: str, templates: Own = NONE) -> Kind:
    """The kind of document under a code; `templates` are those of the version that is asked about.

    Raises:
        DocumentError: there is no such template, or it is wrong.
    """
    found = own.found(code, templates)
    return Kind(code, found.name, bool(found.type_char), found.type_char, found.seal, found.copies)


# issue


def issue(
    session: Session,
    event: events.StepCompleted | events.CaseOpened,
    *,
    enqueue: Enqueue = _enqueue_job,
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
    for found, _ in wanted:
        found.check_required(event.context)
        fill(found, event.context, draft_facts(found, event.context, clock.legal_day(event.at)))
    issued: list[Mapping[str, Any]] = list(event.context.get("documents", ()))
    for found, step in sorted(wanted, key=lambda pair: (_series(pair[0]), pair[0].code)):
        document = _issue_one(session, event, found, step, {**event.context, "documents": issued})
        issued.append(facts(document))
        event.issued.append({"id": document.id, **facts(document)})
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


def _series(found: Template) -> str:
    """What a document is counted under: its type, or its code if it bears no number."""
    return found.type_char or found.code


def _next(session: Session, agency_id: int, series: str, year: int) -> int:
    """The next serial number. The row stays locked until the transaction ends: nobody can leave a gap."""
    row = insert(DocumentSeries).values(agency_id=agency_id, type_char=series, year=year, last=1)
    row = row.on_conflict_do_update(
        index_elements=[DocumentSeries.agency_id, DocumentSeries.type_char, DocumentSeries.year],
        set_={"last": DocumentSeries.last + 1},
    )
    return session.execute(row.returning(DocumentSeries.last)).scalar_one()


def case_number(session: Session, agency_id: int, abbreviation: str, year: int) -> str:
    """The next case number of an agency, `枣环案〔2026〕12号`, from a series of its own."""
    return numbering.document_number(abbreviation, "案", year, _next(session, agency_id, "案", year))


def _issue_one(
    session: Session,
    event: events.CaseEvent,
    found: Template,
    step: str,
    context: Mapping[str, Any],
) -> Document:
    day, agency = clock.legal_day(event.at), context["agency"]
    serial = _next(session, event.agency_id, _series(found), day.year)
    try:
        number = (
            numbering.document_number(agency["abbreviation"], found.type_char, day.year, serial)
            if found.type_char
            else None
        )
        code = numbering.identification_code(
            str(agency.get("code") or event.agency_id), found.code, day.year, serial
        )
    except ValueError as error:
        raise found.error(f"不能编号：{error}") from error
    about = {
        "code": found.code,
        "title": "",
        "number": number or "",
        "issued_on": day.isoformat(),
        "ident_code": code,
        "copies": found.copies,
    }
    data = document_data(found, context, about, event.at)
    document = Document(
        case_id=event.case_id,
        agency_id=event.agency_id,
        region_code=event.region,
        code=found.code,
        title=data["meta"]["title"],
        type_char=_series(found),
        year=day.year,
        seq=serial,
        number=number,
        ident_code=code,
        template_digest=found.digest,
        data=data,
        data_digest=digest_of(data),
        issued_at=event.at,
        issued_on=day,
        issued_by=event.actor_id,
        work_item_id=getattr(event, "work_item_id", None),
        step=step,
    )
    session.add(document)
    session.flush()
    return document


def facts(document: Document) -> dict[str, Any]:
    """A document as `context.documents` lists it."""
    return {
        "code": document.code,
        "title": document.title,
        "number": document.number,
        "issued_on": document.issued_on.isoformat(),
    }


# preview


def preview(code: str, context: Mapping[str, Any], templates: Own = NONE) -> bytes:
    """The PDF of a document as it would print now: marked 草稿, without number, seal and code. What is not
    yet known prints as 【待填：…】.

    Raises:
        DocumentError: the template is wrong, or a text of the case cannot be drawn.
    """
    data = _preview_data(code, context, templates)
    return render_pdf.pdf(data, DRAFT)


def preview_pages(code: str, context: Mapping[str, Any], templates: Own = NONE) -> list[bytes]:
    """The pages of the preview as PNG images."""
    return render_pdf.pages(_preview_data(code, context, templates), DRAFT)


def _preview_data(code: str, context: Mapping[str, Any], templates: Own = NONE) -> dict[str, Any]:
    found = own.found(code, templates)
    day = date.fromisoformat(context["today"])
    moment = datetime(day.year, day.month, day.day, tzinfo=clock.CHINA)
    with lenient(found.required):
        return document_data(found, context, draft_facts(found, context, day), moment)


# formats


def pdf(session: Session, document: Document) -> bytes:
    """The PDF, rendered now if the job has not run yet. A void document is rendered anew, marked 作废."""
    if document.status == Status.VOID:
        return render_pdf.pdf(document.data, VOID)
    if document.pdf_digest is None:
        content = render_pdf.pdf(document.data)
        document.pdf_digest = files.put(content)
        return content
    return files.get(document.pdf_digest)


def render(document: Document) -> bytes:
    """The PDF as it was issued, set anew and not stored: the same program and fonts give the same bytes."""
    return render_pdf.pdf(document.data)


def docx(session: Session, document: Document) -> bytes:
    """The editable copy, rendered now if it has not been asked for before."""
    if document.docx_digest is None:
        content = render_docx.docx(document.data)
        document.docx_digest = files.put(content)
        return content
    return files.get(document.docx_digest)


def render_job(session: Session, payload: Mapping[str, Any]) -> None:
    """The job that renders the PDF of a document just issued. Doing it twice does nothing more."""
    document = session.get(Document, payload["document_id"], with_for_update=True)
    if document is not None:
        pdf(session, document)


def register_jobs(register: Callable[[str, Callable[..., None]], Any] | None = None) -> None:
    """Tell the job runner of this room's jobs (done once, when the application is made)."""
    if register is None:
        from ..kernel import jobs

        register = jobs.register
    register(RENDER_JOB, render_job)


# the register


def by_id(session: Session, document_id: int) -> Document | None:
    """One document, its data at hand."""
    return session.get(Document, document_id, options=[undefer(Document.data)])


def of_case(session: Session, case_id: int) -> list[Document]:
    """The documents of a case in the order of their issue."""
    return list(session.scalars(select(Document).where(Document.case_id == case_id).order_by(Document.id)))


def issued(session: Session, case_id: int, work_item_id: int | None = None) -> list[dict[str, Any]]:
    """The valid documents of a case (or of one task of it) as values with their ids, in order of issue."""
    chosen = select(Document).where(Document.case_id == case_id, Document.status != Status.VOID)
    if work_item_id is not None:
        chosen = chosen.where(Document.work_item_id == work_item_id)
    return [{"id": d.id, **facts(d)} for d in session.scalars(chosen.order_by(Document.id))]


def present(session: Session, case_id: int) -> dict[str, datetime]:
    """The kinds of document a case holds that are not void, each with the moment of its newest issue."""
    chosen = select(Document.code, func.max(Document.issued_at)).where(
        Document.case_id == case_id, Document.status != Status.VOID
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
    if document.status == Status.VOID:
        raise Conflict("这份文书已经作废。", code="document_void")
    document.status, document.void_reason = Status.VOID, reason.strip()
    document.voided_at, document.voided_by = clock.now(), actor
    session.flush()


def all_codes(templates: Own = NONE) -> Sequence[str]:
    """The codes of every kind of document that can be issued."""
    return own.codes(templates)
