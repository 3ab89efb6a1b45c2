"""The discretion tier that a case falls into, told on the page before the amount is written down."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from app.catalogue import service as catalogue
from app.diagrams.rules import Band, Rules
from app.forms import conditions

from . import standards
from .gates import matches, tiers
from .gates.base import Evaluate

if TYPE_CHECKING:
    from .locking import Running


@dataclass(frozen=True, slots=True)
class Advice:
    """What a band's decision table says of a case at a step.

    `tiers` are the tiers of the table in its order, `applies` the one for this case (None: no row speaks of it),
    `open` the labels of the attributes that the form at hand writes itself: with them the tier is found anew.
    """

    band: str
    article: str
    tiers: Sequence[tiers.Tier]
    applies: tiers.Tier | None
    open: Sequence[str]


def advice(
    rules: Rules, step: str, attributes: Mapping[str, Any], writes: Set[str], evaluate: Evaluate
) -> Sequence[Advice]:
    """The advice for a step; none where no band with a table speaks of it.

    Args:
        attributes: those of the case, derived ones included.
        writes: the attributes that the step's form writes.
    """
    return [
        Advice(
            band.name,
            band.article,
            _all(band),
            tiers.recommended(band, attributes, rules.params, evaluate),
            [rules.labels.get(name, name) for name in sorted(_asked(rules, band) & writes)],
        )
        for band in rules.bands
        if band.tiers and matches(step, band.steps) and _speaks(band, rules, attributes, writes, evaluate)
    ]


@dataclass(frozen=True, slots=True)
class Cited:
    """The tiers that an item itself has for a band: those of the standard that counts in the case. `baseline` is that
    version as the catalogue tells it (`number`, `version`, `approval` ...), empty where the item names none; `whose` says
    of which day it is, where that was chosen; `recommended` is the tier for the facts of the case, where it tells all."""

    band: str
    article: str
    baseline: Mapping[str, Any]
    tiers: Sequence[Mapping[str, Any]]
    whose: str = ""
    lacking: str = ""
    recommended: str = ""


def cited(
    running: "Running", step: str, filed: standards.Filed, attributes: Mapping[str, Any]
) -> Sequence[Cited]:
    """What the item's tiers say at a step; nothing where it has none, or its baseline is not approved and in force."""
    if not standards.weighs(running, step):
        return ()
    found = standards.counted(running, filed, step)
    item = standards.item_of(running, found)
    lacking = found.pair.lacking if found.pair else ""
    whose = standards.WHOSE[found.choice] if found.pair and found.pair.differs else ""
    facts = {**attributes, **{name: value for answers in filed.values() for name, value in answers.items()}}
    return [
        Cited(
            band.name,
            band.article,
            item.get("baseline_version") or {},
            listed,
            whose,
            lacking,
            _for(found, facts),
        )
        for band in running.procedure.rules.bands
        if band.item_tiers and matches(step, band.steps) and (listed := item.get(band.item_tiers) or ())
    ]


def _for(found: standards.Counted, facts: Mapping[str, Any]) -> str:
    """Why which tier of the standard fits these facts; empty where its conditions read more than is known."""
    if found.applied is None or found.applied.baseline is None:
        return ""
    advice = catalogue.discretion.recommend(found.applied.baseline, facts)
    return "" if advice.lacking or advice.place is None else advice.reasoning


def _all(band: Band) -> list[tiers.Tier]:
    """Every tier once; several rows may lead to the same."""
    found = [tiers.Tier(str(t["name"]), Decimal(str(t["low"])), Decimal(str(t["high"]))) for t in band.tiers]
    return list(dict.fromkeys(found))


def _speaks(
    band: Band, rules: Rules, attributes: Mapping[str, Any], writes: Set[str], evaluate: Evaluate
) -> bool:
    """Whether the band's own condition holds, or may hold once the form is handed in."""
    if not band.when or _below(rules, conditions.fields(band.when)) & writes:
        return True
    return evaluate(band.when, attributes, rules.params)


def _asked(rules: Rules, band: Band) -> set[str]:
    return _below(rules, set().union(*(conditions.fields(tier["when"]) for tier in band.tiers)))


def _below(rules: Rules, names: Set[str]) -> set[str]:
    """Attributes with those that derived ones among them are computed from."""
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += conditions.fields(rules.derived[name]) if name in rules.derived else ()
    return found
