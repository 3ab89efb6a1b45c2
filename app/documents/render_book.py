"""A book (a manual) as PDF, set by Typst in the house's letters: cover, table of contents, chapters of plain blocks.

Blocks are JSON: `h` (level 1 to 3, text), `p` (text, note), `ul` and `ol` (items of text and note), `kv` (rows of label and
text), `table` (head, widths, rows; a row of one cell is a heading across), `svg` (svg, alt, width as a share of the line).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst

from . import fonts

_BOOK = Path(__file__).parent / "typst" / "book.typ"
_one_at_a_time = Lock()  # the compiler keeps its inputs between calls


@dataclass(frozen=True, slots=True)
class Book:
    """What stands on the cover (`edition`, `made`, `remark`), and what follows."""

    title: str
    subtitle: str
    author: str
    edition: str
    made: str
    remark: str
    moment: datetime
    blocks: Sequence[Mapping[str, Any]]
    keywords: Sequence[str] = ()


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    return typst.Compiler(_BOOK, root=_BOOK.parent, font_paths=fonts.book(), ignore_system_fonts=True)


def _compile(book: Book, **options: Any) -> Any:
    data = {
        **{
            name: getattr(book, name) for name in ("title", "subtitle", "author", "edition", "made", "remark")
        },
        "keywords": list(book.keywords),
        "year": book.moment.year,
        "month": book.moment.month,
        "day": book.moment.day,
        "blocks": list(book.blocks),
        "fonts": fonts.families(),
    }
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    with _one_at_a_time:
        return _compiler().compile(sys_inputs=inputs, timestamp=book.moment, **options)


def pdf(book: Book) -> bytes:
    """The book as PDF/A-2a and PDF/UA-1: same content, same fonts, same bytes."""
    return _compile(book, format="pdf", pdf_standards=["a-2a", "ua-1"])


def pages(book: Book, ppi: int = 90) -> list[bytes]:
    """Its pages as PNG images."""
    images = _compile(book, format="png", ppi=ppi)
    return images if isinstance(images, list) else [images]
