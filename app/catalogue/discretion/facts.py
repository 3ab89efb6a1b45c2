"""The facts that conditions speak of, as finitely many cases: values that no condition tells apart are one."""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.verify.guards import Guard

from .model import VOCABULARY, Baseline

MOST = 20_000
"""Combinations that are looked at: with more, nothing is said about conditions."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact: `kind` is `integer`, `number`, `boolean` or `choice`; `values` one value of each case; `points` those that
    are single numbers among a continuum."""

    name: str
    label: str
    kind: str
    values: tuple[Any, ...]
    points: frozenset[Any] = frozenset()

    def told(self, value: Any) -> str:
        """The fact and its value as people say it; empty for what is not so."""
        if self.kind == "boolean":
            return self.label if value else ""
        return f"{self.label}＝{value:g}" if isinstance(value, (int, float)) else f"{self.label}＝{value}"


def facts_of(baseline: Baseline) -> list[Fact]:
    """Every fact that some condition of the baseline reads."""
    guards = [tier.condition for tier in baseline.tiers if tier.condition]
    if baseline.premise:
        guards.append(baseline.premise)
    constants: dict[str, set[Any]] = {}
    for guard in guards:
        for name in guard.names:
            constants.setdefault(name, set()).update(guard.constants.get(name, ()))
    return [_fact(name, found) for name, found in sorted(constants.items())]


def _fact(name: str, constants: set[Any]) -> Fact:
    known: Mapping[str, Any] = VOCABULARY["facts"].get(name, {})
    label, kind = known.get("label", name), known.get("type") or _kind(constants)
    if kind == "boolean":
        return Fact(name, label, kind, (False, True))
    if kind == "choice":
        return Fact(name, label, kind, tuple(sorted(str(one) for one in constants)))
    numbers = sorted(
        {one for one in constants if isinstance(one, (int, float)) and not isinstance(one, bool)}
    )
    least = known.get("least", 0)
    if kind == "integer":
        return Fact(name, label, kind, tuple(sorted(_integers(numbers, least))))
    points = {one for one in numbers if one > least}
    return Fact(name, label, kind, tuple(sorted(_reals(numbers, least))), frozenset(points))


def _kind(constants: set[Any]) -> str:
    if any(isinstance(one, str) for one in constants):
        return "choice"
    return "boolean" if all(isinstance(one, bool) for one in constants) else "number"


def _integers(numbers: Sequence[float], least: int) -> set[int]:
    ends = [least - 1, *(n for n in numbers if n >= least)]
    found = {int(n) for n in numbers if n >= least and float(n).is_integer()}
    for low, high in itertools.pairwise(ends):
        if (between := math.floor(low) + 1) < high:
            found.add(between)
    found.add(math.floor(ends[-1]) + 1)
    return found


def _reals(numbers: Sequence[float], least: float) -> set[float]:
    ends = sorted({least, *(n for n in numbers if n >= least)})
    found = set(ends)
    found.update((low + high) / 2 for low, high in itertools.pairwise(ends))
    found.add(ends[-1] * 2 or 1)
    return found


def cases(baseline: Baseline, facts: Sequence[Fact]) -> Iterator[dict[str, Any]] | None:
    """Every combination of the facts that can be, one value of each; None where there are too many."""
    if math.prod(len(fact.values) for fact in facts) > MOST:
        return None
    groups = [set(group) & {fact.name for fact in facts} for group in VOCABULARY["one_of"]]
    return _cases(baseline.premise, facts, [group for group in groups if len(group) > 1])


def _cases(
    premise: Guard | None, facts: Sequence[Fact], groups: Sequence[set[str]]
) -> Iterator[dict[str, Any]]:
    for values in itertools.product(*(fact.values for fact in facts)):
        case = dict(zip((fact.name for fact in facts), values, strict=True))
        if any(sum(bool(case[name]) for name in group) != 1 for group in groups):
            continue
        if premise is None or premise.holds(case):
            yield case


def told(case: Mapping[str, Any], facts: Sequence[Fact]) -> str:
    """A case as people say it."""
    parts = [text for fact in facts if fact.name in case and (text := fact.told(case[fact.name]))]
    return "，".join(parts) or "没有所列各种情形"
