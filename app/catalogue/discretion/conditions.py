"""The conditions of a baseline's tiers: for every case that can be exactly one tier, and no minor in the most severe."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from . import facts as known
from .facts import Fact
from .model import NO_PENALTY, TIERS, VOCABULARY, Baseline

Found = tuple[str, str, tuple[int, ...]]


def problems(baseline: Baseline) -> Iterator[Found]:
    """What is wrong with the conditions."""
    unreadable = [n for n, tier in enumerate(baseline.tiers) if tier.condition is None]
    for n in unreadable:
        tier = baseline.tiers[n]
        told = f"“{tier.name}”档的条件“{tier.written or '（空）'}”不能自动判断，只能由人对照。"
        yield "unreadable", told, (n,)
    facts = known.facts_of(baseline)
    every = known.cases(baseline, facts)
    if every is None:
        yield "not_checked", "条件涉及的因素太多，没有检查各档条件是否互斥、是否覆盖全部情形。", ()
        return
    cases = [(case, _tiers(baseline, case)) for case in every]
    yield from _overlaps(baseline, facts, cases)
    for n, tier in enumerate(baseline.tiers):
        if tier.condition is not None and not any(n in places for _, places in cases):
            yield "never", f"“{tier.name}”档的条件“{tier.told}”在任何情形下都不成立。", (n,)
    lacking = next((case for case, places in cases if not places), None)
    graded = any(tier.name not in NO_PENALTY for tier in baseline.tiers)
    if lacking is not None and graded and not unreadable:
        yield "no_tier", f"有的情形不属于任何一档，例如：{known.told(lacking, facts)}。", ()
    yield from _minors(baseline, facts, cases)


def _tiers(baseline: Baseline, case: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(n for n, tier in enumerate(baseline.tiers) if tier.condition and tier.condition.holds(case))


def _overlaps(
    baseline: Baseline, facts: Sequence[Fact], cases: Sequence[tuple[dict[str, Any], tuple[int, ...]]]
) -> Iterator[Found]:
    both: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for case, places in cases:
        for pair in itertools.combinations(places, 2):
            both.setdefault(pair, []).append(case)
    for (a, b), found in both.items():
        one, other = baseline.tiers[a], baseline.tiers[b]
        if {one.name, other.name} & NO_PENALTY:
            continue  # where no penalty may be set, none is: it goes before every other tier
        ends = [fact for fact in facts if all(case[fact.name] in fact.points for case in found)]
        names = f"“{one.name}”档与“{other.name}”档"
        example = known.told(found[0], facts)
        if ends:
            yield (
                "shared_end",
                f"{names}的条件都包含{ends[0].told(found[0][ends[0].name])}；按较轻的一档处理。",
                (a, b),
            )
        elif one.name != other.name:
            yield "two_tiers", f"{names}的条件可以同时成立，例如：{example}。", (a, b)


def _minors(
    baseline: Baseline, facts: Sequence[Fact], cases: Sequence[tuple[dict[str, Any], tuple[int, ...]]]
) -> Iterator[Found]:
    age: Mapping[str, Any] = VOCABULARY["age"]
    if not any(fact.name == age["fact"] for fact in facts):
        return
    for case, places in cases:
        young = age["punished"] <= case[age["fact"]] < age["adult"]
        if worst := [n for n in places if young and baseline.tiers[n].name == TIERS[-1]]:
            told = f"不满{age['adult']}周岁的人落入“{TIERS[-1]}”档，例如：{known.told(case, facts)}。"
            yield "minors", told, tuple(worst)
            return
