"""The OFD package: XML of GB/T 33190-2016 in a ZIP, the same pages giving the same bytes."""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from .glyphs import Face, opentype
from .matrix import apply, around, upright
from .reading import Colour, Glyph, Page, Run, Segment, Shape

NAMESPACE = "http://www.ofdspec.org/2016"
STAMP = (1980, 1, 1, 0, 0, 0)
JOINS = ("Miter", "Round", "Bevel")
CAPS = ("Butt", "Round", "Square")
ASCENT, DESCENT = 1.16, 0.32
"""How far letters of our fonts may reach above and below the baseline, in sizes."""
FIRST_PAGE = 1_000
"""Identifiers below are of fonts and pages; those of drawn objects begin here."""


@dataclass(frozen=True, slots=True)
class About:
    """What the package says of itself. `made` is the moment of issue; `facts` are further named values."""

    title: str
    author: str
    subject: str
    keywords: Sequence[str]
    made: datetime
    facts: Sequence[tuple[str, str]] = ()


def package(pages: Sequence[Page], about: About) -> bytes:
    """The OFD file."""
    faces = sorted(
        {d.face.number: d.face for p in pages for d in p.drawn if isinstance(d, Run)}.values(),
        key=lambda face: face.number,
    )
    ids = _Ids(FIRST_PAGE + len(pages))
    contents = [_content(page, ids) for page in pages]
    parts: dict[str, bytes] = {
        "OFD.xml": _xml(_entry(about, pages, contents)),
        "Doc_0/Document.xml": _xml(_document(pages, faces, ids.last)),
        "Doc_0/PublicRes.xml": _xml(_resources(faces)),
    }
    for number, content in enumerate(contents):
        parts[f"Doc_0/Pages/Page_{number}/Content.xml"] = _xml(content)
    for face in faces:
        parts[f"Doc_0/Res/font_{face.number}.otf"] = opentype(face)
    return _zip(parts)


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, content in parts.items():
            info = zipfile.ZipInfo(path, STAMP)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(info, content)
    return out.getvalue()


@dataclass(slots=True)
class _Ids:
    """Gives every drawn object an identifier of its own."""

    last: int

    def next(self) -> int:
        self.last += 1
        return self.last


