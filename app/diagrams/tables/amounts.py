"""What a table of discretion tiers must keep in its amounts.

Sources: 枣司发〔2019〕19号 二（一）3 (each tier leaves a range, unless the law fixes the amount); 行政处罚法第三十四条;
tiers neither overlap nor leave amounts out. By 民法典第一千二百五十九条 “以上” and “以下” include the number itself:
an end that two tiers share is told, and belongs to the lighter one.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from .evaluation import Understood
from .model import HIGH, LOW, NUMBER, TIER, Problem, Severity, digits, listed
from .regions import Axis, Box

Tier = tuple[Decimal, Decimal, str, int]
"""(low, high, name, row from 1)"""


def _given(understood: Understood) -> Iterator[tuple[Any, Any, Any, int]]:
    places = [understood.table.output(name) for name in (TIER, LOW, HIGH)]
    for at, given in enumerate(understood.results):
        name, low, high = (given[place] if place is not None else None for place in places)
        yield name, low, high, at


def amounts(understood: Understood, axes: Sequence[Axis], boxes: Sequence[Box]) -> Iterator[Problem]:
    """What is wrong with the amounts of the tiers."""
    found: list[Tier] = []
    for name, low, high, at in _given(understood):
        if not isinstance(name, str) or not isinstance(low, Decimal) or not isinstance(high, Decimal):
            yield Problem("tier", f"第 {at + 1} 行的档次、下限、上限应当都填写。", rows=(at + 1,))
        elif low > high or low < 0:
            what = "下限大于上限" if low > high else "金额小于零"
            yield Problem("tier", f"第 {at + 1} 行“{name}”档{what}。", rows=(at + 1,))
        else:
            found.append((low, high, name, at + 1))
    yield from _fixed(found)
    yield from _between(found)
    yield from _order(found, axes, boxes)


def within(
    understood: Understood, minimum: Decimal | None, maximum: Decimal | None, lenient: str
) -> Iterator[Problem]:
    """Tiers outside the law's range (save `lenient` ones below it and those without a fine), and amounts of the
    range that no tier reaches."""
    fined = [
        (low, high, name, at + 1)
        for name, low, high, at in _given(understood)
        if isinstance(low, Decimal) and isinstance(high, Decimal) and high != 0
    ]
    for low, high, name, row in fined:
        if maximum is not None and high > maximum:
            message = f"第 {row} 行“{name}”档的上限 {digits(high)} 超过法定上限 {digits(maximum)}。"
            yield Problem("range", message, rows=(row,))
        if minimum is not None and low < minimum and name != lenient:
            message = f"第 {row} 行“{name}”档的下限 {digits(low)} 低于法定下限 {digits(minimum)}。"
            yield Problem("range", message, rows=(row,))
    if not fined:
        return
    least, most = min(fined), max(fined, key=lambda tier: tier[1])
    if minimum is not None and least[0] > minimum:
        message = f"法定下限 {digits(minimum)} 至 {digits(least[0])} 之间的数额不属于任何档次。"
        yield Problem("amount_gap", message, rows=(least[3],))
    if maximum is not None and most[1] < maximum:
        message = f"{digits(most[1])} 至法定上限 {digits(maximum)} 之间的数额不属于任何档次。"
        yield Problem("amount_gap", message, rows=(most[3],))


def _fixed(tiers: Sequence[Tier]) -> Iterator[Problem]:
    for low, high, name, row in tiers:
        if low == high != 0:
            message = f"第 {row} 行“{name}”档是固定数额 {digits(low)}：除法律规定固定数额的以外，每档应当有浮动幅度。"
            yield Problem("fixed", message, rows=(row,))


def _between(tiers: Sequence[Tier]) -> Iterator[Problem]:
    fined = sorted({(low, high, name): row for low, high, name, row in tiers if high != 0}.items())
    for ((_, high, name), row), ((low, _, other), next_row) in pairwise(fined):
        rows = tuple(sorted((row, next_row)))
        if low > high:
            message = (
                f"{listed(rows)}：“{name}”档的上限 {digits(high)} 与“{other}”档的下限 {digits(low)} 之间的数额"
                f"不属于任何档次。"
            )
            yield Problem("amount_gap", message, rows=rows)
        elif low < high and name != other:
            message = f"{listed(rows)}：{digits(low)} 至 {digits(high)} 同属“{name}”和“{other}”两档。"
            yield Problem("amount_overlap", message, rows=rows)
        elif low == high and name != other:
            message = f"{listed(rows)}：{digits(low)} 同属“{name}”和“{other}”两档，按较轻的“{name}”档掌握。"
            yield Problem("shared_end", message, Severity.HINT, rows)


def _order(tiers: Sequence[Tier], axes: Sequence[Axis], boxes: Sequence[Box]) -> Iterator[Problem]:
    """Along a number, other things being equal, tiers get heavier or they get lighter, never both."""
    for at, axis in enumerate(axes):
        if axis.attribute.kind != NUMBER:
            continue
        up: tuple[int, int] | None = None
        down: tuple[int, int] | None = None
        for low_a, _, _, a in tiers:
            for low_b, _, _, b in tiers:
                if low_a != low_b and _follows(boxes[a - 1], boxes[b - 1], at):
                    up, down = ((a, b), down) if low_a < low_b else (up, (a, b))
        if up and down:
            message = (
                f"随着“{axis.attribute.label}”增大，从第 {up[0]} 行到第 {up[1]} 行加重，"
                f"从第 {down[0]} 行到第 {down[1]} 行却减轻，请核对。"
            )
            yield Problem("order", message, Severity.HINT, tuple(sorted({*up, *down})))


def _follows(a: Box, b: Box, at: int) -> bool:
    """Whether box `b` lies wholly above `a` on one axis and meets it on all others."""
    if not all(x & y for i, (x, y) in enumerate(zip(a, b, strict=True)) if i != at) or not (a[at] and b[at]):
        return False
    lowest_b = (b[at] & -b[at]).bit_length()
    return a[at].bit_length() < lowest_b
