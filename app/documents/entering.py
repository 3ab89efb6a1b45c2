"""Entering a document in the register: its number, its filled content, its row."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ..kernel import clock, events
from . import numbering
from .filling import digest_of, document_data
from .models import Document, DocumentSeries
from .template import Template

Make = Callable[[dict[str, Any], datetime], dict[str, Any]]


def series(found: Template) -> str:
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


def enter(
    session: Session,
    event: events.CaseEvent,
    found: Template,
    step: str,
    context: Mapping[str, Any],
    make: Make | None = None,
) -> Document:
    """Give a document its number, fill it in and write its row; nothing else happens. `make` fills it in another way
    than from the template: from the context's `document` and the moment.

    Raises:
        DocumentError: it cannot be numbered or filled in.
    """
    day, agency = clock.legal_day(event.at), context["agency"]
    serial = _next(session, event.agency_id, series(found), day.year)
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
    data = make(about, event.at) if make else document_data(found, context, about, event.at)
    document = Document(
        case_id=event.case_id,
        agency_id=event.agency_id,
        region_code=event.region,
        code=found.code,
        title=data["meta"]["title"],
        type_char=series(found),
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
