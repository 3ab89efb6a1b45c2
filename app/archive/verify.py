"""`script/xq audit verify`: walk all chains, and all that the record names, with bounded memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from app.audit import service as audit
from app.cases.models import Case, Submission, WorkItem, WorkStatus
from app.cases.service import intact
from app.documents.models import Document, DocumentSeries
from app.review.models import ReviewRemark

from . import checks
from .reading import unsealed

BATCH = 100
"""Cases looked at together."""
BEYOND = 2**62
CASES_SERIES = "案"
"""Case numbers are counted in a series like documents, but are no documents."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How far to look: into the file store, and whether PDFs are set anew and compared."""

    files: bool = True
    render: bool = False


@dataclass(slots=True)
class Count:
    """How much was checked."""

    cases: int = 0
    entries: int = 0
    findings: int = 0
    anchors_checked: bool = field(default=False)


def everything(session: Session, depth: Depth, count: Count) -> Iterator[audit.Finding]:
    """All findings over all cases, then those of anchors and numbers. `count` grows while it runs.

    The session should see one moment (REPEATABLE READ): acts that go on meanwhile are not findings.
    """
    low = 0
    while True:
        nearest = select(Case.id).where(Case.id > low).order_by(Case.id).limit(BATCH).subquery()
        found, last = session.execute(select(func.count(), func.max(nearest.c.id))).one()
        high = last if found == BATCH else BEYOND
        yield from _counted(_cases(session, low + 1, high, depth, count), count)
        if high == BEYOND:
            break
        low = high
        session.expunge_all()
    yield from _counted(audit.walk_anchors(session), count)
    count.anchors_checked = True
    yield from _counted(_series(session), count)


def one_case(session: Session, case_id: int, depth: Depth, count: Count) -> Iterator[audit.Finding]:
    """All findings of one case, and those of the anchors."""
    yield from _counted(_cases(session, case_id, case_id, depth, count), count)
    yield from _counted(audit.walk_anchors(session), count)
    count.anchors_checked = True


def _counted(
    found: Iterator[audit.Finding] | Sequence[audit.Finding], count: Count
) -> Iterator[audit.Finding]:
    for one in found:
        count.findings += 1
        yield one


def _cases(session: Session, low: int, high: int, depth: Depth, count: Count) -> Iterator[audit.Finding]:
    """The findings of the cases with ids from `low` to `high`, and of chains there that have no case."""
    chosen = select(Case).where(Case.id.between(low, high)).options(defer(Case.party))
    cases = {c.id: c for c in session.scalars(chosen)}
    rows = audit.rows_of(session, low, high)
    leaves = audit.leaves_between(session, low, high)
    submitted = _by_case(session, Submission, low, high, defer(Submission.data))
    handed_in = unsealed(session, Submission.data, Submission.case_id.between(low, high))
    issued = _by_case(session, Document, low, high, defer(Document.data))
    filled = unsealed(session, Document.data, Document.case_id.between(low, high))
    waits = (WorkItem.case_id.between(low, high), WorkItem.pending.is_not(None))
    waiting = _by_case(session, WorkItem, low, high, defer(WorkItem.pending), waits[1])
    pending = unsealed(session, WorkItem.pending, *waits)
    remarks = _by_case(session, ReviewRemark, low, high, defer(ReviewRemark.said))
    said = unsealed(session, ReviewRemark.said, ReviewRemark.case_id.between(low, high))
    for case_id in sorted(cases.keys() | rows.keys() | leaves.keys()):
        case = cases.get(case_id)
        where = case.no if case else f"办件{case_id}"
        head = (case.record_seq, case.record_digest) if case else None
        chain = audit.walk(case_id, where, rows.get(case_id, ()), head, leaves.get(case_id, ()))
        count.cases += 1
        count.entries += len(rows.get(case_id, ()))
        yield from chain.findings
        told = [
            *(checks.case_row(case, chain.entries) if case else ()),
            *(checks.seal(case, intact(session, case)) if case else ()),
            *checks.submissions(submitted.get(case_id, ()), handed_in, chain.entries),
            *checks.remarks(remarks.get(case_id, ()), said, chain.entries),
            *checks.issued(issued.get(case_id, ()), filled, chain.entries),
        ]
        for work in waiting.get(case_id, ()):
            told += checks.pending(
                work.node, work.status == WorkStatus.CANCELLED, pending[work.id], chain.entries
            )
        if depth.files:
            told += _files(chain.entries, issued.get(case_id, ()))
        if depth.render:
            for document in issued.get(case_id, ()):
                told += checks.rendered(document)
        for code, message, seq in told:
            yield audit.Finding(code, where, message, case_id, seq)


def _files(entries: Sequence[audit.Entry], issued: Sequence[Document]) -> list[checks.Told]:
    named = {digest: f"第{entry.seq}条记录的文件" for entry in entries for digest in entry.files}
    named |= {d.pdf_digest: f"文书《{d.title}》的PDF" for d in issued if d.pdf_digest}
    return [told for digest, what in named.items() for told in checks.file(digest, what)]


def _by_case(
    session: Session, table: Any, low: int, high: int, without: Any, *where: Any
) -> dict[int, list[Any]]:
    """The rows of these cases by case, their sealed column left aside."""
    found: dict[int, list[Any]] = {}
    query = select(table).where(table.case_id.between(low, high), *where).options(without)
    for row in session.scalars(query.order_by(table.case_id, table.id)):
        found.setdefault(row.case_id, []).append(row)
    return found


def _series(session: Session) -> Iterator[audit.Finding]:
    """Numbers without a document: every series must be complete up to its last number."""
    same = [
        Document.agency_id == DocumentSeries.agency_id,
        Document.type_char == DocumentSeries.type_char,
        Document.year == DocumentSeries.year,
    ]
    query = (
        select(DocumentSeries, func.count(Document.id))
        .outerjoin(Document, *[same[0] & same[1] & same[2]])
        .where(DocumentSeries.type_char != CASES_SERIES)
        .group_by(
            DocumentSeries.agency_id, DocumentSeries.type_char, DocumentSeries.year, DocumentSeries.last
        )
    )
    for series, found in session.execute(query):
        if found != series.last:
            name = f"{series.type_char}〔{series.year}〕"
            told = f"编号到第{series.last}号，文书却有{found}份：有文书被删去或插入"
            yield audit.Finding("series", f"文号{name}", told)
