"""The fonts documents are set in: those shipped on PyPI, plus the licensed ones of DOC_FONT_DIR.

The standard's 仿宋_GB2312 and 方正小标宋 may not be given away; with DOC_FONT_DIR they are used, without it
Noto Serif SC and Noto Sans SC (SIL Open Font License) stand in for them.
"""

import os
from functools import lru_cache
from pathlib import Path

import pylopdf_fonts_zh_cn
import typst
from fontTools.ttLib import TTCollection, TTFont

SHAPES = "☐☑☒"
"""Drawn by the house style itself: no font here has all three."""

_WISHES = {
    "fang": ("FangSong_GB2312", "仿宋_GB2312", "FangSong", "仿宋", "Noto Serif SC"),
    "song": ("SimSun", "宋体", "Noto Serif SC"),
    "title": ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "方正小标宋简体", "Noto Serif SC"),
    "hei": ("SimHei", "黑体", "Noto Sans SC"),
}


def folders() -> list[Path]:
    """Where font files lie."""
    shipped = pylopdf_fonts_zh_cn.serif_path().parent
    own = os.environ.get("DOC_FONT_DIR")
    return [shipped, Path(own)] if own else [shipped]


@lru_cache(maxsize=1)
def book() -> typst.Fonts:
    """The font book of the compiler: nothing of the system, so that every machine sets the same pages."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(f) for f in folders()]
    )


@lru_cache(maxsize=1)
def families() -> dict[str, list[str]]:
    """For each role the families that are there, the best first."""
    present = set(book().families())
    chosen = {role: [name for name in wishes if name in present] for role, wishes in _WISHES.items()}
    if not all(chosen.values()):
        raise RuntimeError("the fonts of pylopdf-fonts-zh-cn are missing")
    return chosen


@lru_cache(maxsize=1)
def _drawable() -> frozenset[int]:
    points: set[int] = set()
    for path in sorted(p for folder in folders() for p in folder.iterdir()):
        suffix = path.suffix.lower()
        if suffix in (".otf", ".ttf"):
            points |= TTFont(path, lazy=True).getBestCmap().keys()
        elif suffix in (".ttc", ".otc"):
            for font in TTCollection(path, lazy=True).fonts:
                points |= font.getBestCmap().keys()
    return frozenset(points)


def undrawable(text: str) -> list[str]:
    """The characters of a text that no font has, each once."""
    have = _drawable()
    return sorted({c for c in text if ord(c) not in have and c not in SHAPES and not c.isspace()})
