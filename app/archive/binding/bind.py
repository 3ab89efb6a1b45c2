"""Binding: cover, contents, parts, notes in one PDF, with bookmarks and continuous page numbers."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import ArrayObject, ByteStringObject
from sqlalchemy.orm import Session

from app.cases.models import Case
from app.documents import service as documents

from . import plan as plans
from .pages import Part, parts
from .plan import Plan


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound file: its PDF, how many numbered pages it has, and where each section stands (first, last)."""

    content: bytes
    pages: int
    ranges: Sequence[tuple[int, int]]


def of_case(session: Session, case: Case) -> Bound:
    """The case's file as it stands: the same contents give the same bytes."""
    plan = plans.of_case(session, case)
    return bound(plan, parts(session, plan))


def bound(plan: Plan, made: Sequence[Part]) -> Bound:
    """Bind the parts. Cover, contents and notes bear no numbers, as in a bound file of paper."""
    ranges, page = [], 0
    for part in made:
        ranges.append((page + 1, page + len(part.pages)))
        page += len(part.pages)
    cover = _sheet("cover", plan, [*plan.cover, ("页数", f"{page}页")], agency=plan.agency)
    toc = _sheet(
        "toc", plan, [_line(n, part, at) for n, (part, at) in enumerate(zip(made, ranges, strict=True), 1)]
    )
    notes = _sheet("notes", plan, plan.notes)
    writer = PdfWriter()
    _put(writer, cover, "卷宗封面")
    _put(writer, toc, "卷内文件目录")
    _body(writer, plan, made, page)
    _put(writer, notes, "卷内备考表")
    writer.page_layout, writer.page_mode = "/SinglePage", "/UseOutlines"
    return Bound(_written(writer, plan), page, ranges)


def _sheet(kind: str, plan: Plan, rows: Sequence[Sequence[str]], **told: str) -> list[PageObject]:
    content = documents.sheet(
        kind, plan.title, plan.agency, plan.moment, rows=[list(r) for r in rows], **told
    )
    return list(PdfReader(io.BytesIO(content)).pages)


def _line(place: int, part: Part, at: tuple[int, int]) -> list[str]:
    section = part.section
    where = str(at[0]) if at[0] == at[1] else f"{at[0]}-{at[1]}"
    day = section.day.strftime("%Y.%m.%d") if section.day else ""
    return [str(place), section.number, section.by, section.title or section.name, day, where, part.remark]


def _put(writer: PdfWriter, pages: Sequence[PageObject], title: str) -> None:
    first = len(writer.pages)
    for page in pages:
        writer.add_page(page)
    writer.add_outline_item(title=title, page_number=first)


def _body(writer: PdfWriter, plan: Plan, made: Sequence[Part], count: int) -> None:
    """The numbered pages. Evidence stands below a bookmark of its own."""
    if not count:
        return
    stamps = documents.sheet("numbers", plan.title, plan.agency, plan.moment, first=1, last=count)
    numbers = iter(PdfReader(io.BytesIO(stamps)).pages)
    above = None
    for place, part in enumerate(made, 1):
        first = len(writer.pages)
        for page in part.pages:
            writer.add_page(page).merge_page(next(numbers))
        if part.section.evidence and above is None:
            above = writer.add_outline_item(title="证据材料", page_number=first)
        title = " ".join(
            filter(None, (f"{place}.", part.section.title or part.section.name, part.section.number))
        )
        parent = above if part.section.evidence else None
        writer.add_outline_item(title=title, page_number=first, parent=parent)


def _written(writer: PdfWriter, plan: Plan) -> bytes:
    moment = plan.moment.strftime("D:%Y%m%d%H%M%SZ")
    writer.metadata = None
    writer.add_metadata(
        {
            "/Title": f"{plan.title} 电子案卷",
            "/Author": plan.agency,
            "/Subject": plan.no,
            "/Creator": "行权",
            "/CreationDate": moment,
            "/ModDate": moment,
        }
    )
    seen = hashlib.sha256(f"{plan.no} {moment}".encode()).digest()[:16]
    writer._ID = ArrayObject([ByteStringObject(seen), ByteStringObject(seen)])
    writer.compress_identical_objects(remove_unreferenced=True)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
