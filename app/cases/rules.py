"""The law of a case as functions of values: its gates (the one list, `GATES`) and how an act changes it. Pure."""

from collections.abc import Mapping
from datetime import datetime
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

__all__ = [
    "GATES", "PERSON_GATES", "STANDING_GATES", "ActFacts", "ClockFact", "Evaluate", "Gate", "Handed", "Refusal",
    "Signer", "advance_attributes", "first_refusal", "marks", "matches", "passed_after",
]  # fmt: skip


def advance_attributes(
    rules: Rules,
    step: str,
    before: Mapping[str, Any],
    writes: Mapping[str, Any],
    evaluate: Evaluate,
) -> dict[str, Any]:
    """The attributes after an act: the step's resets, then what its form writes, then the derived ones.

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
        after[name] = value or (name in rules.sticky.get(step, ()) and before[name])
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
