"""Lengths of time in diagrams and rule sets: whether one of them always ends within what the law gives."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..demands import Tags, matches
from ..findings import Finding
from ..limits import span
from ..reader import Node
from ..subject import Subject
from .base import Rule, called
from .reading import entries, listed
from .ways import following

_TERM = re.compile(r"([1-9]\d{0,3})(wd|d|h|m|y)\Z")
_UNITS = {"wd": "个工作日", "d": "日", "h": "小时", "m": "个月", "y": "年"}
_MONTHS = ("m", "y")
_FEWEST_WORKING_DAYS = {90: 56, 60: 36, 30: 15, 15: 5}
"""Calendar days -> the fewest working days that so many days in a row held in 2019-2026."""


@dataclass(frozen=True, slots=True)
class Term:
    """A length of time: working days (`wd`), calendar days (`d`), hours (`h`), months (`m`) or years (`y`)."""

    number: int
    unit: str

    def __str__(self) -> str:
        return f"{self.number}{_UNITS[self.unit]}"


def read(text: object) -> Term | None:
    """A term as it is written (`5wd`, `30d`, `24h`, `3m`); None for anything else."""
    found = _TERM.match(str(text or "").strip())
    return Term(int(found[1]), found[2]) if found else None


def within(term: Term, law: Term) -> bool:
    """Whether `term`, begun at the same moment, never ends later than `law`."""
    if term.unit == law.unit:
        return term.number <= law.number
    if term.unit in _MONTHS and law.unit in _MONTHS:
        return term.number * (12 if term.unit == "y" else 1) <= law.number * (12 if law.unit == "y" else 1)
    if term.unit in _MONTHS:  # at their longest, against the law at its shortest
        term = Term(span(term.number, term.unit)[1], "d")
    if law.unit in _MONTHS:
        law = Term(span(law.number, law.unit)[0], "d")
    if term.unit == law.unit:
        return term.number <= law.number
    if law.unit == "h":
        return False
    if term.unit == "h":
        return term.number <= 24 * law.number
    if law.unit == "wd":
        return term.number <= law.number
    fewest = max((n for days, n in _FEWEST_WORKING_DAYS.items() if days <= law.number), default=0)
    return term.number <= fewest


def limit(node: Node) -> Term | None:
    """The limit of a step or the length of a timer, however it is written."""
    timer = node.event("timer")
    return read(node.attributes.get("limit")) or (read(timer.value) if timer else None)


def clocks(subject: Subject, starts: Tags, stops: Tags) -> Iterator[Mapping[str, Any]]:
    """The clocks of the rule set that start at one of `starts` and stop at one of `stops`."""
    for clock in entries(subject, "clocks"):
        begun = any(matches(step, starts) for step in listed(clock.get("starts")))
        if begun and any(matches(step, stops) for step in listed(clock.get("stops"))):
            yield clock


def kept(
    rule: Rule, subject: Subject, starts: Tags, stops: Tags, law: Term, extension: Term | None = None
) -> Iterator[Finding]:
    """A finding unless the law's time between two steps is watched: by a clock of the rule set that is no
    longer, or by the limit of the step that follows at once."""
    first, last = next(subject.nodes(starts), None), next(subject.nodes(stops), None)
    if first is None or last is None:
        return
    way = f"从“{called(first)}”到“{called(last)}”"
    declared = list(clocks(subject, starts, stops))
    for clock in declared:
        name, term = clock.get("name") or clock.get("id"), read(clock.get("limit"))
        if term is None or not within(term, law):
            yield rule.finding(f"{way}的计时“{name}”长于法定的{law}。", last)
        yield from _extended(rule, clock, last, extension)
    if not declared and not _at_once(subject, starts, stops, law):
        yield rule.finding(f"{way}没有不超过{law}的计时。", last)


def _extended(rule: Rule, clock: Mapping[str, Any], last: Node, extension: Term | None) -> Iterator[Finding]:
    declared = clock.get("extension") or []
    stages = declared if isinstance(declared, list) else [declared]
    name = clock.get("name") or clock.get("id")
    for one in (each if isinstance(each, Mapping) else {} for each in stages):
        term, times = read(one.get("limit")), one.get("times", 1)
        if extension is None:
            yield rule.finding(f"计时“{name}”不得延长。", last)
        elif term is None or not within(term, extension) or times != 1:
            yield rule.finding(f"计时“{name}”只能延长一次，且不超过{extension}。", last)
        elif not one.get("approver"):
            yield rule.finding(f"计时“{name}”的延长没有写明由谁批准。", last)


def _at_once(subject: Subject, starts: Tags, stops: Tags, law: Term) -> bool:
    """Whether each of `starts` is followed at once by `stops` alone, with a limit within the law's."""
    for node in subject.nodes(starts):
        for found in following(subject.internal, node):
            term = limit(found)
            if not matches(subject.step(found), stops) or term is None or not within(term, law):
                return False
    return True
