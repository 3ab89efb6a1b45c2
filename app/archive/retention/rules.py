"""How long a file must be kept by the kind of power and the circumstance (`data/retention.yaml`). Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent.parent / "data" / "retention.yaml"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the term depends on: the kind of power, the legal steps passed, the attributes, the item's legal basis."""

    kind: str
    passed: Collection[str]
    attributes: Mapping[str, Any]
    basis: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """The least term, and why. `unsure`: the agency's own schedule of terms has to confirm it."""

    term: str
    circumstance: str
    source: str
    unsure: bool = False


@cache
def data() -> Mapping[str, Any]:
    """The file."""
    found: Mapping[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return found


@cache
def terms() -> Mapping[str, int | None]:
    """Every term with its years, the longest first; None: for ever."""
    return {term["name"]: term.get("years") for term in data()["terms"]}


def ruling(facts: Facts) -> Ruling:
    """The first rule that fits; the last one of the data fits always."""
    found = next(rule for rule in data()["rules"] if _fits(rule, facts))
    return Ruling(found["term"], found["circumstance"], found["source"], found.get("unsure", False))


def _fits(rule: Mapping[str, Any], facts: Facts) -> bool:
    def met(patterns: Collection[str]) -> bool:
        return any(fnmatchcase(step, pattern) for step in facts.passed for pattern in patterns)

    return (
        facts.kind in rule.get("kinds", [facts.kind])
        and ("reached" not in rule or met(rule["reached"]))
        and not met(rule.get("missing", ()))
        and all(facts.attributes.get(name) == value for name, value in rule.get("attributes", {}).items())
        and rule.get("basis", "") in facts.basis
    )


def longer(least: str, asked: str) -> str:
    """The longer of two terms; a word that is none counts as no wish."""
    order = list(terms())
    return min(least, asked, key=order.index) if asked in order else least


def longer_than(term: str) -> list[str]:
    """The terms beyond this one, the shortest of them first."""
    order = list(terms())
    return order[: order.index(term)][::-1]


def ends_on(term: str, closed: date) -> date | None:
    """The last day of a term that runs from the first day of the year after; None: never."""
    years = terms()[term]
    return None if years is None else date(closed.year + years, 12, 31)
