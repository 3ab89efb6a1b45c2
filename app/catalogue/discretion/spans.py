"""The amounts of a baseline's tiers: within the law's range, without gaps and overlaps, more for what is worse."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .amounts import number
from .model import NO_PENALTY, VOCABULARY, Baseline, Tier

Found = tuple[str, str, tuple[int, ...]]
SCALE = Decimal(10_000)
"""The maximum with which a formula for every range of the law is tried."""


@dataclass(frozen=True, slots=True)
class Span:
    """A tier's amounts within one range of the law."""

    place: int
    tier: Tier
    low: Decimal
    high: Decimal

    @property
    def empty(self) -> bool:
        """Whether no amount is in it."""
        closed = self.tier.low_included and self.tier.high_included
        return self.low > self.high or (self.low == self.high and not closed)


def graded(baseline: Baseline) -> list[tuple[int, Tier]]:
    """The tiers that set a penalty, with their places."""
    return [(n, tier) for n, tier in enumerate(baseline.tiers) if tier.name not in NO_PENALTY]


def problems(baseline: Baseline) -> Iterator[Found]:
    """What is wrong with the amounts."""
    law, tiers = baseline.statutory, graded(baseline)
    if law.kind == "none" or not tiers:
        return
    for n, tier in tiers:
        if tier.low == tier.high and law.kind != "fixed" and not tier.fixed_by_law:
            told = f"“{tier.name}”档是固定的 {tier.low}，没有浮动区间；法律规定固定金额的请写明条款。"
            yield "fixed", told, (n,)
    seen: set[tuple[str, tuple[int, ...]]] = set()
    for least, most in _ranges(baseline):
        spans = [
            Span(n, tier, tier.low.value(least, most), tier.high.value(least, most)) for n, tier in tiers
        ]
        example = f"（例如法定幅度 {number(least)} 至 {number(most)} 元）" if law.kind == "formula" else ""
        for name, message, places in _within(spans, least, most, law.unit):
            if not example or (name, places) not in seen:
                seen.add((name, places))
                yield name, message + example, places


def _ranges(baseline: Baseline) -> Iterator[tuple[Decimal, Decimal]]:
    """The law's range; for a formula one range of each kind, as which amounts are greater depends on it."""
    law = baseline.statutory
    if law.kind != "formula":
        if law.most is not None:
            yield law.least or Decimal(0), law.most
        return
    forms = {end for _, tier in graded(baseline) for end in (tier.low, tier.high)}
    cuts = {Decimal(0), Decimal(1)}
    for one, other in itertools.combinations(forms, 2):
        if slope := one.of_min - other.of_min:
            cut = (other.of_max - one.of_max) / slope
            if 0 < cut < 1:
                cuts.add(cut)
    ends = sorted(cuts)
    for low, high in itertools.pairwise(ends):
        yield (low + high) / 2 * SCALE, SCALE
        if high < 1:
            yield high * SCALE, SCALE


def _within(spans: Sequence[Span], least: Decimal, most: Decimal, unit: str) -> Iterator[Found]:
    for span in spans:
        yield from _alone(span, least, most, unit)
    kept = [span for span in spans if not span.empty]
    yield from _together(sorted(kept, key=lambda s: (s.low, s.high)), unit)
    regular = [span for span in kept if span.tier.name not in VOCABULARY["below_minimum"]]
    yield from _gaps(sorted(regular, key=lambda s: (s.low, s.high)), least, most, unit)
    yield from _order(kept)


def _alone(span: Span, least: Decimal, most: Decimal, unit: str) -> Iterator[Found]:
    tier, place = span.tier, (span.place,)
    if span.empty:
        yield (
            "reversed",
            f"“{tier.name}”档的下限 {number(span.low)} 不低于上限 {number(span.high)}，没有可选的金额。",
            place,
        )
    if span.high > most or span.low < 0:
        yield "bounds", f"“{tier.name}”档超出法定上限 {number(most)} {unit}或者低于零。", place
    elif span.low < least and tier.name not in VOCABULARY["below_minimum"]:
        yield (
            "bounds",
            f"“{tier.name}”档低于法定下限 {number(least)} {unit}；只有减轻处罚可以低于下限。",
            place,
        )
    elif span.low < least and not (tier.basis or tier.fixed_by_law):
        yield "milder_without_basis", f"“{tier.name}”档低于法定下限，没有写明依据的条款。", place


def _together(spans: Sequence[Span], unit: str) -> Iterator[Found]:
    for one, other in itertools.pairwise(spans):
        places = (one.place, other.place)
        names = f"“{one.tier.name}”档与“{other.tier.name}”档"
        if other.low < one.high:
            top = min(one.high, other.high)
            yield "overlap", f"{names}的金额重叠：{number(other.low)} 至 {number(top)} {unit}。", places
        elif other.low == one.high and one.tier.high_included and other.tier.low_included:
            told = f"{names}都包含 {number(one.high)} {unit}；按较轻的一档处理。"
            yield "shared_end", told, places


def _gaps(spans: Sequence[Span], least: Decimal, most: Decimal, unit: str) -> Iterator[Found]:
    reached, held = least, False
    for span in spans:
        if span.low > reached or (span.low == reached and not held and not span.tier.low_included):
            yield "gap", _told(reached, span.low, unit), (span.place,)
        if span.high > reached or (span.high == reached and span.tier.high_included):
            reached, held = span.high, span.tier.high_included
    if spans and (reached < most or (reached == most and not held)):
        yield "gap", _told(reached, most, unit), (spans[-1].place,)


def _told(low: Decimal, high: Decimal, unit: str) -> str:
    if low == high:
        return f"{number(low)} {unit}不在任何一档中。"
    return f"{number(low)} 至 {number(high)} {unit}之间没有档次。"


def _order(spans: Sequence[Span]) -> Iterator[Found]:
    ranked = sorted(spans, key=lambda s: s.tier.rank)
    for one, other in itertools.combinations(ranked, 2):
        if one.tier.rank < other.tier.rank and (one.low > other.low or one.high > other.high):
            told = f"“{one.tier.name}”档的金额高于更重的“{other.tier.name}”档。"
            yield "order", told, (one.place, other.place)
