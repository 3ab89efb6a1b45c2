"""The law of a case as functions of values: its gates (the one list, `GATES`) and how an act changes it. Pure."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from app.diagrams.rules import Rules

from .gates import (
    GATES,
    PERSON_GATES,
    STANDING_GATES,
    ActFacts,
    ClockFact,
    Evaluate,
    Gate,
    Handed,
    Refusal,
    Signer,
    first_refusal,
    marks,
    matches,
)
from .gates.content import sums
from .gates.persons import CertifiedOfficers, NamedSeparated, PersonsSeparated, PositionHeld, Recused

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
TWO_OFFICERS = CertifiedOfficers.article
"""Why two certified officers act: for refusals that come before the gate itself is asked."""
ABOUT_PERSONS = frozenset(
    gate.code for gate in (CertifiedOfficers, NamedSeparated, PersonsSeparated, PositionHeld, Recused)
)
"""The codes of the gates about persons."""

__all__ = [
    "ABOUT_PERSONS",
    "GATES",
    "PERSON_GATES",
    "STANDING_GATES",
    "TWO_OFFICERS",
    "ActFacts",
    "ClockFact",
    "Evaluate",
    "Gate",
    "Handed",
    "Refusal",
    "Signer",
    "advance_attributes",
    "first_refusal",
    "marks",
    "matches",
    "passed_after",
    "sums",
]  # fmt: skip


def advance_attributes(
    rules: Rules,
    step: str,
    before: Mapping[str, Any],
    writes: Mapping[str, Any],
    evaluate: Evaluate,
    demanded: Collection[str] = (),
    own: Mapping[str, bool] | None = None,
) -> dict[str, Any]:
    """The attributes after an act: the step's resets, then what its form writes, then what the agency demands
    (`switches`) and what its `own` thresholds say, then the derived ones.

    What is sticky at this step is not unsaid by a later act of the same step: true stays true.

    Raises:
        KeyError: a form writes an attribute that the rule set does not declare.
    """
    after = dict(before)
    for name, value in (rules.resets.get(step) or {}).items():
        after[name] = value
    for name, value in writes.items():
        if name not in rules.attributes:
            raise KeyError(name)
        after[name] = value or before[name] if name in rules.sticky.get(step, ()) else value
    after |= dict.fromkeys(demanded, True) | dict(own or {})
    for name, condition in rules.derived.items():
        after[name] = evaluate(condition, after, rules.params)
    return after


def passed_after(
    rules: Rules, passed: Mapping[str, datetime], moments: Mapping[str, datetime]
) -> dict[str, datetime]:
    """The legal steps passed after an act: new ones with their moments added in order, those that a step
    voids taken away first."""
    result = dict(passed)
    for step, at in moments.items():
        for voided in rules.voids.get(step, ()):
            for name in [n for n in result if matches(n, (voided,))]:
                del result[name]
        result[step] = at
    return result


def moments_kept(passed: Mapping[str, datetime]) -> dict[str, int]:
    """Moments as the case row keeps them: microseconds since 1970, a third of what their words take."""
    return {step: (at - EPOCH) // MICROSECOND for step, at in passed.items()}


def moments_of(kept: Mapping[str, int | str]) -> dict[str, datetime]:
    """The moments a case row keeps; rows from before 2026-11-30 keep them as ISO 8601."""
    return {
        step: datetime.fromisoformat(at) if isinstance(at, str) else EPOCH + timedelta(microseconds=at)
        for step, at in kept.items()
    }
