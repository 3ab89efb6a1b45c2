"""The gates a rule set declares, as values: who, in which order, within which time, how much, on which paper. Pure.

Every section is a list of entries with a closed set of keys: a misspelt key is refused, because a gate that
silently never applies is worse than none.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any, TypeVar

from app.kernel.errors import Invalid

from .money_rules import OTHERS, Claim, Instalments, Receipt, Stop, Waiver

Condition = Mapping[str, Any]
Steps = tuple[str, ...]
Tiers = tuple[Mapping[str, Any], ...]

LIMIT = re.compile(r"[1-9][0-9]{0,3}(wd|d|h)")
TERM = re.compile(r"(?:[1-9][0-9]{0,3}(wd|d|m|y))?")
EFFECTS = ("", "refuse", "mark")


@dataclass(frozen=True, slots=True)
class Proof:
    """Before the steps `before` the newest submission of `step` must be in force: not voided, none of `over`
    handed in after it, its form writing `passed` true, signed by holders of `certificate` whom the
    separation of persons does not exclude."""

    name: str
    step: str
    before: Steps
    article: str
    message: str
    passed: str = ""
    when: Condition | None = None
    certificate: str = ""
    over: Steps = ()


@dataclass(frozen=True, slots=True)
class Period:
    """Before the steps `before` the time `limit` after `after` has run out, unless one of `ended_by` is true."""

    after: str
    limit: str
    before: Steps
    article: str
    message: str
    when: Condition | None = None
    ended_by: Steps = ()


@dataclass(frozen=True, slots=True)
class Bound:
    """`step` counts only when it happened (by the moment its form names) within `limit` after `after`.

    While nothing else has been done since, it may still be entered after that.
    """

    step: str
    after: str
    limit: str
    article: str
    message: str


@dataclass(frozen=True, slots=True)
class Named:
    """Who is named in the answer `answer` at `step` counts as taking part in the group of persons."""

    step: str
    answer: str
    group: str
    article: str
    message: str

    @property
    def field(self) -> str:
        """The key of the answer in the form."""
        return self.answer


@dataclass(frozen=True, slots=True)
class Band:
    """At `steps` the number attribute `amount` lies within what the law and the discretion baseline provide.

    `item_range` names the power item's list of ranges (`min`, `max`, `unit`); without one the params
    `minimum` and `maximum` bound it. `item_tiers` is its list of tiers (`name`, `low`, `high`), `tier` the
    answer (`form.key`) that chose one: another amount states `reason`. `table` names a decision table of tiers
    instead: the case's attributes decide which of its `tiers` (`name`, `low`, `high`, `when`; compiled from the
    table, never written) applies. Below the law's range only under the tier `lenient`, with the reason.
    `kinds` is the answer with the kinds of penalty, `item_kinds` the item's list of them, `general_kinds` those
    that the law provides for every item.
    """

    name: str
    steps: Steps
    amount: str
    article: str
    message: str
    when: Condition | None = None
    item_range: str = ""
    minimum: str = ""
    maximum: str = ""
    item_tiers: str = ""
    tier: str = ""
    reason: str = ""
    lenient: str = ""
    kinds: str = ""
    item_kinds: str = ""
    general_kinds: Steps = ()
    table: str = ""
    tiers: Tiers = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """Before the steps `before` each document of `codes` was issued, not before `since` was passed, not void."""

    before: Steps
    codes: Steps
    article: str
    message: str
    since: str = ""
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class ClockBar:
    """What a paused clock, or one whose time has run out, does to the steps `before`: `refuse` or `mark`."""

    before: Steps
    clock: str
    article: str
    message: str = ""
    paused: str = ""
    expired: str = ""
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """`step` is handed in at most `most` times in a case."""

    step: str
    most: int
    article: str
    message: str


@dataclass(frozen=True, slots=True)
class EvidenceList:
    """Before the steps `before` the evidence list in the answer `answer` (`form.key`, an `evidence` item of the form
    with which they are done) agrees with the files of evidence: those handed in with the answers `files` (`form.key`)
    and those registered in the case, which may be done at the steps `at`."""

    before: Steps
    answer: str
    article: str
    message: str
    files: Steps = ()
    at: Steps = ()
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class AppliedLaw:
    """At `steps` the answer `choice` (`form.key`: `old` or `new`) is the law to be applied: that of the day of the act (the
    first of the answers `acted` that is given) or that of the day of the decision, which is today. Where these differ, the
    answer `reason` says why, unless the old law counts beyond doubt. `at`: the steps whose pages show the comparison."""

    steps: Steps
    acted: Steps
    choice: str
    reason: str
    article: str
    message: str
    at: Steps = ()
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """At `steps` the attribute `attribute` is only true when nothing is owed any more on the case's account."""

    steps: Steps
    attribute: str
    article: str
    message: str


@dataclass(frozen=True, slots=True)
class Stated:
    """At `step` the answer `answer` is what the account says (`value`: unpaid, surcharge, surcharge_left, days) on the day
    `day` (an answer; without one on the day of the act)."""

    step: str
    answer: str
    value: str
    article: str
    message: str
    day: str = ""
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Reckoned:
    """At `step` the day `answer` is the last of the days on which `term` after the day `start` (an answer `form.key`)
    runs out, over all entries of this step and answer that apply (without `term`: that day itself). Without `answer`:
    the step is not done until the day after it. `of: following`: `start` is an answer of the cases that follow the
    decision, the latest of them counts."""

    step: str
    start: str
    article: str
    message: str
    term: str = ""
    answer: str = ""
    when: Condition | None = None
    of: str = ""


