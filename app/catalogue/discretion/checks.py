"""What is wrong with a discretion baseline: amounts that leave gaps or the law's range, conditions that overlap.

`data/discretion.yaml` says how much each check weighs for standards taken over and for what is drawn up locally.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from . import conditions, spans
from .model import NO_PENALTY, VOCABULARY, Baseline, Tier


class Severity(StrEnum):
    """How much a problem weighs."""

    BLOCK = "block"
    WARN = "warn"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a baseline: `check` is its key in `data/discretion.yaml`, `tiers` the places of the tiers it is
    about (from 0), `basis` the rule that it breaks."""

    check: str
    severity: Severity
    message: str
    tiers: tuple[int, ...] = ()
    basis: str = ""


def check(baseline: Baseline, *, official: bool) -> list[Problem]:
    """All problems, the weightiest first. `official`: a superior authority has issued it, it is taken over as it is."""
    found = [*_plain(baseline), *spans.problems(baseline), *conditions.problems(baseline)]
    made = list(dict.fromkeys(_weighed(one, baseline, official) for one in found))
    return sorted(made, key=lambda one: list(Severity).index(one.severity))


def _weighed(found: tuple[str, str, tuple[int, ...]], baseline: Baseline, official: bool) -> Problem:
    name, message, tiers = found
    about: dict[str, Any] = VOCABULARY["checks"][name]
    severity = Severity(about["official" if official else "local"])
    if not baseline.whole and name in ("gap", "no_tier"):
        severity = Severity.NOTE  # what is missing may stand in the part that is not here
    return Problem(name, severity, message, tiers, about.get("basis", ""))


def _plain(baseline: Baseline) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    if not baseline.whole:
        yield "excerpt", "只有摘录，缺少的档次无法判断；请补全后再送审。", ()
    kinds = [factor.partition(":")[0].partition("：")[0].strip() for factor in baseline.factors]
    if VOCABULARY["needed_factor"] not in kinds:
        yield (
            "factors",
            f"裁量因素中没有“{VOCABULARY['needed_factor']}”一类，请至少写明这一类考虑了什么。",
            (),
        )
    for n, tier in enumerate(baseline.tiers):
        if tier.name in NO_PENALTY and not (tier.basis or tier.fixed_by_law):
            yield "no_penalty_basis", f"“{tier.name}”档没有写明依据的条款。", (n,)
    graded = graded_of(baseline)
    if len(graded) == 1 and baseline.statutory.kind in ("range", "multiple") and baseline.whole:
        yield "one_tier", "整个法定幅度只有一档，没有细化。", (graded[0][0],)


def graded_of(baseline: Baseline) -> Sequence[tuple[int, Tier]]:
    """The tiers that set a penalty, with their places."""
    return spans.graded(baseline)
