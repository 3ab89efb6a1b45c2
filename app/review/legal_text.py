"""The texts of a file as passages, and places in them. Pure.

A passage is a run of text that is shown as it is: a paragraph, a cell, an answer. Remarks and differences are places in
passages; a place is found again by its words when the text was set anew.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of text under a name of its own within its source."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """How passages stand on the page: `kind` is `title`, `heading`, `text`, `note`, `pair` (label and passage), `table`
    or `files`."""

    kind: str
    passages: Sequence[Passage] = ()
    label: str = ""
    head: Sequence[str] = ()
    rows: Sequence[Sequence[Passage]] = ()
    files: Sequence[Mapping[str, Any]] = ()

    def all(self) -> Iterator[Passage]:
        """Every passage of the block in order."""
        yield from self.passages
        for row in self.rows:
            yield from row


@dataclass(frozen=True, slots=True)
class Source:
    """One text of the file: a document, what was handed in at a step, the evidence, a draft."""

    key: str
    title: str
    blocks: Sequence[Block]
    digest: str
    number: str = ""
    said: str = ""
    """When and by whom, in words."""
    url: str = ""
    """The document as it was issued."""

    def passages(self) -> Iterator[Passage]:
        """Every passage in order; one that is empty is none."""
        for block in self.blocks:
            yield from (each for each in block.all() if each.text)

    def passage(self, key: str) -> Passage | None:
        """The passage of this name."""
        return next((each for each in self.passages() if each.key == key), None)

    @property
    def anchor(self) -> str:
        """The name as the id of an element."""
        return "source-" + self.key.replace(":", "-")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a passage: from `start` up to `end`, shown as `kind`; `number` and `ref` name the remark."""

    start: int
    end: int
    kind: str
    ref: str = ""
    number: int = 0
    told: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a passage with the marks that cover it; `first` are those that begin here."""

    text: str
    marks: Sequence[Mark] = ()
    first: Sequence[Mark] = ()

    @property
    def kinds(self) -> str:
        """The classes of the piece."""
        return " ".join(dict.fromkeys(f"mark-{mark.kind}" for mark in self.marks))


@dataclass(slots=True)
class Counter:
    """Names passages one after the other."""

    passages: list[Passage] = field(default_factory=list)

    def __call__(self, text: Any) -> Passage:
        made = Passage(f"p{len(self.passages) + 1}", str(text or ""))
        self.passages.append(made)
        return made


def digest_of(blocks: Iterable[Block]) -> str:
    """SHA-256 of all passages."""
    texts = [[each.key, each.text] for block in blocks for each in block.all()]
    return hashlib.sha256(json.dumps(texts, ensure_ascii=False).encode()).hexdigest()


def blocks_of(filled: Sequence[Mapping[str, Any]]) -> list[Block]:
    """The blocks of a filled document (`documents`) as passages, numbered in their order."""
    made = Counter()
    return [block for raw in filled for block in _block(raw, made)]


def _block(raw: Mapping[str, Any], made: Counter) -> Iterator[Block]:
    kind = raw["t"]
    if kind in ("redhead", "number"):
        yield Block("note" if kind == "number" else "heading", [made(raw["text"])])
    elif kind == "h":
        yield Block("heading", [made(raw["text"])])
    elif kind == "title":
        yield Block("title", [made(line) for line in raw["lines"]])
    elif kind in ("p", "note"):
        yield Block("text" if kind == "p" else "note", [made(line) for line in raw["lines"]])
    elif kind == "kv":
        yield from (Block("pair", [made(text)], label) for label, text in raw["rows"])
    elif kind == "ol":
        yield from (Block("text", [made(f"{n}．{text}")]) for n, text in enumerate(raw["items"], 1))
    elif kind == "table":
        rows = [[made(cell) for cell in row] for row in raw["rows"]]
        yield Block("table", (), raw["caption"], raw["head"], rows)
    elif kind == "form_table":
        yield from _form_table(raw, made)
    elif kind == "qa":
        for item in raw["items"]:
            yield Block("text", [made(f"问：{item['q']}"), made(f"答：{item['a']}")])
    elif kind == "sign":
        yield Block("note", [made(raw["agency"]), made(raw["date"])])
    elif kind == "signatures":
        signed = [made(f"{line['role']}：{line['name']}") for line in raw["lines"]]
        yield Block("note", ([made(raw["statement"])] if raw["statement"] else []) + signed)


def _form_table(raw: Mapping[str, Any], made: Counter) -> Iterator[Block]:
    """A form: what stands beside a label is its answer."""
    for row in raw["rows"]:
        label = ""
        for cell in row["cells"]:
            if cell["label"]:
                label = cell["text"].replace("\n", "")
            elif text := cell["text"]:
                signed = [f"{s['name']} {s['date']}".strip() for s in cell["sign"]]
                lines = [line for line in (*text.split("\n"), *signed) if line]
                yield Block("pair", [made(line) for line in lines], label)
                label = ""


def located(passages: Sequence[Passage], key: str, start: int, quote: str) -> tuple[str, int] | None:
    """Where the quoted words stand: in their passage at their place, else nearest to it, else in the passage nearest
    in order. None: the text no longer says so."""
    if not quote:
        return None
    at = next((n for n, each in enumerate(passages) if each.key == key), None)
    if at is not None and (place := _nearest(passages[at].text, quote, start)) is not None:
        return key, place
    order = sorted(range(len(passages)), key=lambda n: abs(n - (at or 0)))
    for n in order:
        if (place := passages[n].text.find(quote)) >= 0:
            return passages[n].key, place
    return None


def _nearest(text: str, quote: str, start: int) -> int | None:
    if text[start : start + len(quote)] == quote:
        return start
    before = text.rfind(quote, 0, max(0, start) + len(quote))
    after = text.find(quote, max(0, start))
    found = [place for place in (before, after) if place >= 0]
    return min(found, key=lambda place: abs(place - start), default=None)


def segments(text: str, marks: Sequence[Mark]) -> list[Segment]:
    """A passage cut where a mark begins or ends."""
    if not marks:
        return [Segment(text)]
    inside = [
        Mark(max(0, m.start), min(m.end, len(text)), m.kind, m.ref, m.number, m.told)
        for m in marks
        if m.start < len(text) and m.end > m.start
    ]
    cuts = sorted({0, len(text), *(m.start for m in inside), *(m.end for m in inside)})
    pieces = []
    for begin, end in pairwise(cuts):
        covering = [m for m in inside if m.start <= begin and m.end >= end]
        pieces.append(Segment(text[begin:end], covering, [m for m in covering if m.start == begin]))
    return pieces