@dataclass(frozen=True, slots=True)
class Follow:
    """Cases of this procedure follow what cases of other procedures decided: of the `kinds` of power, once they have
    reached one of the steps `reached`; holders of the positions `by` register them. `over`: the steps with which the
    dispute has ended; `tells`: answers (`form.key`) that the page of the decided case shows."""

    kinds: Steps
    reached: Steps
    by: Steps
    over: Steps
    article: str
    tells: Steps = ()


@dataclass(frozen=True, slots=True)
class Pending:
    """Before the steps `before` no case that follows the decision may still be under way."""

    before: Steps
    article: str
    message: str


@dataclass(frozen=True, slots=True)
class Quiet:
    """What happens at `steps` from the moment `first` to `last` (answers) lies neither at night (between the hours of the
    params `night_from` and `night_until`) nor on a day of rest, unless one of `unless` is true."""

    steps: Steps
    first: str
    last: str
    night_from: str
    night_until: str
    article: str
    message: str
    unless: Steps = ()


Entry = TypeVar(
    "Entry", Proof, Period, Bound, Named, Band, Paper, ClockBar, Round, EvidenceList, AppliedLaw, Settled, Stated, Reckoned,
    Quiet, Claim, Receipt, Instalments, Stop, Waiver, Follow, Pending,
)  # fmt: skip


def read(section: str, raw: Any, kind: type[Entry]) -> tuple[Entry, ...]:
    """The entries of one section.

    Raises:
        Invalid: an entry lacks a key, has one too many, or a value of the wrong type.
    """
    if (raw is not None and not isinstance(raw, Sequence | None)) or isinstance(raw, str):
        raise Invalid(f"规则文件：“{section}”应当是列表。")
    return tuple(_entry(section, n, entry, kind) for n, entry in enumerate(raw or (), 1))


def _entry(section: str, place: int, raw: Any, kind: type[Entry]) -> Entry:
    where = f"规则文件：“{section}”第 {place} 项"
    if not isinstance(raw, Mapping):
        raise Invalid(f"{where}应当是“名称: 内容”的对象。")
    known = {f.name: f for f in fields(kind)}
    if strange := set(raw) - set(known):
        raise Invalid(f"{where}有不认识的内容：{'、'.join(sorted(map(str, strange)))}。")
    needed = {name for name, f in known.items() if f.default is MISSING}
    if missing := [name for name in known if name in needed and not raw.get(name)]:
        raise Invalid(f"{where}缺少：{'、'.join(missing)}。")
    values = {name: _value(where, name, value, known[name].type) for name, value in raw.items()}
    made = kind(**values)
    limit = getattr(made, "limit", None)
    if limit is not None and not LIMIT.fullmatch(limit):
        raise Invalid(f"{where}的期限“{limit}”写法不对，应当像 5wd、30d、24h。")
    if not TERM.fullmatch(getattr(made, "term", "")):
        raise Invalid(f"{where}的期限“{getattr(made, 'term', '')}”写法不对，应当像 10wd、60d、6m、1y。")
    if getattr(made, "of", "") not in OTHERS:
        raise Invalid(
            f"{where}的“of”只能是 source（移送来的案件）或者 following（决定以后的复议、诉讼等案件）。"
        )
    for name in ("paused", "expired"):
        if isinstance(made, ClockBar) and getattr(made, name) not in EFFECTS:
            raise Invalid(f"{where}的“{name}”只能是 refuse 或 mark。")
    if isinstance(made, ClockBar) and (made.paused == "mark" or not made.paused + made.expired):
        raise Invalid(f"{where}应当写明暂停（paused: refuse）或者届满（expired: refuse 或 mark）的后果。")
    return made


def _value(where: str, name: str, value: Any, kind: Any) -> Any:
    if kind is Steps:
        found = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else None
        if found is None or not all(isinstance(each, str) and each for each in found):
            raise Invalid(f"{where}的“{name}”应当是文字或者文字的列表。")
        return found
    if kind is int:
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise Invalid(f"{where}的“{name}”应当是正整数。")
        return value
    if kind is str and not isinstance(value, str):
        raise Invalid(f"{where}的“{name}”应当是文字。")
    if kind == Condition | None and not isinstance(value, Mapping | None):
        raise Invalid(f"{where}的“{name}”应当是条件。")
    return value


SECTIONS: Mapping[str, type] = {
    "reviews": Proof,
    "hearings": Proof,
    "periods": Period,
    "in_time": Bound,
    "named": Named,
    "bands": Band,
    "documents_before": Paper,
    "clock_bars": ClockBar,
    "rounds": Round,
    "evidence_lists": EvidenceList,
    "applied_law": AppliedLaw,
    "reckoned": Reckoned,
    "quiet": Quiet,
    "claims": Claim,
    "receipts": Receipt,
    "instalments": Instalments,
    "stops": Stop,
    "waivers": Waiver,
    "settled": Settled,
    "stated": Stated,
    "follows": Follow,
    "pending": Pending,
}
"""The sections of a rule set that declare gates, with what an entry of each is."""


def read_all(raw: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Every declared section of a rule set, by its name."""
    return {section: read(section, raw.get(section), kind) for section, kind in SECTIONS.items()}


def steps_of(entries: Iterable[Any]) -> set[str]:
    """Every legal step these entries name."""
    found: set[str] = set()
    for entry in entries:
        for name in ("step", "after", "since"):
            if value := getattr(entry, name, ""):
                found.add(value)
        for name in ("before", "over", "steps", "at"):
            found.update(getattr(entry, name, ()))
    return found
