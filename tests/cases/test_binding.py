"""The bound file of a case (电子案卷): read back as PDF, its bookmarks, page numbers and contents are true."""

import dataclasses
import io
import re

import pdfplumber
import pypdf
import pytest
from PIL import Image
from pypdf.generic import DictionaryObject, NameObject, TextStringObject
from sqlalchemy import select

from app.archive import binding_views  # noqa: F401 - its pages are in the application
from app.archive.binding import bind, keeping, pages, plan
from app.archive.binding.plan import Section
from app.archive.models import CaseBinding
from app.audit import service as audit
from app.cases.models import Case
from app.documents import service as documents
from app.kernel import files
from app.kernel.errors import Forbidden

from .town import actor

FRONT = ("卷宗封面", "卷内文件目录", "卷内备考表")


def squeezed(text):
    return "".join(text.split())


class Read:
    """A bound file as a reader of PDF sees it."""

    def __init__(self, content):
        self.content = content
        self.reader = pypdf.PdfReader(io.BytesIO(content))
        self.pages = [squeezed(page.extract_text()) for page in self.reader.pages]
        self.marks = dict(self._marks(self.reader.outline))

    def _marks(self, outline):
        for one in outline:
            if isinstance(one, list):
                yield from self._marks(one)
            else:
                yield one.title, self.reader.get_destination_page_number(one)

    def numbers(self):
        """The number in the upper right corner of every page; None where there is none."""
        with pdfplumber.open(io.BytesIO(self.content)) as book:
            corners = [page.crop((480, 0, page.width, 45)).extract_text().strip() for page in book.pages]
        return [int(text) if text.isdecimal() else None for text in corners]


def picture(colour="red"):
    out = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(out, "PNG")
    return out.getvalue()


def foreign(active=True, wide=800, high=500):
    """A PDF somebody handed in, of its own size, turned, with a script in it."""
    writer = pypdf.PdfWriter()
    for _ in range(2):
        page = writer.add_blank_page(wide, high)
        page.rotate(90)
        if active:
            page[NameObject("/AA")] = DictionaryObject()
            page[NameObject("/PieceInfo")] = TextStringObject("x")
    script = {
        NameObject("/S"): NameObject("/JavaScript"),
        NameObject("/JS"): TextStringObject("app.alert(1)"),
    }
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(script)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.fixture
def closed(stage, desk):
    """A case that is over."""
    return desk.get_one(Case, stage("stone-mill").case_id)


@pytest.fixture
def made(closed, desk):
    return bind.of_case(desk, closed)


def test_bookmarks_and_contents_lead_to_the_right_pages(made, closed, desk):
    read = Read(made.content)
    told = plan.of_case(desk, closed)
    front = read.marks["1. " + told.sections[0].title + " " + told.sections[0].number]
    assert read.marks["卷宗封面"] == 0
    assert read.marks["卷内备考表"] == len(read.pages) - 1 == front + made.pages
    toc = "".join(read.pages[read.marks["卷内文件目录"] : front])
    for place, (section, (first, last)) in enumerate(zip(told.sections, made.ranges, strict=True), 1):
        title = " ".join(filter(None, (f"{place}.", section.title, section.number)))
        assert read.marks[title] == front + first - 1, title
        where = str(first) if first == last else f"{first}-{last}"
        assert squeezed(section.title) in toc
        assert where in toc
        if section.document is not None and section.number:
            assert squeezed(section.number) in read.pages[front + first - 1]


def test_page_numbers_run_through_and_front_and_back_bear_none(made):
    read = Read(made.content)
    numbers = read.numbers()
    first = numbers.index(1)
    assert numbers[:first] == [None] * first
    assert numbers[first : first + made.pages] == list(range(1, made.pages + 1))
    assert numbers[first + made.pages :] == [None]


@pytest.mark.requirement("S1-9", part="按目录次序")
def test_the_decision_comes_first_then_papers_by_time_then_evidence(closed, desk):
    sections = plan.of_case(desk, closed).sections
    papers = [s for s in sections if s.document is not None]
    assert "决定书" in papers[0].title
    rest = [s for s in papers if "决定书" not in s.title]
    assert [s.document for s in rest] == sorted(s.document for s in rest)
    assert sections[: len(papers)] == papers
    assert {s.document for s in papers} == {d["id"] for d in documents.issued(desk, closed.id)}


def test_cover_and_notes_say_what_a_file_must_say(made, closed):
    read = Read(made.content)
    cover, notes = read.pages[0], read.pages[-1]
    for stated in (
        "卷宗",
        "案由",
        "当事人",
        closed.no,
        "立案日期",
        "结案日期",
        "承办人",
        "保管期限",
        f"{made.pages}页",
    ):
        assert squeezed(stated) in cover
    for stated in ("卷内备考表", "本卷情况", "立卷人", "检查人"):
        assert stated in notes


