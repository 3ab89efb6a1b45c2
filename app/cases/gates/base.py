"""What a gate is, and the facts of one act that gates look at. Values only."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, ClassVar

from app.diagrams.rules import Rules, Separation

from ..money.reckoning import Account

Evaluate = Callable[[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]], bool]
"""(condition tree, attributes, params) -> whether it holds."""


@dataclass(frozen=True, slots=True)
class Signer:
    """An officer who signs an act: the positions held and the kinds of certificate that count today. `barred`: kinds that
    are valid but do not count, each with why."""

    officer_id: int
    name: str
    positions: frozenset[str]
    certificates: frozenset[str]
    barred: tuple[tuple[str, str], ...] = ()

    def why_barred(self, certificate: str) -> str:
        """Why a valid certificate does not count; empty where there is no such reason."""
        return next((why for kind, why in self.barred if kind == certificate), "")


@dataclass(frozen=True, slots=True)
class Handed:
    """The newest submission of a legal step: its number (a later one is greater), who signed it with the
    certificates valid on that day, and what its form, read anew, writes into the attributes."""

    number: int
    signers: tuple[Signer, ...]
    wrote: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ClockFact:
    """A statutory clock as it stands: whether it is paused, and whether its time has run out."""

    name: str
    paused: bool
    over: bool


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A file of evidence: its name, its SHA-256 and where it came from, in Chinese."""

    name: str
    digest: str
    where: str


@dataclass(frozen=True, slots=True)
class Exhibits:
    """The files of evidence of a case, and the digests in the list handed in whose stored file is missing or is not
    what its digest says."""

    files: tuple[Exhibit, ...]
    broken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sitting:
    """A meeting or hearing held on the platform for the task in hand: whether it is `closed`, which attributes it lets
    be true (`carried`), and what its record says, by the keys of the task's form (label and value)."""

    name: str
    closed: bool
    carried: Mapping[str, bool]
    answers: Mapping[str, tuple[str, Any]]
    article: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class LawFact:
    """The law of the day of the act against that of today: whether they differ, whether the old one counts beyond doubt,
    and the choice in words."""

    differs: bool
    old: bool
    told: str


@dataclass(frozen=True, slots=True)
class ActFacts:
    """What the gates look at: one act on one task.

    `before` and `after` are the attributes (derived ones included) before the act and as they would be after
    it, `writes` the names the act itself sets; `data` is what was handed in, `reason` its opinion's text;
    `passed` are the legal steps passed and not voided, `held` the attributes as they were when certain steps
    were completed; `took_part` who signed each step so far or was named for it.

    Of the rest only what the rule set asks for at this step is there: `handed` the newest submission and
    `rounds` the number of submissions of a step, `documents` the moment at which each kind was last issued
    (void ones left out), `clocks` by their id, `ends` when a period of a limit after a step has run out,
    `item` the published elements of the power item, `filed` the newest data of other forms, `exhibits` the files of
    evidence by the answer that lists them.
    """

    rules: Rules
    node: str
    name: str
    step: str
    position: str
    officers: int
    certificate: str
    signers: tuple[Signer, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    passed: Mapping[str, datetime]
    took_part: Mapping[str, Set[int]]
    case_open: bool
    recused: Set[int] = frozenset()
    """Who must keep out of the case."""
    appointed: Set[int] = frozenset()
    """The officers whom the act's form names."""
    reason: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    writes: frozenset[str] = frozenset()
    held: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    moment: datetime | None = None
    """When the act happened in law, where its form says so (served on Monday, entered on Wednesday)."""
    handed: Mapping[str, Handed] = field(default_factory=dict)
    rounds: Mapping[str, int] = field(default_factory=dict)
    documents: Mapping[str, datetime] = field(default_factory=dict)
    clocks: Mapping[str, ClockFact] = field(default_factory=dict)
    ends: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    item: Mapping[str, Any] = field(default_factory=dict)
    filed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    exhibits: Mapping[str, Exhibits] = field(default_factory=dict)
    at: datetime | None = None
    """When the act is entered."""
    account: Account | None = None
    """What the party owes."""
    terms: Mapping[tuple[str, str], date] = field(default_factory=dict)
    """(answer, term) -> the last day of the term."""
    disputes: tuple[str, ...] = ()
    """The numbers of the cases that follow this one's decision and are not over."""
    rest_days: Set[date] = frozenset()
    """Which days of what is handed in are no working days."""
    sitting: Sitting | None = None
    """The meeting or hearing held on the platform for this very task."""
    laws: Mapping[str, LawFact] = field(default_factory=dict)
    """By the answer that chooses the law."""
    standard: Mapping[str, Any] = field(default_factory=dict)
    """The discretion standard that counts, whose tiers `item` has (`standards.Counted.told`); empty: none."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What stands in the way of an act: the gate, the article and what to do, in Chinese."""

    gate: str
    article: str
    message: str


class Gate(ABC):
    """A rule of law that every act must keep."""

    code: ClassVar[str]
    article: ClassVar[str]

    @abstractmethod
    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        """None when the act keeps the rule."""

    def refuse(self, message: str, article: str = "") -> Refusal:
        return Refusal(self.code, article or self.article, message)


def matches(step: str, patterns: tuple[str, ...] | list[str]) -> bool:
    """Whether a step tag is one of `patterns`; `decide.*` stands for every tag below `decide`."""
    return _matches(step, tuple(patterns))


@lru_cache(maxsize=8192)
def _matches(step: str, patterns: tuple[str, ...]) -> bool:
    return any(step == p or (p.endswith(".*") and step.startswith(p[:-1])) for p in patterns)


def applies(act: ActFacts, evaluate: Evaluate, before: tuple[str, ...], when: Any) -> bool:
    """Whether a declaration for the steps `before` under the condition `when` speaks of this act."""
    return matches(act.step, before) and (not when or evaluate(when, act.after, act.rules.params))


def opponents(rules: Rules, name: str) -> Iterator[Separation]:
    """The groups of persons that a group of this name excludes, in either direction."""
    mine = [group for group in rules.separation if group.name == name]
    for other in rules.separation:
        if other.name != name and any(other.name in g.excludes or g.name in other.excludes for g in mine):
            yield other


def took_part_in(act: ActFacts, group: Separation) -> set[int]:
    """Everybody who took part in a step of the group."""
    return {who for step, all_ in act.took_part.items() if matches(step, group.steps) for who in all_}


def people_in(value: Any) -> set[int]:
    """The officers an answer of a form names: one, several, or none."""
    if isinstance(value, list | tuple):
        return {who for each in value for who in people_in(each)}
    if isinstance(value, Mapping):
        value = value.get("id")
    return {int(value)} if value else set()
