"""培训要求: how much training is asked of an officer for a year, who lacks it, and what that person may not do. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent / "data" / "staff.yaml"
PASSED = "passed"
EXAMINATIONS = {"": "没有考试", PASSED: "合格", "failed": "不合格"}


@dataclass(frozen=True, slots=True)
class Requirement:
    """What is asked for: 学时 a year, a passed examination, and whether who lacks it is barred from work."""

    hours: int
    examination: bool
    bars: bool

    def with_more(self, other: "Requirement") -> "Requirement":
        """Both of them together: the stricter one in everything."""
        return Requirement(
            max(self.hours, other.hours), self.examination or other.examination, self.bars or other.bars
        )

    @property
    def words(self) -> str:
        """As people read it."""
        told = f"每年不少于 {self.hours} 学时" + ("，考试合格" if self.examination else "")
        return told + ("；上一年度未达标的不得办案" if self.bars else "")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of positions with what is asked for everywhere."""

    key: str
    name: str
    groups: frozenset[str]
    certificates: frozenset[str]
    holders: bool
    """Whether it is asked of whoever holds such a certificate too, whatever the position."""
    asked: Requirement
    source: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of training in `data/staff.yaml`; days as (month, day)."""

    kinds: tuple[Kind, ...]
    counts_until: tuple[int, int]
    warn_from: tuple[tuple[int, int], ...]
    set_by_region: frozenset[str]

    def kind(self, key: str) -> Kind | None:
        """The kind with this key."""
        return next((one for one in self.kinds if one.key == key), None)


@dataclass(frozen=True, slots=True)
class Version:
    """What an agency or a region (`of`: its id or code) asks for from a day on; a later `id` replaces an earlier one."""

    id: int
    of: int | str
    kind: str
    asked: Requirement
    valid_from: date


@dataclass(frozen=True, slots=True)
class Taken:
    """Training that counts for a year."""

    year: int
    hours: float
    passed: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A posting (the `group` of its position) or a certificate (its kind), with first and last day."""

    valid_from: date
    valid_to: date | None
    group: str = ""
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an officer stands with the training of a year for a kind of positions."""

    kind: Kind
    year: int
    asked: Requirement
    hours: float
    passed: bool

    @property
    def missing(self) -> float:
        """学时 still lacking."""
        return max(0.0, self.asked.hours - self.hours)

    @property
    def met(self) -> bool:
        """Whether everything asked for is there."""
        return not self.missing and (self.passed or not self.asked.examination)

    @property
    def lack(self) -> str:
        """What is lacking, in words."""
        told = []
        if self.missing:
            told.append(f"完成 {self.hours:g} 学时，应当完成 {self.asked.hours} 学时")
        if self.asked.examination and not self.passed:
            told.append("没有考试合格")
        return f"{self.year} 年度{self.kind.name}培训未达标（{'；'.join(told)}）"


@cache
def figures() -> Figures:
    """The figures as shipped."""
    raw: dict[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))["training"]
    kinds = tuple(
        Kind(
            one["key"], one["name"], frozenset(one["groups"]), frozenset(one["certificates"]), one["holders"],
            Requirement(one["hours"], one["examination"], one["bars"]), one["source"],
        )
        for one in raw["kinds"]
    )  # fmt: skip
    return Figures(
        kinds,
        _day(raw["counts_until"]),
        tuple(sorted(_day(each) for each in raw["warn_from"])),
        frozenset(raw["set_by"]["region"]),
    )


def _day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)


def in_force(kind: Kind, versions: Iterable[Version], places: Collection[int | str], on: date) -> Requirement:
    """What is asked for on a day where the versions of these `places` (an agency's id, codes of regions) count."""
    newest: dict[int | str, Version] = {}
    for one in sorted(versions, key=lambda version: version.id):
        if one.kind == kind.key and one.of in places and one.valid_from <= on:
            newest[one.of] = one
    asked = kind.asked
    for one in newest.values():
        asked = asked.with_more(one.asked)
    return asked


def asked_for_year(
    kind: Kind, versions: Sequence[Version], places: Collection[int | str], year: int, on: date
) -> Requirement:
    """What is asked for a year: its hours and examination as they were set by `counts_until` of that year, whether it bars
    as it stands on a day."""
    then = in_force(kind, versions, places, date(year, *figures().counts_until))
    return Requirement(then.hours, then.examination, in_force(kind, versions, places, on).bars)


def obliged(kind: Kind, held: Iterable[Held], year: int) -> bool:
    """Whether an officer with these postings and certificates has to have a year's training: one of the kind lay between
    its first day and `counts_until`."""
    first, last = date(year, 1, 1), date(year, *figures().counts_until)
    return any(
        (one.group in kind.groups or (kind.holders and one.certificate in kind.certificates))
        and one.valid_from <= last
        and (one.valid_to is None or one.valid_to >= first)
        for one in held
    )


def standings(
    held: Sequence[Held],
    taken: Sequence[Taken],
    versions: Sequence[Version],
    places: Collection[int | str],
    year: int,
    on: date,
) -> list[Standing]:
    """How an officer stands with a year's training, for each kind of positions that asks for it."""
    mine = [one for one in taken if one.year == year]
    hours, passed = sum(one.hours for one in mine), any(one.passed for one in mine)
    return [
        Standing(kind, year, asked_for_year(kind, versions, places, year, on), hours, passed)
        for kind in figures().kinds
        if obliged(kind, held, year)
    ]


def barred(
    held: Sequence[Held],
    taken: Sequence[Taken],
    versions: Sequence[Version],
    places: Collection[int | str],
    on: date,
) -> dict[str, str]:
    """The certificates that do not count on a day because the year before lacks its training, each with why."""
    found: dict[str, str] = {}
    for one in standings(held, taken, versions, places, on.year - 1, on):
        if one.asked.bars and not one.met:
            found |= dict.fromkeys(one.kind.certificates, one.lack)
    return found


def warned_from(today: date) -> str | None:
    """From which of the days of its year whoever lacks this year's training is told; None: it is still too early."""
    come = [day for day in figures().warn_from if (today.month, today.day) >= day]
    return f"{come[-1][0]:02}{come[-1][1]:02}" if come else None
