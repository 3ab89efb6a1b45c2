"""Plane affine maps as six numbers `(a, b, c, d, e, f)`: x' = a·x + c·y + e, y' = b·x + d·y + f. Pure."""

import math
from collections.abc import Iterable

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, width, height."""
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def times(first: Matrix, then: Matrix) -> Matrix:
    """The map that does `first` and `then` the other."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def apply(matrix: Matrix, point: Point) -> Point:
    """Where a point comes to lie."""
    a, b, c, d, e, f = matrix
    x, y = point
    return a * x + c * y + e, b * x + d * y + f


def scale_of(matrix: Matrix) -> float:
    """By how much lengths grow, on the average of all directions."""
    a, b, c, d, _, _ = matrix
    return math.sqrt(abs(a * d - b * c))


def upright(matrix: Matrix) -> bool:
    """Whether it only moves and grows, in both directions alike."""
    a, b, c, d, _, _ = matrix
    return abs(b) < 1e-6 and abs(c) < 1e-6 and abs(a - d) < 1e-6 and a > 0


def around(points: Iterable[Point], margin: float = 0.0) -> Box:
    """The smallest box around points, widened by a margin on every side."""
    xs, ys = zip(*points, strict=True)
    left, top = min(xs) - margin, min(ys) - margin
    return left, top, max(xs) + margin - left, max(ys) + margin - top


def within(inner: Box, outer: Box) -> bool:
    """Whether a box lies in another, but for a thousandth."""
    return (
        inner[0] >= outer[0] - 1e-3
        and inner[1] >= outer[1] - 1e-3
        and inner[0] + inner[2] <= outer[0] + outer[2] + 1e-3
        and inner[1] + inner[3] <= outer[1] + outer[3] + 1e-3
    )
