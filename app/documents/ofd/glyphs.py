"""The fonts embedded in one of our PDFs: codes, widths, texts, and the same glyphs as an OpenType font.

The typesetter embeds subsets as bare CFF keyed by number (CIDFontType0C) with the codes as glyph numbers; readers of OFD
want a font file with tables. The outlines are taken over as they are.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fontTools.cffLib import CFFFontSet
from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib.tables.DefaultTable import DefaultTable

EPOCH = 2082844800
"""1 January 1970 in the seconds of a font's head table: the same glyphs give the same bytes."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One embedded font. `number` counts the faces of a document from 0; `widths` are in thousandths of the size."""

    number: int
    name: str
    texts: Mapping[int, str]
    widths: Mapping[int, float]
    outlines: bytes

    def codes(self, shown: str | bytes) -> Iterator[int]:
        """The glyph numbers of a string of the content stream, two bytes each."""
        raw = shown if isinstance(shown, bytes) else _raw(shown)
        for at in range(0, len(raw), 2):
            yield int.from_bytes(raw[at : at + 2], "big")

    def text_of(self, code: int) -> str:
        """What a glyph stands for; empty where it belongs to the glyph before it."""
        return self.texts.get(code, "")

    def advance(self, code: int) -> float:
        """The width of a glyph in thousandths of the size."""
        return self.widths.get(code, 0.0)

    def reached(self) -> dict[int, int]:
        """The glyph of every single character, the first where several look like it: the font's own map."""
        found: dict[int, int] = {}
        for code, text in sorted(self.texts.items()):
            if len(text) == 1:
                found.setdefault(ord(text), code)
        return found


def _raw(shown: str) -> bytes:
    kept = getattr(shown, "original_bytes", None)
    return kept if kept is not None else shown.encode("latin-1")


def face_of(font: Any, number: int) -> Face:
    """A font of the PDF.

    Raises:
        ValueError: it is not of the kind our typesetter embeds.
    """
    inner = font["/DescendantFonts"][0].get_object()
    descriptor = inner["/FontDescriptor"].get_object()
    outlines = descriptor.get("/FontFile3")
    if font["/Encoding"] != "/Identity-H" or outlines is None:
        raise ValueError("a font of another kind than our typesetter embeds")
    return Face(
        number,
        str(descriptor["/FontName"]).removeprefix("/").split("+", 1)[-1].removesuffix("-Identity-H"),
        dict(_texts(font["/ToUnicode"].get_object().get_data().decode("latin-1"))),
        dict(_widths(inner["/W"])),
        outlines.get_object().get_data(),
    )


def _widths(listed: Any) -> Iterator[tuple[int, float]]:
    """The widths of `/W`: `first [w ...]` or `first last w`."""
    parts = [part.get_object() for part in listed]
    at = 0
    while at < len(parts):
        first, second = int(parts[at]), parts[at + 1]
        if isinstance(second, list):
            yield from ((first + n, float(width)) for n, width in enumerate(second))
            at += 2
        else:
            yield from ((code, float(parts[at + 2])) for code in range(first, int(second) + 1))
            at += 3


def _texts(cmap: str) -> Iterator[tuple[int, str]]:
    """The pairs of a ToUnicode map: lines `<code> <text>` between `beginbfchar` and `endbfchar`, ranges likewise."""
    kind = ""
    for line in cmap.splitlines():
        if line.endswith(("beginbfchar", "beginbfrange")):
            kind = line.rsplit(maxsplit=1)[-1]
        elif line.startswith("end"):
            kind = ""
        elif kind:
            parts = [bytes.fromhex(part.strip("<>")) for part in line.split()]
            first, last = int.from_bytes(parts[0], "big"), int.from_bytes(parts[-2], "big")
            text = parts[-1].decode("utf-16-be")
            for code in range(first, (last if kind == "beginbfrange" else first) + 1):
                yield code, text[:-1] + chr(ord(text[-1]) + code - first)


def opentype(face: Face) -> bytes:
    """The face as an OpenType font with CFF outlines: glyph numbers as in the PDF, and a map from characters."""
    read = CFFFontSet()
    read.decompile(io.BytesIO(face.outlines), None)
    top = read[0]
    order = list(top.charset)
    builder = FontBuilder(unitsPerEm=1000, isTTF=False)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(
        {point: order[code] for point, code in face.reached().items() if code < len(order)}
    )
    builder.setupHorizontalMetrics({name: (round(face.advance(code)), 0) for code, name in enumerate(order)})
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=1160, usWinDescent=320)
    builder.setupNameTable({"familyName": face.name, "styleName": "Regular", "psName": face.name})
    builder.setupPost()
    left, bottom, right, top_edge = (round(edge) for edge in top.FontBBox)
    builder.updateHead(created=EPOCH, modified=EPOCH, xMin=left, yMin=bottom, xMax=right, yMax=top_edge)
    builder.font.sfntVersion = "OTTO"
    builder.font["CFF "] = table = DefaultTable("CFF ")
    table.data = face.outlines
    builder.font.recalcTimestamp = builder.font.recalcBBoxes = False
    out = io.BytesIO()
    builder.save(out)
    return out.getvalue()
