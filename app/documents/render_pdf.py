"""A filled document as PDF (PDF/A-2a and PDF/UA-1) or as page images, set by Typst in the house style.

The document goes in as JSON only; nothing of it is ever read as Typst markup. Same document, same fonts:
same bytes.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

import segno
import typst

from . import fonts
from .phrases import cn_num
from .seal import seal_svg

_HOUSE = Path(__file__).parent / "typst" / "house.typ"
_one_at_a_time = Lock()  # the compiler keeps its inputs between calls


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    return typst.Compiler(_HOUSE, root=_HOUSE.parent, font_paths=fonts.book(), ignore_system_fonts=True)


def qr_svg(link: str) -> str:
    """A QR code with error correction M and one module of margin."""
    out = BytesIO()
    segno.make(link, error="m", micro=False).save(out, kind="svg", border=1, xmldecl=False, svgns=True)
    return out.getvalue().decode()


def _inputs(data: Mapping[str, Any], mark: str, every_copy: bool) -> dict[str, str]:
    meta = data["meta"]
    named = meta.get("copy_names") or []
    printed = [{"name": name, "mark": f"第{cn_num(place)}联　{name}"} for place, name in enumerate(named, 1)]
    drawn = {
        "meta": {**meta, "mark": mark, "printed": printed if every_copy else printed[:1]},
        "blocks": data["blocks"],
        "fonts": fonts.families(),
        "seal": seal_svg(meta["seal"]["name"], demo=meta["seal"]["demo"]) if meta.get("seal") else "",
        "qr": qr_svg(meta["link"]) if meta.get("link") else "",
    }
    return {"data": json.dumps(drawn, ensure_ascii=False)}


def _compile(data: Mapping[str, Any], mark: str, every_copy: bool = False, **options: Any) -> Any:
    moment = datetime.fromisoformat(data["meta"]["issued_at"])
    with _one_at_a_time:
        return _compiler().compile(sys_inputs=_inputs(data, mark, every_copy), timestamp=moment, **options)


def pdf(data: Mapping[str, Any], mark: str = "") -> bytes:
    """The PDF of a filled document, the party's copy where copies have names. `mark` is printed across every page
    (草稿, 作废)."""
    return _compile(data, mark, format="pdf", pdf_standards=["a-2a", "ua-1"])


def every_copy(data: Mapping[str, Any], mark: str = "") -> bytes:
    """The PDF for printing: every named copy in order, each with its own mark and page numbers. Where a template names
    none it is the PDF itself."""
    return _compile(data, mark, every_copy=True, format="pdf", pdf_standards=["a-2a", "ua-1"])


def drawings(data: Mapping[str, Any], mark: str = "") -> list[bytes]:
    """The pages as SVG, letters drawn as shapes: the quickest way to a screen."""
    drawn = _compile(data, mark, format="svg")
    return drawn if isinstance(drawn, list) else [drawn]


def pages(data: Mapping[str, Any], mark: str = "", ppi: int = 110) -> list[bytes]:
    """The pages as PNG images."""
    images = _compile(data, mark, format="png", ppi=ppi)
    return images if isinstance(images, list) else [images]