def test_a_void_paper_is_left_out_and_noted(closed, desk):
    paper = documents.of_case(desk, closed.id)[1]
    documents.void(desk, paper, "演示作废", 1)
    read = Read(bind.of_case(desk, closed).content)
    assert "演示作废" in read.pages[-1]
    assert squeezed(paper.number or paper.ident_code) in read.pages[-1]
    front = "".join(read.marks)
    assert f"{paper.title} {paper.number or ''}".strip() not in front or paper.title in front


def test_the_same_file_gives_the_same_bytes(made, closed, desk):
    assert bind.of_case(desk, closed).content == made.content
    assert re.search(rb"/CreationDate", made.content)


@pytest.fixture
def collected(closed, desk, monkeypatch):
    """The case with evidence of every sort of file."""
    shown = {
        "照片": ("image/png", picture()),
        "坏照片": ("image/jpeg", b"\xff\xd8\xff not a picture"),
        "扫描件": ("application/pdf", foreign()),
        "坏文件": ("application/pdf", b"%PDF-1.7 broken"),
        "录像": ("video/mp4", b"\x00\x00\x00 film"),
    }
    sections = [
        Section(name, "", "", None, "书证", None, files.put(content), media, len(content), f"{name}.bin")
        for name, (media, content) in shown.items()
    ]
    lost = Section("丢失的", "", "", None, "书证", None, "0" * 64, "image/png", 5, "丢失.png")
    monkeypatch.setattr(plan, "_evidence", lambda session, case: [*sections, lost])
    return bind.of_case(desk, closed), plan.of_case(desk, closed)


def test_pictures_and_pdfs_are_pages_and_the_rest_says_where_it_is(collected):
    made, told = collected
    read = Read(made.content)
    ranges = {s.title: r for s, r in zip(told.sections, made.ranges, strict=True)}
    count = {name: last - first + 1 for name, (first, last) in ranges.items()}
    assert (count["照片"], count["扫描件"], count["坏照片"], count["坏文件"], count["录像"]) == (
        1,
        2,
        1,
        1,
        1,
    )
    front = read.marks["卷内备考表"] - made.pages
    texts = {name: read.pages[front + first - 1] for name, (first, _) in ranges.items()}
    assert "不能印成纸页" in texts["录像"]
    assert "损坏" in texts["坏照片"]
    assert "损坏" in texts["坏文件"]
    assert "文件库中没有" in texts["丢失的"]
    digest = next(s.digest for s in told.sections if s.title == "录像")
    assert digest in texts["录像"]
    photo = read.reader.pages[front + ranges["照片"][0] - 1]
    assert len(photo.images) == 1
    assert read.marks["证据材料"] == front + ranges["照片"][0] - 1


def test_every_page_is_a4_upright_and_nothing_is_active(collected):
    made, _ = collected
    reader = Read(made.content).reader
    for page in reader.pages:
        assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)
        assert page.rotation == 0
        assert not {"/AA", "/Annots", "/PieceInfo"} & set(page)
    assert not {"/OpenAction", "/AA"} & set(reader.trailer["/Root"])
    assert b"/JavaScript" not in made.content


def test_more_pages_than_a_file_holds_become_a_sheet(closed, desk, monkeypatch):
    told = plan.of_case(desk, closed)
    monkeypatch.setattr(pages, "settings", lambda: {**plan.settings(), "most_pages": 2})
    assert any(part.remark == pages.ELSEWHERE for part in pages.parts(desk, told))


@pytest.mark.requirement("S1-9", part="自动成卷")
def test_a_case_that_is_over_is_bound_by_a_job_once_and_on_record(closed, desk):
    (asked,) = desk.scalars(select(CaseBinding).where(CaseBinding.case_id == closed.id))
    assert (asked.state, asked.asked_by) == ("asked", None)
    keeping.job(desk, {"binding_id": asked.id})
    digest = asked.digest
    assert Read(files.get(digest)).marks
    entry = audit.of_case(desk, closed.id)[-1]
    assert (entry.kind, list(entry.files), entry.content["pages"]) == ("case.bound", [digest], asked.pages)
    keeping.job(desk, {"binding_id": asked.id})
    assert audit.of_case(desk, closed.id)[-1].seq == entry.seq


def test_a_head_asks_again_and_others_may_not(closed, desk):
    head = actor(desk, "hb-head")
    (first,) = keeping.of_case(desk, closed.id)
    keeping.ask(desk, head, closed.id)
    assert len(keeping.of_case(desk, closed.id)) == 1, "one that waits is enough"
    keeping.job(desk, {"binding_id": first.id})
    keeping.ask(desk, head, closed.id)
    second = keeping.of_case(desk, closed.id)[0]
    assert second.id != first.id
    assert audit.of_case(desk, closed.id)[-1].kind == "case.binding_asked"
    keeping.job(desk, {"binding_id": second.id})
    assert second.digest == first.digest, "nothing has changed"
    with pytest.raises(Forbidden):
        keeping.ask(desk, actor(desk, "hb-officer1"), closed.id)


def test_moments_of_real_life_have_fractions_of_a_second(closed, desk):
    told = plan.of_case(desk, closed)
    told = dataclasses.replace(told, moment=told.moment.replace(microsecond=123456))
    assert bind.bound(told, pages.parts(desk, told)).pages
