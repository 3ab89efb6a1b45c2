"""The routing attributes of a case after an act: what its form writes, what the agency demands, what follows from both."""

from collections.abc import Collection, Mapping
from typing import Any

from app.forms import conditions

from . import rules, thresholds
from .locking import Running


def evaluate(tree: Mapping[str, Any], attributes: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    """A condition tree over attributes; `{param: name}` may name a parameter or another attribute."""
    return conditions.evaluate(tree, attributes, {**attributes, **params})


def advanced(
    running: Running,
    step: str,
    before: Mapping[str, Any],
    writes: Mapping[str, Any],
    demanded: Collection[str],
    when: thresholds.Moment | None = None,
) -> dict[str, Any]:
    """The attributes after an act, now or as it was `when` it was done, with those that the agency demands true and those
    that its thresholds decide on the numbers after the act."""
    declared = running.procedure.rules
    after = rules.advance_attributes(declared, step, before, writes, evaluate, demanded)
    own = thresholds.of_case(running, after, when)
    if own.items() <= after.items():
        return after
    return rules.advance_attributes(declared, step, before, writes, evaluate, demanded, own)


def demanded(
    running: Running,
    before: Mapping[str, Any],
    names: Collection[str],
    when: thresholds.Moment | None = None,
) -> Mapping[str, Any]:
    """Attributes with those true that the agency demands, and those that its thresholds decide, now or as it was `when`
    an act was done; the same where nothing is different."""
    own = thresholds.of_case(running, before, when)
    if all(before.get(name) for name in names) and own.items() <= before.items():
        return before
    return rules.advance_attributes(running.procedure.rules, "", before, {}, evaluate, names, own)
