"""The OFD of a document: what its PDF says, at the same places, in a package that other readers open."""

import io
import re
import zipfile
from collections import Counter
from xml.etree import ElementTree

import ofdkit
import pdfplumber
import pypdf
import pytest
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from app.documents import render_ofd, render_pdf, service
from app.documents.ofd import reading
from app.documents.template import codes
from app.kernel import files

from .conftest import completed, filled, pdf_text, sample, squeezed

NS = {"ofd": "http://www.ofdspec.org/2016"}
MM = 25.4 / 72
SOME = [code for code in ("JD-01", "GZ-02", "LA-06", "DC-06", "QC-03") if code in codes()]
ID = re.compile(r"[1-9]\d*")


class Package:
    """An OFD as its XML says it, next to the PDF it was made from."""

    def __init__(self, code: str, mark: str = ""):
        self.data = filled(code, sample(code))
        self.pdf = render_pdf.pdf(self.data, mark)
        self.content = render_ofd.ofd(self.data, self.pdf)
        self.zip = zipfile.ZipFile(io.BytesIO(self.content))
        self.document = self.xml("Doc_0/Document.xml")
        self.resources = self.xml("Doc_0/PublicRes.xml")
        places = [page.get("BaseLoc") for page in self.document.iterfind("ofd:Pages/ofd:Page", NS)]
        self.pages = [self.xml(f"Doc_0/{place}") for place in places]
        self.fonts = {
            font.get("ID"): self.zip.read(f"Doc_0/Res/{font.findtext('ofd:FontFile', namespaces=NS)}")
            for font in self.resources.iterfind("ofd:Fonts/ofd:Font", NS)
        }

    def xml(self, path: str) -> ElementTree.Element:
        return ElementTree.fromstring(self.zip.read(path))  # noqa: S314 - our own


@pytest.fixture(params=SOME)
def package(in_app, request) -> Package:
    return Package(request.param)


def numbers(text: str) -> list[float]:
    return [float(number) for number in text.split()]


def letters(package: Package) -> list[tuple[int, str, float, float, float]]:
    """Page, character, left edge, baseline and size of every letter the OFD sets upright, in mm."""
    found = []
    for number, page in enumerate(package.pages):
        for text in page.iterfind(".//ofd:TextObject", NS):
            if text.get("CTM"):
                continue
            left, top, _, _ = numbers(text.get("Boundary"))
            code = text.find("ofd:TextCode", NS)
            at = left + float(code.get("X"))
            steps = [*numbers(code.get("DeltaX", "")), 0.0]
            for character, step in zip(code.text, steps, strict=True):
                found.append((number, character, at, top + float(code.get("Y")), float(text.get("Size"))))
                at += step
    return found


def test_every_letter_stands_where_the_pdf_has_it(package):
    drawn = Counter()
    with pdfplumber.open(io.BytesIO(package.pdf)) as book:
        for number, page in enumerate(book.pages):
            for c in page.chars:
                baseline = (page.height - c["matrix"][5]) * MM
                drawn[number, c["text"], round(c["x0"] * MM, 1), round(baseline, 1)] += 1
    ours = letters(package)
    assert len(ours) == sum(drawn.values())
    for number, character, at, baseline, _ in ours:
        near = [
            (number, character, round(at + dx, 1), round(baseline + dy, 1))
            for dx in (0, -0.05, 0.05)
            for dy in (0, -0.05, 0.05)
        ]
        key = next((key for key in near if drawn[key]), None)
        assert key, (character, at, baseline)
        drawn[key] -= 1
    assert not +drawn


def test_rules_and_seals_stand_where_the_pdf_has_them(package):
    """Two points of every path: the leftmost and the lowest. A path of many parts is one here, many there."""
    with pdfplumber.open(io.BytesIO(package.pdf)) as book:
        for page, sheet in zip(package.pages, book.pages, strict=True):
            theirs = [
                point
                for one in [*sheet.lines, *sheet.rects, *sheet.curves]
                for point in [(one["x0"] * MM, one["top"] * MM), (one["x1"] * MM, one["bottom"] * MM)]
            ]
            ours = []
            for path in page.iterfind(".//ofd:PathObject", NS):
                left, top, _, _ = numbers(path.get("Boundary"))
                points = corners(path.findtext("ofd:AbbreviatedData", namespaces=NS))
                ours += [(left + x, top + y) for x, y in points]
            assert bool(ours) == bool(theirs)
            for of in (0, 1) if ours else ():
                for edge in (min, max):
                    mine, its = edge(p[of] for p in ours), edge(p[of] for p in theirs)
                    assert mine == pytest.approx(its, abs=0.05)
            straight = [line for line in sheet.lines if line["stroke"]]
            for line in straight:
                for point in [(line["x0"] * MM, line["top"] * MM), (line["x1"] * MM, line["bottom"] * MM)]:
                    assert any(abs(x - point[0]) < 0.05 and abs(y - point[1]) < 0.05 for x, y in ours), point


def corners(data: str) -> list[tuple[float, float]]:
    """The points a path goes through, those that only bend it left out."""
    found, parts = [], iter(data.split())
    for kind in parts:
        points = [
            (float(next(parts)), float(next(parts))) for _ in range({"M": 1, "L": 1, "B": 3, "C": 0}[kind])
        ]
        found += points[-1:]
    return found


def test_pages_are_as_many_and_as_large(package):
    sheets = pypdf.PdfReader(io.BytesIO(package.pdf)).pages
    assert len(package.pages) == len(sheets)
    for page, sheet in zip(package.pages, sheets, strict=True):
        box = numbers(page.findtext("ofd:Area/ofd:PhysicalBox", namespaces=NS))
        assert box == pytest.approx(
            [0, 0, float(sheet.mediabox.width) * MM, float(sheet.mediabox.height) * MM], abs=0.01
        )


