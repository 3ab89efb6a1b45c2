"""The tier of discretion (裁量档次) that a case falls into by the decision table of its band. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
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


def number(value: Any) -> Decimal | None:
    """A plain number, or None for what is none."""
    if value is None or isinstance(value, bool):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def yuan(amount: Decimal | None) -> str:
    """A sum as messages say it."""
    text = f"{amount:f}" if amount is not None else "？"
    return text.rstrip("0").rstrip(".") if "." in text else text


def holds(amount: Decimal, tier: Mapping[str, Any], *, last: bool) -> bool:
    """Whether an amount lies in a tier, which may say itself which of its ends belong to it."""
    low, high = number(tier["low"]), number(tier["high"])
    if low is None or high is None or not low <= amount <= high:
        return False
    if amount == high and not tier.get("high_included", last):
        return False
    return bool(amount != low or tier.get("low_included", True))


def spans(tiers: Sequence[Mapping[str, Any]]) -> str:
    """The amounts of tiers in words."""
    return "、".join(f"{yuan(number(each['low']))}元至{yuan(number(each['high']))}元" for each in tiers)


def off_listed(value: Any, name: str, listed: Sequence[Mapping[str, Any]]) -> str:
    """What is to be said of an amount off the tier of this name in a list of tiers; empty: it lies in it."""
    amount = number(value)
    if not amount or amount < 0 or not listed or not name:
        return ""
    named = [each for each in listed if each.get("name") == name]
    if not named:
        return f"裁量基准没有“{name}”这一档"
    if any(holds(amount, each, last=each is listed[-1]) for each in named):
        return ""
    return f"{yuan(amount)}元不在“{name}”的幅度（{spans(named)}）之内"
