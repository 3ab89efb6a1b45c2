"""What must be true of the register after a restore: no number missing, none used twice."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.people.models import Agency

from .models import Document, DocumentSeries

CASES = "案"
"""The series of case numbers, which `cases` looks after."""
FILES = (
    "select pdf_digest from document where pdf_digest is not null"
    " union all select docx_digest from document where docx_digest is not null"
    " union all select ofd_digest from document where ofd_digest is not null"
)


def numbering_gaps(session: Session) -> Iterator[str]:
    """A Chinese sentence for every series whose documents do not run from 1 to its last number."""
    given = (
        select(
            Document.agency_id,
            Document.type_char,
            Document.year,
            func.count().label("count"),
            func.max(Document.seq).label("highest"),
        )
        .group_by(Document.agency_id, Document.type_char, Document.year)
        .subquery()
    )
    series = DocumentSeries
    rows = session.execute(
        select(Agency.name, series.type_char, series.year, series.last, given.c.count, given.c.highest)
        .join(Agency, Agency.id == series.agency_id)
        .outerjoin(
            given,
            (given.c.agency_id == series.agency_id)
            & (given.c.type_char == series.type_char)
            & (given.c.year == series.year),
        )
        .where(series.type_char != CASES)
        .where(
            (given.c.count.is_distinct_from(series.last)) | (given.c.highest.is_distinct_from(series.last))
        )
        .where(series.last > 0)
    )
    for name, kind, year, last, count, _ in rows:
        yield f"{name} {year} 年“{kind}”序列登记到 {last} 号，实有 {count or 0} 份。"
