"""Sheets of a bound case file as PDF, set by Typst in the house's letters: cover, contents, notes, stand-ins, numbers."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst

from . import fonts

_SHEETS = Path(__file__).parent / "typst" / "binding.typ"
_one_at_a_time = Lock()  # the compiler keeps its inputs between calls


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    return typst.Compiler(_SHEETS, root=_SHEETS.parent, font_paths=fonts.book(), ignore_system_fonts=True)


def _second(moment: datetime) -> datetime:
    """The compiler takes no fractions of a second."""
    return moment.replace(microsecond=0)


def _inputs(kind: str, title: str, author: str, moment: datetime, told: Mapping[str, Any]) -> dict[str, str]:
    data = {
        **told,
        "kind": kind,
        "title": title,
        "author": author,
        "year": moment.year,
        "month": moment.month,
        "day": moment.day,
        "fonts": fonts.families(),
    }
    return {"data": json.dumps(data, ensure_ascii=False)}


def sheet(kind: str, title: str, author: str, moment: datetime, **told: Any) -> bytes:
    """A `cover`, `toc`, `notes` or stand-in `sheet` (`rows`), or page `numbers` from `first` to `last` on empty pages."""
    inputs = _inputs(kind, title, author, moment, told)
    with _one_at_a_time:
        return _compiler().compile(sys_inputs=inputs, timestamp=_second(moment), format="pdf")


def picture(content: bytes, suffix: str, title: str, author: str, moment: datetime) -> bytes:
    """A picture (`png` or `jpg`) as large as a page allows.

    Raises:
        ValueError: it cannot be read.
    """
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(_SHEETS, folder)
        Path(folder, f"picture.{suffix}").write_bytes(content)
        inputs = _inputs("picture", title, author, moment, {"file": f"picture.{suffix}"})
        compiler = typst.Compiler(
            Path(folder, _SHEETS.name), root=folder, font_paths=fonts.book(), ignore_system_fonts=True
        )
        try:
            return compiler.compile(sys_inputs=inputs, timestamp=_second(moment), format="pdf")
        except typst.TypstError as error:
            raise ValueError("not a picture that can be shown") from error
