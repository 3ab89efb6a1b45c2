"""The values of a table's inputs as finitely many regions, so that gaps and overlaps are decided exactly.

Numbers that no cell of the column tells apart are one region. A row covers a box: of each input some regions,
kept as a bit mask.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from .cells import Cell
from .model import BOOLEAN, CHOICE, NUMBER, Attribute, Domain, digits

Box = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Region:
    """Values of an input that no cell tells apart. `sample` is one of them; of numbers, `low` and `high` are the
    ends (None: without limit), each with whether it belongs to the region."""

    sample: Any
    low: Decimal | None = None
    low_in: bool = True
    high: Decimal | None = None
    high_in: bool = True


@dataclass(frozen=True, slots=True)
class Axis:
    """One input: its attribute and its regions, numbers in ascending order."""

    name: str
    attribute: Attribute
    regions: tuple[Region, ...]
    whole: bool = False

    @property
    def all(self) -> int:
        """The mask of every region."""
        return (1 << len(self.regions)) - 1

    def mask(self, cell: Cell) -> int:
        """The regions whose values answer a cell."""
        return sum(1 << at for at, region in enumerate(self.regions) if cell.holds(region.sample))

    def first(self, mask: int) -> Any:
        """A value of the lowest region of a mask."""
        return self.regions[(mask & -mask).bit_length() - 1].sample

    def words(self, mask: int) -> str:
        """The regions of a mask for people; empty: any value."""
        if mask == self.all:
            return ""
        if self.attribute.kind in (BOOLEAN, CHOICE):
            found = [r.sample for at, r in enumerate(self.regions) if mask >> at & 1]
            return "、".join(map(self.attribute.say, found))
        return " 或者 ".join(self._range(first, last) for first, last in _runs(mask))

    def feel(self, mask: int) -> str:
        """The regions of a mask as a cell asks for them."""
        if mask == self.all:
            return "-"
        if self.attribute.kind in (BOOLEAN, CHOICE):
            found = [r.sample for at, r in enumerate(self.regions) if mask >> at & 1]
            return ", ".join(str(each).lower() if isinstance(each, bool) else f'"{each}"' for each in found)
        return ", ".join(self._interval(first, last) for first, last in _runs(mask))

    def _interval(self, first: int, last: int) -> str:
        a, b = self.regions[first], self.regions[last]
        if a.low is None or b.high is None:
            low = f"{'>=' if a.low_in else '>'} {a.low:f}" if a.low is not None else ""
            high = f"{'<=' if b.high_in else '<'} {b.high:f}" if b.high is not None else ""
            return low or high or "-"
        if a.low == b.high:
            return f"{a.low:f}"
        return f"{'[' if a.low_in else '('}{a.low:f}..{b.high:f}{']' if b.high_in else ')'}"

    def _range(self, first: int, last: int) -> str:
        a, b = self.regions[first], self.regions[last]
        if a.low is not None and a.low == b.high:
            return digits(a.low)
        if self.whole and a.sample == b.sample and first == last and a.low is not None and b.high is not None:
            return digits(a.sample)
        low = f"{'不低于' if a.low_in else '高于'} {digits(a.low)}" if a.low is not None else ""
        high = f"{'不超过' if b.high_in else '低于'} {digits(b.high)}" if b.high is not None else ""
        return "且".join(part for part in (low, high) if part) or "任何数"


def _runs(mask: int) -> Iterator[tuple[int, int]]:
    at = 0
    while mask >> at:
        if mask >> at & 1:
            first = at
            while mask >> (at + 1) & 1:
                at += 1
            yield first, at
        at += 1


def axis(attribute: Attribute, cells: Sequence[Cell], domain: Domain, allowed: Cell) -> Axis:
    """The regions of an input, cut where one of its cells can change its answer; values that are not `allowed`
    or not of the domain are left out."""
    if attribute.kind == BOOLEAN:
        regions = [Region(False), Region(True)]
    elif attribute.kind == CHOICE:
        regions = [Region(option) for option in attribute.options]
    else:
        regions = list(_numbers(cells, domain, allowed))
    kept = tuple(region for region in regions if allowed.holds(region.sample))
    return Axis(attribute.name, attribute, kept or tuple(regions), domain.whole)


def _numbers(cells: Sequence[Cell], domain: Domain, allowed: Cell) -> Iterator[Region]:
    found = {number for cell in (*cells, allowed) for number in cell.numbers()}
    least = domain.least
    cuts = sorted(found if least is None else {least, *(each for each in found if each >= least)})
    if not cuts:
        yield Region(Decimal(0), None, False, None, False)
        return
    if least is None:
        yield Region(cuts[0].to_integral_value() - 1, None, False, cuts[0], False)
    for cut, following in zip(cuts, [*cuts[1:], None], strict=True):
        if not domain.whole or cut == cut.to_integral_value():
            yield Region(cut, cut, True, cut, True)
        sample = _between(cut, following, domain.whole)
        if sample is not None:
            yield Region(sample, cut, False, following, False)


def _between(low: Decimal, high: Decimal | None, whole: bool) -> Decimal | None:
    """A value between two ends, both left out, as an official would try it; None: there is none."""
    above = low.to_integral_value(rounding="ROUND_FLOOR") + 1
    if high is None:
        return above
    below = high.to_integral_value(rounding="ROUND_CEILING") - 1
    if low < below < high:
        return below
    if above < high:
        return above
    return None if whole else (low + high) / 2


def box_of(axes: Sequence[Axis], cells: Sequence[Cell]) -> Box:
    """What a row covers."""
    return tuple(each.mask(cell) for each, cell in zip(axes, cells, strict=True))


def met(a: Box, b: Box) -> Box | None:
    """What two boxes share; None: nothing."""
    shared = tuple(x & y for x, y in zip(a, b, strict=True))
    return shared if all(shared) else None


def without(box: Box, taken: Box) -> list[Box]:
    """A box less another, as boxes that share nothing."""
    if met(box, taken) is None:
        return [box]
    found, rest = [], list(box)
    for at, mask in enumerate(taken):
        if outside := rest[at] & ~mask:
            found.append((*rest[:at], outside, *rest[at + 1 :]))
        rest[at] &= mask
    return found


def uncovered(axes: Sequence[Axis], boxes: Sequence[Box], most: int) -> list[Box] | None:
    """What no box covers, as the largest boxes; None where there are more pieces than `most`."""
    left: list[Box] = [tuple(each.all for each in axes)]
    for box in boxes:
        left = [piece for each in left for piece in without(each, box)]
        if len(left) > most:
            return None
    return list(dict.fromkeys(_grown(axes, piece, boxes) for piece in left))


def ranges(axes: Sequence[Axis], box: Box) -> Iterator[Box]:
    """A box as boxes whose numbers are one range each: each range of a gap is told with an example of its own."""
    masks = [
        [sum(1 << at for at in range(first, last + 1)) for first, last in _runs(mask)]
        if each.attribute.kind == NUMBER
        else [mask]
        for each, mask in zip(axes, box, strict=True)
    ]
    return product(*masks)


def _grown(axes: Sequence[Axis], piece: Box, boxes: Sequence[Box]) -> Box:
    """The piece, made as wide as it can be without touching a box: fewer and plainer gaps to read."""
    grown = list(piece)
    for at, each in enumerate(axes):
        for region in range(len(each.regions)):
            wider = (*grown[:at], grown[at] | 1 << region, *grown[at + 1 :])
            if all(met(wider, box) is None for box in boxes):
                grown[at] = wider[at]
    return tuple(grown)


def example(axes: Sequence[Axis], box: Box) -> dict[str, Any]:
    """Values of the inputs that lie in a box."""
    return {each.name: each.first(mask) for each, mask in zip(axes, box, strict=True)}


def closing(axes: Sequence[Axis], box: Box) -> tuple[str, ...]:
    """The cells of a row that covers a box."""
    return tuple(each.feel(mask) for each, mask in zip(axes, box, strict=True))


def words(axes: Sequence[Axis], box: Box) -> str:
    """A box for people."""
    parts = [
        f"{a.attribute.label}：{said}" for a, mask in zip(axes, box, strict=True) if (said := a.words(mask))
    ]
    return "；".join(parts) or "任何情形"


def example_words(axes: Sequence[Axis], values: Mapping[str, Any]) -> str:
    """An example for people: `罚款金额 9,999，当事人类型 “自然人”`."""
    return "，".join(f"{a.attribute.label} {a.attribute.say(values[a.name])}" for a in axes)