def test_an_independent_reader_reads_the_same_words(package):
    with ofdkit.open(io.BytesIO(package.content)) as book:
        assert book.info.title == package.data["meta"]["title"]
        assert len(book.pages) == len(package.pages)
        read = Counter(squeezed(book.text()))
    assert read == Counter(squeezed("".join(character for _, character, *_ in letters(package))))
    assert Counter(pdf_text(package.pdf, 0)) == read


def test_every_glyph_is_in_the_font_and_can_be_drawn(package):
    for page in package.pages:
        for text in page.iterfind(".//ofd:TextObject", NS):
            content = package.fonts[text.get("Font")]
            font = TTFont(io.BytesIO(content))
            known = font.getBestCmap()
            chosen = text.find("ofd:CGTransform/ofd:Glyphs", NS)
            if chosen is None:
                assert all(ord(c) in known for c in text.findtext("ofd:TextCode", namespaces=NS))
            else:
                assert all(0 < int(n) < font["maxp"].numGlyphs for n in chosen.text.split())
    for content in package.fonts.values():  # FreeType is another reader of fonts than ours
        drawn = ImageFont.truetype(io.BytesIO(content), 40)
        some = [chr(point) for point in TTFont(io.BytesIO(content)).getBestCmap() if chr(point).isalnum()]
        for character in some[:20]:
            paper = Image.new("L", (60, 60), 255)
            ImageDraw.Draw(paper).text((5, 0), character, font=drawn, fill=0)
            assert paper.getextrema()[0] < 128, character


def test_the_parts_are_those_of_the_standard(package):
    names = package.zip.namelist()
    assert names[0] == "OFD.xml"
    assert {"OFD.xml", "Doc_0/Document.xml", "Doc_0/PublicRes.xml"} <= set(names)
    body = package.xml("OFD.xml").find("ofd:DocBody", NS)
    assert body.findtext("ofd:DocRoot", namespaces=NS) == "Doc_0/Document.xml"
    told = [child.tag.partition("}")[2] for child in body.find("ofd:DocInfo", NS)]
    order = [*("DocID", "Title", "Author", "Subject", "CreationDate", "ModDate", "DocUsage"),
             *("Keywords", "Creator", "CustomDatas")]  # fmt: skip
    assert told == [name for name in order if name in told]
    assert re.fullmatch(r"[0-9a-f]{32}", body.findtext("ofd:DocInfo/ofd:DocID", namespaces=NS))
    assert body.findtext("ofd:DocInfo/ofd:CreationDate", namespaces=NS) == "2025-07-16"
    facts = {f.get("Name"): f.text for f in body.iterfind(".//ofd:CustomData", NS)}
    assert facts["IssuedAt"] == package.data["meta"]["issued_at"]
    ids = [
        e.get("ID")
        for tree in (package.document, package.resources, *package.pages)
        for e in tree.iter()
        if e.get("ID")
    ]
    assert len(ids) == len(set(ids))
    assert all(ID.fullmatch(each) for each in ids)
    assert max(map(int, ids)) == int(package.document.findtext(".//ofd:MaxUnitID", namespaces=NS))
    for page in package.pages:
        for unit in page.iterfind(".//*[@Boundary]"):
            assert numbers(unit.get("Boundary"))[2] > 0
            assert numbers(unit.get("Boundary"))[3] > 0
        used = {text.get("Font") for text in page.iterfind(".//ofd:TextObject", NS)}
        assert used <= package.fonts.keys()


def test_the_archive_is_safe_and_the_same_every_time(package):
    assert render_ofd.ofd(package.data, package.pdf) == package.content
    for info in package.zip.infolist():
        assert not info.filename.startswith("/")
        assert ".." not in info.filename.split("/")
        assert info.date_time == (1980, 1, 1, 0, 0, 0)
        assert not info.is_dir()
        assert info.file_size < 20_000_000
    assert len(set(package.zip.namelist())) == len(package.zip.namelist())
    assert package.zip.testzip() is None


def test_a_mark_across_the_page_is_turned_as_in_the_pdf(in_app):
    package = Package("GZ-02", "作废")
    for page in package.pages:
        (mark,) = [t for t in page.iterfind(".//ofd:TextObject", NS) if t.get("CTM")]
        assert mark.findtext("ofd:TextCode", namespaces=NS) == "作废"
        a, b, c, d, _, _ = numbers(mark.get("CTM"))
        assert (a, b, c, d) == pytest.approx((0.766, -0.6428, 0.6428, 0.766), abs=0.001)


def test_what_the_typesetter_never_writes_is_refused(in_app):
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(100, 100)
    content = pypdf.generic.DecodedStreamObject()
    content.set_data(b"/Sh0 sh")
    page[pypdf.generic.NameObject("/Contents")] = writer._add_object(content)
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(reading.NotOurs, match="sh"):
        reading.pages(out.getvalue())


def test_it_is_made_by_a_job_and_kept_by_its_digest(issue, session, decided, outbox):
    (document,) = issue(completed(decided, "JD-01"))
    service.render_job(session, {"document_id": document.id}, enqueue=outbox.enqueue)
    assert outbox.jobs[-1] == ("documents.ofd", {"document_id": document.id}, f"ofd:{document.id}")
    service.ofd_job(session, {"document_id": document.id})
    kept = document.ofd_digest
    service.ofd_job(session, {"document_id": document.id})
    assert document.ofd_digest == kept
    assert service.ofd(session, document) == files.get(kept)
    service.void(session, document, "文字有误", actor=7)
    with ofdkit.open(io.BytesIO(service.ofd(session, document))) as book:
        assert "作废" in book.text()
    assert document.ofd_digest == kept
