"""The tier of discretion (裁量档次) that a case falls into by the decision table of its band. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.diagrams.rules import Band

from .base import Evaluate


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier: amounts from `low` to `high`, both included (民法典第一千二百五十九条: 以上、以下 include the number)."""

    name: str
    low: Decimal
    high: Decimal


def recommended(
    band: Band, values: Mapping[str, Any], params: Mapping[str, Any], evaluate: Evaluate
) -> Tier | None:
    """The tier for the case's attributes; None: the band has no table, or no row speaks of such a case.

    Where an official standard lets two rows speak of one case, the lighter one applies.
    """
    found = [
        Tier(str(raw["name"]), Decimal(str(raw["low"])), Decimal(str(raw["high"])))
        for raw in band.tiers
        if evaluate(raw["when"], values, params)
    ]
    return min(found, key=lambda tier: (tier.low, tier.high), default=None)
