"""What a page of one of our own PDFs draws: runs of glyphs and paths, in millimetres from its upper left corner.

Only what the typesetter writes is understood; anything else is refused by name, so that an OFD never lacks
what the PDF shows (ISO 32000-1, annex A, for the operators).
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.generic import ContentStream

from .glyphs import Face, face_of
from .matrix import IDENTITY, Box, Matrix, Point, apply, around, scale_of, times, within

MM = 25.4 / 72
"""Millimetres of a point."""
Colour = tuple[int, int, int]
Segment = tuple[str, tuple[Point, ...]]
"""`M`, `L`, `B` or `C` (as OFD calls them) and its points."""


class NotOurs(ValueError):
    """The PDF holds something that our typesetter never writes."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """One glyph of a run: its number in the face, the text it stands for, where it begins (text space, mm)."""

    number: int
    text: str
    x: float


@dataclass(frozen=True, slots=True)
class Run:
    """Glyphs on one line. `matrix` leads from text space (mm, y downwards, baseline at 0) to the page; `stroke` is the
    width of the outline in mm (0: none)."""

    face: Face
    size: float
    matrix: Matrix
    fill: Colour
    glyphs: tuple[Glyph, ...]
    stroke: float = 0.0
    outline: Colour = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Shape:
    """A path on the page in mm. `fill` and `outline` are None where it is not filled, not drawn along."""

    segments: tuple[Segment, ...]
    fill: Colour | None
    even_odd: bool
    outline: Colour | None
    width: float
    join: int
    cap: int
    miter: float
    dash: tuple[float, ...]
    clips: tuple[tuple[Segment, ...], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its size in mm and what it draws, in order."""

    width: float
    height: float
    drawn: Sequence[Run | Shape]


@dataclass(frozen=True, slots=True)
class _State:
    """The graphics state of PDF, as far as our typesetter uses it."""

    matrix: Matrix
    fill: Colour = (0, 0, 0)
    stroke: Colour = (0, 0, 0)
    width: float = 1.0
    join: int = 0
    cap: int = 0
    miter: float = 10.0
    dash: tuple[float, ...] = ()
    clips: tuple[tuple[Segment, ...], ...] = ()
    face: Face | None = None
    size: float = 0.0
    mode: int = 0


@dataclass(slots=True)
class _Pen:
    """A page while it is read."""

    reader: PdfReader
    faces: dict[Any, Face]
    state: _State
    drawn: list[Run | Shape] = field(default_factory=list)
    stack: list[_State] = field(default_factory=list)
    path: list[Segment] = field(default_factory=list)
    cut: bool = False
    text: Matrix = IDENTITY


def pages(content: bytes) -> list[Page]:
    """The pages of a PDF that our typesetter wrote. `content` is trusted: it comes from our own store.

    Raises:
        NotOurs: it uses what the typesetter does not.
    """
    reader = PdfReader(io.BytesIO(content))
    faces: dict[Any, Face] = {}
    return [_page(reader, page, faces) for page in reader.pages]


def _page(reader: PdfReader, page: PageObject, faces: dict[Any, Face]) -> Page:
    left, bottom, right, top = (float(edge) for edge in page.mediabox)
    to_page: Matrix = (MM, 0.0, 0.0, -MM, -left * MM, top * MM)
    pen = _Pen(reader, faces, _State(to_page))
    resources: Any = page["/Resources"].get_object()
    _read(pen, page["/Contents"].get_object(), resources, 0)
    return Page((right - left) * MM, (top - bottom) * MM, pen.drawn)


def _read(pen: _Pen, stream: Any, resources: Mapping[str, Any], depth: int) -> None:
    if depth > 8:
        raise NotOurs("forms within forms")
    for operands, operator in ContentStream(stream, pen.reader).operations:
        name = operator.decode("latin-1")
        if name == "Do":
            _form(pen, resources["/XObject"][operands[0]].get_object(), resources, depth)
        elif name == "Tf":
            pen.state = replace(
                pen.state, face=_face(pen, resources["/Font"].raw_get(operands[0])), size=float(operands[1])
            )
        elif name in STATE:
            pen.state = replace(pen.state, **STATE[name](operands))
        elif name in ACTS:
            ACTS[name](pen, operands)
        elif name not in SILENT:
            raise NotOurs(name)


def _face(pen: _Pen, reference: Any) -> Face:
    known = (reference.idnum, reference.generation)
    if known not in pen.faces:
        pen.faces[known] = face_of(reference.get_object(), len(pen.faces))
    return pen.faces[known]


def _form(pen: _Pen, form: Any, resources: Mapping[str, Any], depth: int) -> None:
    if form["/Subtype"] != "/Form":
        raise NotOurs(str(form["/Subtype"]))
    before = pen.state
    matrix = tuple(float(n) for n in form.get("/Matrix", IDENTITY))
    pen.state = replace(before, matrix=times(matrix, before.matrix))  # type: ignore[arg-type]
    _read(pen, form, form.get("/Resources", resources), depth + 1)
    pen.state = before


def _colour(operands: Sequence[Any]) -> Colour:
    """Shades of grey or red, green and blue, from 0 to 1."""
    parts = [round(float(part) * 255) for part in operands]
    if len(parts) not in (1, 3):
        raise NotOurs("a colour of other than one or three parts")
    red, green, blue = parts * 3 if len(parts) == 1 else parts
    return red, green, blue


def _numbers(operands: Sequence[Any]) -> list[float]:
    return [float(number) for number in operands]


