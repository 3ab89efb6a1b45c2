"""The look of a round agency seal as SVG: 42 mm, red rim, star, the name along the arc.

It is a picture, not the electronic seal of GB/T 38540. Names are drawn as outlines of the shipped font, so
that a seal looks the same everywhere and its characters never mix with the text of the page.
"""

import math
from functools import lru_cache

import pylopdf_fonts_zh_cn
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont

_RED = "#d7000f"
_CENTRE = 100.0
_BASELINE = 69.0  # radius on which the feet of the characters stand; the viewBox is 200 wide
_WIDEST = 260.0  # degrees of arc a name may take


@lru_cache(maxsize=1)
def _font() -> TTFont:
    return TTFont(pylopdf_fonts_zh_cn.serif_path())


@lru_cache(maxsize=512)
def _outline(character: str) -> tuple[str, float]:
    """Path and advance width (units of 1/1000 em) of a character."""
    font = _font()
    glyphs = font.getGlyphSet()
    name = font.getBestCmap().get(ord(character), ".notdef")
    pen = SVGPathPen(glyphs, ntos=lambda value: f"{value:.0f}")
    glyphs[name].draw(pen)
    return pen.getCommands(), float(glyphs[name].width)


def _glyph(character: str, x: float, y: float, turn: float, wide: float, high: float) -> str:
    path, advance = _outline(character)
    place = f"translate({x:.2f} {y:.2f}) rotate({turn:.2f}) scale({wide / 1000:.5f} {-high / 1000:.5f})"
    return f'<path transform="{place} translate({-advance / 2:.0f} 0)" d="{path}"/>'


def _star(radius: float) -> str:
    points = []
    for corner in range(10):
        reach = radius if corner % 2 == 0 else radius * 0.382
        angle = math.radians(36 * corner - 90)
        points.append(f"{_CENTRE + reach * math.cos(angle):.2f},{_CENTRE + reach * math.sin(angle):.2f}")
    return f'<polygon points="{" ".join(points)}"/>'


@lru_cache(maxsize=256)
def seal_svg(name: str, *, demo: bool) -> str:
    """The seal of an agency; one for demonstration says 演示 under its star."""
    count = max(len(name), 1)
    step = min(24.0, _WIDEST / count)
    wide = min(22.0, math.radians(step) * _BASELINE * 0.86)
    high = 25.0 if count <= 16 else 21.0
    parts = [_star(27.0)]
    for position, character in enumerate(name):
        turn = (position - (count - 1) / 2) * step
        angle = math.radians(turn - 90)
        x, y = _CENTRE + _BASELINE * math.cos(angle), _CENTRE + _BASELINE * math.sin(angle)
        parts.append(_glyph(character, x, y, turn, wide, high))
    if demo:
        parts += [_glyph(c, _CENTRE + dx, 156, 0, 20, 20) for c, dx in (("演", -13), ("示", 13))]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="42mm" height="42mm" viewBox="0 0 200 200">'
        f'<circle cx="100" cy="100" r="96.5" fill="none" stroke="{_RED}" stroke-width="5"/>'
        f'<g fill="{_RED}" stroke="{_RED}" stroke-width="18" stroke-linejoin="round">{"".join(parts[1:])}</g>'
        f'<g fill="{_RED}">{parts[0]}</g></svg>'
    )