def _xml(body: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'.encode()


def _n(number: float) -> str:
    """A number with at most four decimals, a tenth of a micrometre."""
    shown = f"{number:.4f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def _row(numbers: Sequence[float]) -> str:
    return " ".join(map(_n, numbers))


def _tag(name: str, text: str) -> str:
    return f"<ofd:{name}>{escape(text)}</ofd:{name}>"


def _entry(about: About, pages: Sequence[Page], contents: Sequence[str]) -> str:
    """OFD.xml. The document's identifier is made from what it says: the same document, the same identifier."""
    seen = hashlib.sha256("\n".join([about.title, about.subject, *contents]).encode()).hexdigest()[:32]
    day = about.made.date().isoformat()
    keywords = "".join(_tag("Keyword", word) for word in about.keywords)
    facts = "".join(
        f"<ofd:CustomData Name={quoteattr(name)}>{escape(value)}</ofd:CustomData>"
        for name, value in about.facts
    )
    return (
        f'<ofd:OFD xmlns:ofd="{NAMESPACE}" Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo>'
        + _tag("DocID", seen)
        + _tag("Title", about.title)
        + _tag("Author", about.author)
        + (_tag("Subject", about.subject) if about.subject else "")
        + _tag("CreationDate", day)
        + _tag("ModDate", day)
        + _tag("DocUsage", "Normal")
        + (f"<ofd:Keywords>{keywords}</ofd:Keywords>" if keywords else "")
        + _tag("Creator", "行权")
        + (f"<ofd:CustomDatas>{facts}</ofd:CustomDatas>" if facts else "")
        + "</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    )


def _document(pages: Sequence[Page], faces: Sequence[Face], last: int) -> str:
    listed = "".join(
        f'<ofd:Page ID="{FIRST_PAGE + n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages))
    )
    return (
        f'<ofd:Document xmlns:ofd="{NAMESPACE}"><ofd:CommonData><ofd:MaxUnitID>{last}</ofd:MaxUnitID>'
        f"<ofd:PageArea>{_tag('PhysicalBox', _row((0, 0, pages[0].width, pages[0].height)))}</ofd:PageArea>"
        "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes></ofd:CommonData>"
        f"<ofd:Pages>{listed}</ofd:Pages></ofd:Document>"
    )


def _font_id(face: Face) -> int:
    return face.number + 1


def _resources(faces: Sequence[Face]) -> str:
    fonts = "".join(
        f'<ofd:Font ID="{_font_id(face)}" FontName={quoteattr(face.name)} FamilyName={quoteattr(face.name)}'
        f' Charset="unicode"><ofd:FontFile>font_{face.number}.otf</ofd:FontFile></ofd:Font>'
        for face in faces
    )
    return f'<ofd:Res xmlns:ofd="{NAMESPACE}" BaseLoc="Res"><ofd:Fonts>{fonts}</ofd:Fonts></ofd:Res>'


def _content(page: Page, ids: _Ids) -> str:
    layer = ids.next()
    drawn = "".join(
        text
        for one in page.drawn
        for text in (_runs(one, page, ids) if isinstance(one, Run) else (_shape(one, ids),))
    )
    return (
        f'<ofd:Page xmlns:ofd="{NAMESPACE}"><ofd:Area>'
        f"{_tag('PhysicalBox', _row((0, 0, page.width, page.height)))}</ofd:Area>"
        f'<ofd:Content><ofd:Layer ID="{layer}" Type="Body">{drawn}</ofd:Layer></ofd:Content></ofd:Page>'
    )


def _colour(name: str, colour: Colour) -> str:
    return f'<ofd:{name} Value="{colour[0]} {colour[1]} {colour[2]}"/>'


def _runs(run: Run, page: Page, ids: _Ids) -> Iterator[str]:
    """A run as text objects: glyphs that stand for one character each together, others by themselves."""
    plain: list[Glyph] = []
    for cluster in _clusters(run.glyphs):
        if len(cluster) == 1 and len(cluster[0].text) == 1:
            plain += cluster
            continue
        if plain:
            yield _text(run, plain, page, ids)
            plain = []
        yield _text(run, cluster, page, ids)
    if plain:
        yield _text(run, plain, page, ids)


def _clusters(glyphs: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    """Glyphs in the groups that stand for a text: one without a text belongs to the one before."""
    group: list[Glyph] = []
    for glyph in glyphs:
        if group and glyph.text:
            yield group
            group = []
        group.append(glyph)
    if group:
        yield group


def _text(run: Run, glyphs: Sequence[Glyph], page: Page, ids: _Ids) -> str:
    text = "".join(glyph.text for glyph in glyphs)
    start = glyphs[0].x
    steps = [after.x - before.x for before, after in pairwise(glyphs)]
    wide = glyphs[-1].x - start + run.face.advance(glyphs[-1].number) / 1000 * run.size
    if upright(run.matrix):
        grown = run.matrix[0]
        x, y = apply(run.matrix, (start, 0.0))
        size, across = run.size * grown, [step * grown for step in steps]
        margin = max(run.stroke, 0.2)
        box = (
            x - margin,
            y - ASCENT * size - margin,
            wide * grown + 2 * margin,
            (ASCENT + DESCENT) * size + 2 * margin,
        )
        where, turned = (x - box[0], y - box[1]), ""
    else:
        size, across, box = run.size, steps, (0.0, 0.0, page.width, page.height)
        where, turned = (start, 0.0), f' CTM="{_row(run.matrix)}"'
    outline = f' Stroke="true" LineWidth="{_n(run.stroke)}"' if run.stroke else ""
    one_each = len(text) == len(glyphs)
    delta = f' DeltaX="{_row(across)}"' if across and one_each else ""
    return (
        f'<ofd:TextObject ID="{ids.next()}" Boundary="{_row(box)}"{turned} Font="{_font_id(run.face)}"'
        f' Size="{_n(size)}"{outline}>'
        + _colour("FillColor", run.fill)
        + (_colour("StrokeColor", run.outline) if run.stroke else "")
        + _chosen(run.face, text, glyphs)
        + f'<ofd:TextCode X="{_n(where[0])}" Y="{_n(where[1])}"{delta}>{escape(text)}</ofd:TextCode>'
        "</ofd:TextObject>"
    )


def _chosen(face: Face, text: str, glyphs: Sequence[Glyph]) -> str:
    """Which glyphs to draw, where the font's own map would choose others."""
    reached = face.reached()
    numbers = [glyph.number for glyph in glyphs]
    if [reached.get(ord(character)) for character in text] == numbers:
        return ""
    return (
        f'<ofd:CGTransform CodePosition="0" CodeCount="{len(text)}" GlyphCount="{len(numbers)}">'
        f"<ofd:Glyphs>{' '.join(map(str, numbers))}</ofd:Glyphs></ofd:CGTransform>"
    )


def _shape(shape: Shape, ids: _Ids) -> str:
    points = [point for _, each in shape.segments for point in each]
    box = around(points, max(shape.width if shape.outline else 0.0, 0.05))
    drawn = [f'Boundary="{_row(box)}"', f'Stroke="{"true" if shape.outline else "false"}"']
    if shape.outline:
        drawn.append(f'LineWidth="{_n(shape.width)}" Join="{JOINS[shape.join]}" Cap="{CAPS[shape.cap]}"')
        drawn.append(f'MiterLimit="{_n(shape.miter)}"' if shape.join == 0 else "")
        drawn.append(f'DashPattern="{_row(shape.dash)}"' if shape.dash else "")
    if shape.fill:
        drawn.append(f'Fill="true" Rule="{"Even-Odd" if shape.even_odd else "NonZero"}"')
    return (
        f'<ofd:PathObject ID="{ids.next()}" {" ".join(filter(None, drawn))}>'
        + _clips(shape, box)
        + (_colour("FillColor", shape.fill) if shape.fill else "")
        + (_colour("StrokeColor", shape.outline) if shape.outline else "")
        + _tag("AbbreviatedData", _data(shape.segments, box))
        + "</ofd:PathObject>"
    )


def _clips(shape: Shape, box: tuple[float, float, float, float]) -> str:
    """Each clip is an area that what is drawn must lie in, in the object's own place."""
    if not shape.clips:
        return ""
    here = (0.0, 0.0, box[2], box[3])
    areas = "".join(
        f'<ofd:Clip><ofd:Area><ofd:Path Boundary="{_row(here)}" Stroke="false" Fill="true">'
        f"{_tag('AbbreviatedData', _data(clip, box))}</ofd:Path></ofd:Area></ofd:Clip>"
        for clip in shape.clips
    )
    return f"<ofd:Clips>{areas}</ofd:Clips>"


def _data(segments: Sequence[Segment], box: tuple[float, float, float, float]) -> str:
    left, top = box[0], box[1]
    return " ".join(
        " ".join([kind, *(f"{_n(x - left)} {_n(y - top)}" for x, y in points)]) for kind, points in segments
    )