STATE: Mapping[str, Any] = {
    "scn": lambda o: {"fill": _colour(o)},
    "rg": lambda o: {"fill": _colour(o)},
    "g": lambda o: {"fill": _colour(o)},
    "SCN": lambda o: {"stroke": _colour(o)},
    "RG": lambda o: {"stroke": _colour(o)},
    "G": lambda o: {"stroke": _colour(o)},
    "w": lambda o: {"width": float(o[0])},
    "j": lambda o: {"join": int(o[0])},
    "J": lambda o: {"cap": int(o[0])},
    "M": lambda o: {"miter": float(o[0])},
    "d": lambda o: {"dash": tuple(_numbers(o[0]))},
    "Tr": lambda o: {"mode": int(o[0])},
}
SILENT = frozenset({"BDC", "BMC", "EMC", "cs", "CS", "ET", "i", "ri"})
"""What marks structure or names a colour space (one part is grey, three are sRGB)."""


def _push(pen: _Pen, operands: Sequence[Any]) -> None:
    pen.stack.append(pen.state)


def _pop(pen: _Pen, operands: Sequence[Any]) -> None:
    pen.state = pen.stack.pop()


def _turn(pen: _Pen, operands: Sequence[Any]) -> None:
    matrix: Matrix = tuple(_numbers(operands))  # type: ignore[assignment]
    pen.state = replace(pen.state, matrix=times(matrix, pen.state.matrix))


def _begin_text(pen: _Pen, operands: Sequence[Any]) -> None:
    pen.text = IDENTITY


def _place_text(pen: _Pen, operands: Sequence[Any]) -> None:
    pen.text = tuple(_numbers(operands))  # type: ignore[assignment]


def _show(pen: _Pen, operands: Sequence[Any]) -> None:
    state, face = pen.state, pen.state.face
    if face is None or state.mode not in (0, 1, 2):
        raise NotOurs("text without a font, or hidden")
    parts = operands[0] if isinstance(operands[0], list) else [operands[0]]
    at, glyphs = 0.0, []
    for part in parts:
        if not isinstance(part, str | bytes):
            at -= float(part) / 1000 * state.size
            continue
        for code in face.codes(part):
            glyphs.append(Glyph(code, face.text_of(code), at * MM))
            at += face.advance(code) / 1000 * state.size
    down: Matrix = (1 / MM, 0.0, 0.0, -1 / MM, 0.0, 0.0)  # text space of PDF points upwards
    matrix = times(times(down, pen.text), state.matrix)
    stroke = state.width * scale_of(state.matrix) if state.mode in (1, 2) else 0.0
    pen.drawn.append(Run(face, state.size * MM, matrix, state.fill, tuple(glyphs), stroke, state.stroke))
    pen.text = times((1.0, 0.0, 0.0, 1.0, at, 0.0), pen.text)


def _segment(kind: str) -> Any:
    def add(pen: _Pen, operands: Sequence[Any]) -> None:
        numbers = _numbers(operands)
        points = zip(numbers[::2], numbers[1::2], strict=True)
        pen.path.append((kind, tuple(apply(pen.state.matrix, point) for point in points)))

    return add


def _rectangle(pen: _Pen, operands: Sequence[Any]) -> None:
    x, y, wide, high = _numbers(operands)
    corners = [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)]
    for kind, corner in zip("MLLL", corners, strict=True):
        pen.path.append((kind, (apply(pen.state.matrix, corner),)))
    pen.path.append(("C", ()))


def _clip(pen: _Pen, operands: Sequence[Any]) -> None:
    pen.cut = True


def _paint(fill: bool, stroke: bool, close: bool = False, even_odd: bool = False) -> Any:
    def paint(pen: _Pen, operands: Sequence[Any]) -> None:
        state = pen.state
        if close:
            pen.path.append(("C", ()))
        path, grown = tuple(pen.path), scale_of(state.matrix)
        if path and (fill or stroke):
            pen.drawn.append(
                Shape(
                    path,
                    state.fill if fill else None,
                    even_odd,
                    state.stroke if stroke else None,
                    state.width * grown,
                    state.join,
                    state.cap,
                    state.miter,
                    tuple(part * grown for part in state.dash),
                    tuple(clip for clip in state.clips if not _idle(clip, path)),
                )
            )
        if pen.cut:
            pen.state = replace(state, clips=(*state.clips, path))
        pen.path, pen.cut = [], False

    return paint


def _idle(clip: tuple[Segment, ...], path: tuple[Segment, ...]) -> bool:
    """Whether a clip is a rectangle along the page's edges around all of a path."""
    corners = [point for _, points in clip for point in points]
    if any(kind == "B" for kind, _ in clip) or len({(round(x, 3), round(y, 3)) for x, y in corners}) != 4:
        return False
    box: Box = around(corners)
    at_edges = all(
        min(abs(x - box[0]), abs(x - box[0] - box[2])) < 1e-3
        and min(abs(y - box[1]), abs(y - box[1] - box[3])) < 1e-3
        for x, y in corners
    )
    return at_edges and within(around([point for _, points in path for point in points]), box)


ACTS: Mapping[str, Any] = {
    "q": _push,
    "Q": _pop,
    "cm": _turn,
    "BT": _begin_text,
    "Tm": _place_text,
    "Tj": _show,
    "TJ": _show,
    "m": _segment("M"),
    "l": _segment("L"),
    "c": _segment("B"),
    "h": _segment("C"),
    "re": _rectangle,
    "W": _clip,
    "n": _paint(fill=False, stroke=False),
    "S": _paint(fill=False, stroke=True),
    "s": _paint(fill=False, stroke=True, close=True),
    "f": _paint(fill=True, stroke=False),
    "f*": _paint(fill=True, stroke=False, even_odd=True),
    "B": _paint(fill=True, stroke=True),
    "B*": _paint(fill=True, stroke=True, even_odd=True),
    "b": _paint(fill=True, stroke=True, close=True),
    "b*": _paint(fill=True, stroke=True, close=True, even_odd=True),
}
