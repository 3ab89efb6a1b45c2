"""Which tier a case falls into, and why, as the decision will say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from . import facts as known
from .amounts import number
from .model import NO_PENALTY, Baseline, Tier


@dataclass(frozen=True, slots=True)
class Advice:
    """The tier recommended (its place; None where none fits), its amounts in the unit of the law's range (None where the
    law names no maximum), the reasoning, and what has to be said before more can be told."""

    place: int | None
    tier: Tier | None
    low: Decimal | None
    high: Decimal | None
    reasoning: str
    lacking: tuple[str, ...] = ()


def recommend(baseline: Baseline, facts: Mapping[str, Any]) -> Advice:
    """The tier for these facts. Of several that fit the mildest is taken: a shared end belongs to the lighter one.

    A fact that is not given and that some condition reads is named in `lacking`, by its label.
    """
    wanted = {fact.name: fact for fact in known.facts_of(baseline)}
    lacking = tuple(fact.label for name, fact in wanted.items() if name not in facts)
    if lacking:
        return Advice(None, None, None, None, f"请先写明：{'、'.join(lacking)}。", lacking)
    fitting = [n for n, tier in enumerate(baseline.tiers) if tier.condition and tier.condition.holds(facts)]
    told = known.told({name: facts[name] for name in wanted}, list(wanted.values()))
    if not fitting:
        return Advice(
            None, None, None, None, f"{told}：裁量基准中没有对应的档次，请说明理由后按法定幅度裁量。"
        )
    place = min(fitting, key=lambda n: baseline.tiers[n].rank)
    tier, law = baseline.tiers[place], baseline.statutory
    reasoning = f"{told}，符合“{tier.told}”，属于“{tier.name}”档"
    if tier.name in NO_PENALTY:
        return Advice(place, tier, Decimal(0), Decimal(0), f"{reasoning}，不处罚款。")
    if law.most is None and (tier.low.relative or tier.high.relative):
        return Advice(place, tier, None, None, f"{reasoning}，幅度按{tier.low}至{tier.high}计算。")
    least, most = law.least or Decimal(0), law.most or Decimal(0)
    low, high = tier.low.value(least, most), tier.high.value(least, most)
    unit = f"{law.base}的" if law.unit == "倍" and law.base else ""
    span = number(low) if low == high else f"{number(low)}至{number(high)}"
    return Advice(place, tier, low, high, f"{reasoning}，罚款{unit}{span}{law.unit}。")
