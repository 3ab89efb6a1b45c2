"""Which version of a statute is in force on a day. Pure.

A version holds from its own day until the next one's, or until the statute is repealed. Where an amendment is known but
not its text, the older text does not stand in for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ChangeKind(StrEnum):
    """What happened to a statute."""

    REPEALED = "repealed"
    AMENDED = "amended"


class Standing(StrEnum):
    """How a statute stands on a day."""

    IN_FORCE = "in_force"
    NOT_YET = "not_yet"
    REPEALED = "repealed"
    OUTDATED = "outdated"
    UNKNOWN = "unknown"


WORDS = {
    Standing.IN_FORCE: "有效",
    Standing.NOT_YET: "尚未施行",
    Standing.REPEALED: "已废止",
    Standing.OUTDATED: "已修改，修改后的文本没有载入",
    Standing.UNKNOWN: "没有载入",
}


@dataclass(frozen=True, slots=True)
class Version:
    """One text of a statute: its row, when it was adopted, from when it is in force (None: not known, for ever). `loaded`:
    whether articles of it were taken in; of others the register alone knows."""

    id: int
    adopted_on: date | None
    effective_on: date | None
    loaded: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """A repeal or an amendment: from which day, by what, on what provision. `articles`: those concerned, none: all."""

    id: int
    kind: ChangeKind
    on: date
    by: str
    basis: str
    articles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """The answer for one day. `version` is the text that counts, or the last one that did; `change` what ended it."""

    standing: Standing
    version: Version | None = None
    change: Change | None = None


def on_day(versions: Sequence[Version], changes: Sequence[Change], day: date) -> Held:
    """How the statute stands on this day."""
    begun = [each for each in versions if _since(each) <= day]
    version = max(begun, key=_age, default=None)
    since = _since(version) if version else date.min
    later = [each for each in changes if since < each.on <= day]
    if repeal := _last(later, ChangeKind.REPEALED):
        return Held(Standing.REPEALED, version, repeal)
    if version is None:
        return Held(Standing.NOT_YET if versions else Standing.UNKNOWN, min(versions, key=_age, default=None))
    if amendment := _last(later, ChangeKind.AMENDED):
        return Held(Standing.OUTDATED, version, amendment)
    return Held(Standing.IN_FORCE, version)


def ends(versions: Sequence[Version], changes: Sequence[Change], version: Version) -> tuple[date | None, str]:
    """The first day on which a version is no longer in force, and why; None: it has no end yet."""
    found = [(each.on, f"《{each.by}》") for each in changes if each.on > _since(version)]
    found += [(_since(each), "后一版本施行") for each in versions if _age(each) > _age(version)]
    return min(found, key=lambda each: each[0], default=(None, ""))


def effective(adopted_on: date | None, stated: date | None) -> date | None:
    """From when a text is in force. The day a statute names is that of its first version: a text adopted later is in
    force from its adoption, unless its file says otherwise."""
    if stated is None or adopted_on is None:
        return stated or adopted_on
    return max(stated, adopted_on)


def _since(version: Version) -> date:
    return version.effective_on or date.min


def _age(version: Version) -> tuple[date, date]:
    return _since(version), version.adopted_on or date.min


def _last(changes: Sequence[Change], kind: ChangeKind) -> Change | None:
    return max((each for each in changes if each.kind is kind), key=lambda each: each.on, default=None)
