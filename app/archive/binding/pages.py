"""The pages of each part of a bound file: documents as issued, PDF evidence and pictures fitted to A4, a sheet that says
where it is kept for what cannot be printed."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pypdf import PageObject, PdfReader, PdfWriter, Transformation
from pypdf.errors import PyPdfError
from pypdf.generic import NameObject
from sqlalchemy.orm import Session

from app.documents import service as documents
from app.kernel import files, sealed

from .plan import Plan, Section, settings

WIDTH, HEIGHT = 595.2756, 841.8898
"""A4 in points."""
PICTURES = {"image/jpeg": "jpg", "image/png": "png"}
ACTIVE = ("/Annots", "/AA", "/Tabs", "/StructParents", "/Metadata", "/PieceInfo")
"""What of a page that somebody handed in is not taken over: links, scripts, notes beside the content."""

ELSEWHERE = "另存"
"""What the table of contents remarks where a sheet stands in: the sheet says why, and how to know the file again."""


@dataclass(frozen=True, slots=True)
class Part:
    """The pages of a section, and what the table of contents remarks about it."""

    section: Section
    pages: Sequence[PageObject]
    remark: str


def parts(session: Session, plan: Plan) -> list[Part]:
    """The pages of every section, in order. What goes beyond the most pages a bound file has is a sheet."""
    found, count = [], 0
    for section in plan.sections:
        part = _paper(session, section) if section.document is not None else _file(plan, section)
        if count + len(part.pages) > settings()["most_pages"]:
            part = _stand_in(plan, section, "页数过多，另存于电子案卷")
        count += len(part.pages)
        found.append(part)
    return found


def _paper(session: Session, section: Section) -> Part:
    document = documents.by_id(session, section.document or 0)
    if document is None:
        raise LookupError("a document of the plan is gone")
    return Part(section, _read(documents.pdf(session, document)), section.remark)


def _file(plan: Plan, section: Section) -> Part:
    if not section.digest:
        return _stand_in(plan, section, "没有电子文件")
    show: Callable[[bytes], Sequence[PageObject]]
    if section.media == "application/pdf":
        show = _fitted
    elif section.media in PICTURES:
        show = _picture(plan, section)
    else:
        return _stand_in(plan, section, "不能印成纸页，另存于电子案卷")
    try:
        if section.size > settings()["most_bytes"]:
            return _stand_in(plan, section, "文件过大，另存于电子案卷")
        return Part(section, show(files.get(section.digest)), section.remark)
    except (FileNotFoundError, sealed.Unreadable):
        return _stand_in(plan, section, "文件库中没有这个文件，或者不能打开")
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _stand_in(plan, section, "文件已加密或者损坏，不能印成纸页，另存于电子案卷")


def _read(content: bytes) -> list[PageObject]:
    return list(PdfReader(io.BytesIO(content)).pages)


def _picture(plan: Plan, section: Section) -> Callable[[bytes], Sequence[PageObject]]:
    suffix = PICTURES[section.media]

    def show(content: bytes) -> Sequence[PageObject]:
        return _read(
            documents.picture(content, suffix, section.title or section.name, plan.agency, plan.moment)
        )

    return show


def _fitted(content: bytes) -> Sequence[PageObject]:
    """The pages of a PDF that was handed in, each shrunk to fit A4 and stripped of everything active."""
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        raise ValueError("encrypted")
    if len(reader.pages) == 0:
        raise ValueError("no page")
    home = PdfWriter()
    return [_on_a4(home, page) for page in reader.pages]


def _on_a4(home: PdfWriter, page: PageObject) -> PageObject:
    for name in ACTIVE:
        if name in page:
            del page[NameObject(name)]
    page.transfer_rotation_to_content()
    box = page.cropbox
    wide, high = float(box.width), float(box.height)
    scale = min(1.0, (WIDTH - 34) / wide, (HEIGHT - 68) / high)
    left = (WIDTH - wide * scale) / 2 - float(box.left) * scale
    bottom = (HEIGHT - high * scale) / 2 - float(box.bottom) * scale
    sheet = home.add_blank_page(WIDTH, HEIGHT)
    sheet.merge_transformed_page(page, Transformation().scale(scale).translate(left, bottom))
    return sheet


def _stand_in(plan: Plan, section: Section, why: str) -> Part:
    """A sheet in the place of what cannot be printed: what it is, why, and how to know it again."""
    rows = [("题名", section.title or section.name), ("种类", section.remark or "证据材料"), ("说明", why)]
    if section.name:
        rows.append(("文件名", section.name))
    if section.digest:
        rows.append(("SHA-256", f"{section.digest[:32]}\n{section.digest[32:]}"))
    content = documents.sheet("sheet", plan.title, plan.agency, plan.moment, heading="证据材料", rows=rows)
    return Part(section, _read(content), ELSEWHERE)
