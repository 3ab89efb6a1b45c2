"""The register of documents (文书登记簿) of an agency: every number of a kind and year, void and replaced ones in
their places, and whether one is missing."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, distinct, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.cases import service as cases
from app.cases.models import Case
from app.documents import service as documents
from app.documents.models import Document, DocumentSeries
from app.kernel import sheets
from app.kernel.auth import Actor

PAGE = 50
MOST = 100_000
"""Lines an export may have: a register of one year of a large agency has fewer."""
HEAD = (
    *("序号", "文号", "文书名称", "文书代码", "文书标识码", "签发日期", "状态"),
    *("代替的文书", "由何文书代替", "理由", "办件编号", "办件名称"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for: a kind of document (its code), a year, words of number, title or case."""

    code: str = ""
    year: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the register. `replaces` and `replaced_by` are numbers or identification codes."""

    id: int
    case_id: int
    seq: int
    number: str
    title: str
    code: str
    ident_code: str
    issued_on: date
    status: str
    word: str
    replaces: str
    relation: str
    replaced_by: str
    reason: str
    case_no: str
    case_title: str


@dataclass(frozen=True, slots=True)
class Series:
    """A series of numbers of a year: its last number, and those that are missing (there must be none)."""

    name: str
    year: int
    last: int
    missing: Sequence[int]


def _mine(actor: Actor) -> ColumnElement[bool]:
    """The documents of the agency's cases that this person may see."""
    return and_(Document.agency_id == actor.agency_id, cases.visible(actor))


def _wanted(actor: Actor, asked: Asked) -> ColumnElement[bool]:
    chosen = [_mine(actor)]
    if asked.code:
        chosen.append(Document.code == asked.code)
    if asked.year is not None:
        chosen.append(Document.year == asked.year)
    for word in asked.words.split()[:5]:
        like = f"%{word.replace('%', '').replace('_', '')}%"
        chosen.append(
            or_(
                Document.number.like(like),
                Document.title.like(like),
                Document.ident_code.like(like.upper()),
                Case.no.like(like),
                Case.title.like(like),
            )
        )
    return and_(*chosen)


def lines(
    session: Session, actor: Actor, asked: Asked, after: int | None = None, most: int = PAGE
) -> list[Line]:
    """The lines that were asked for, the newest first; those before the document `after`."""
    old, new = aliased(Document), aliased(Document)
    instead = and_(new.replaces_id == Document.id, new.relation.in_(("correct", "supersede")))
    chosen = (
        select(Document, Case.no, Case.title, old, new)
        .join(Case, Case.id == Document.case_id)
        .outerjoin(old, old.id == Document.replaces_id)
        .outerjoin(new, instead)
        .where(_wanted(actor, asked))
    )
    if after is not None:
        chosen = chosen.where(Document.id < after)
    rows = session.execute(chosen.order_by(Document.id.desc()).limit(most))
    return [
        Line(
            d.id,
            d.case_id,
            d.seq,
            d.number or "",
            d.title,
            d.code,
            d.ident_code,
            d.issued_on,
            d.status,
            documents.STATES[d.status],
            _name(before),
            d.relation,
            _name(later),
            d.void_reason,
            no,
            title,
        )
        for d, no, title, before, later in rows
    ]


def _name(document: Document | None) -> str:
    return (document.number or document.ident_code) if document else ""


def kinds(session: Session, actor: Actor) -> list[tuple[str, str, int]]:
    """The kinds of document there are for this person: code, title, how many."""
    rows = session.execute(
        select(Document.code, func.max(Document.title), func.count())
        .join(Case, Case.id == Document.case_id)
        .where(_mine(actor))
        .group_by(Document.code)
        .order_by(Document.code)
    )
    return [(code, title, count) for code, title, count in rows]


def years(session: Session, actor: Actor) -> list[int]:
    """The years there are documents of, the newest first."""
    chosen = select(distinct(Document.year)).join(Case, Case.id == Document.case_id).where(_mine(actor))
    return sorted(session.scalars(chosen), reverse=True)


def series(session: Session, agency_id: int, asked: Asked) -> list[Series]:
    """The series of numbers of the agency that the question touches, each looked through from 1 to its last number."""
    names = select(distinct(Document.type_char)).where(Document.agency_id == agency_id)
    if asked.code:
        names = names.where(Document.code == asked.code)
    found = select(DocumentSeries).where(
        DocumentSeries.agency_id == agency_id, DocumentSeries.type_char.in_(names)
    )
    if asked.year is not None:
        found = found.where(DocumentSeries.year == asked.year)
    order = (DocumentSeries.year.desc(), DocumentSeries.type_char)
    rows = session.scalars(found.order_by(*order)).all()
    return [Series(one.type_char, one.year, one.last, _missing(session, one)) for one in rows]


def _missing(session: Session, one: DocumentSeries) -> list[int]:
    """The numbers of a series that no document bears; all are read only where their count does not fit."""
    mine = (
        Document.agency_id == one.agency_id,
        Document.type_char == one.type_char,
        Document.year == one.year,
    )
    count, highest = session.execute(select(func.count(), func.max(Document.seq)).where(*mine)).one()
    if (count, highest) == (one.last, one.last):
        return []
    return sorted(set(range(1, one.last + 1)) - set(session.scalars(select(Document.seq).where(*mine))))


def as_csv(session: Session, actor: Actor, asked: Asked) -> Iterator[str]:
    """The lines as CSV for a spreadsheet, in the order of the register. What would be taken for a formula is not."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    for line in reversed(lines(session, actor, asked, most=MOST)):
        writer.writerow(
            sheets.harmless(str(value))
            for value in (
                line.seq,
                line.number,
                line.title,
                line.code,
                line.ident_code,
                line.issued_on.isoformat(),
                line.word,
                line.replaces,
                line.replaced_by,
                line.reason,
                line.case_no,
                line.case_title,
            )
        )
    yield "\ufeff"  # spreadsheets take the file for UTF-8 by it
    yield out.getvalue()
