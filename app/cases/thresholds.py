"""本机关标准: thresholds of an agency, stricter than the law (重大执法决定目录, 听证标准), by party, amount and item.

A rule set says which thresholds an agency may set lower (`thresholds`) and which attribute they make true; diagram, proof
and gates read what is derived from it. Whether it is true follows from the case's own numbers at each act, under every
version that was in force at any time since the case was opened: who loosens a table does so for later cases alone, and what
an act found can be found again whenever acts are taken back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from app.diagrams.rules import Rules, Threshold
from app.forms import conditions
from app.kernel import clock, editions, reads

from .threshold_models import THRESHOLDS

if TYPE_CHECKING:
    from .locking import Running

VERSIONS = (
    "select id, agency_id, procedure, attribute, valid_from, lines, set_at from agency_threshold"
    " order by agency_id, procedure, attribute, id"
)


@dataclass(frozen=True, slots=True)
class Line:
    """From `amount` on, for one item or (None) for all of the procedure; `most` names the law's threshold."""

    most: str
    amount: Decimal
    item: int | None


@dataclass(frozen=True, slots=True)
class Version:
    """A version as it was set: its lines, and the moment from which they count."""

    id: int
    begins: datetime
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class InForce:
    """The lines of a version, and the stretch of time in which they are in force; `until` is no part of it."""

    id: int
    lines: tuple[Line, ...]
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Moment:
    """When an act happened, and the id of the newest version of its agency that it knew (0: none): a version that
    another process was setting at that very moment is none of its own."""

    at: datetime
    seen: int


Known = Mapping[tuple[int, str, str], Sequence[Version]]
_kept: tuple[str, Known] = ("", {})
"""Only a cache: every question asks the database for the edition first."""


def begins(valid_from: date, set_at: datetime) -> datetime:
    """The moment from which a version counts: the beginning of its first day in China, not before it was set."""
    return max(datetime.combine(valid_from, datetime.min.time(), clock.CHINA), set_at)


def lines_of(stored: Sequence[Mapping[str, Any]]) -> tuple[Line, ...]:
    """The lines of a version as values."""
    return tuple(Line(one["most"], Decimal(one["amount"]), one["item"]) for one in stored)


def stretches_of(versions: Sequence[Version]) -> list[InForce]:
    """Versions in the order in which they were set, as stretches of time. One that was to begin after a later-set one has
    begun is never in force."""
    found = []
    for place, one in enumerate(versions):
        until = min((later.begins for later in versions[place + 1 :]), default=None)
        if until is None or one.begins < until:
            found.append(InForce(one.id, one.lines, one.begins, until))
    return found


def _known(session: Session) -> Known:
    global _kept
    edition = editions.current(session, THRESHOLDS)
    if _kept[0] != edition:
        (rows,) = reads.fetch(session, (VERSIONS, {}))
        found: dict[tuple[int, str, str], list[Version]] = {}
        for row in rows:
            key = (row["agency_id"], row["procedure"], row["attribute"])
            one = Version(row["id"], begins(row["valid_from"], row["set_at"]), lines_of(row["lines"]))
            found.setdefault(key, []).append(one)
        _kept = (edition, found)
    return _kept[1]


def reached(
    rules: Rules, attribute: str, lines: Sequence[Line], item_id: int, attributes: Mapping[str, Any]
) -> bool:
    """Whether a case's numbers reach one of these lines."""
    return any(
        line.item in (None, item_id) and _reaches(rules, one, line, attributes)
        for one in rules.thresholds
        if one.attribute == attribute
        for line in lines
        if line.most == one.most
    )


def _reaches(rules: Rules, one: Threshold, line: Line, attributes: Mapping[str, Any]) -> bool:
    if one.where is not None and not conditions.evaluate(
        one.where, attributes, {**attributes, **rules.params}
    ):
        return False
    return Decimal(str(attributes[one.number])) >= line.amount


def named(rules: Rules) -> list[str]:
    """The attributes that an agency's thresholds decide, each once."""
    return list(dict.fromkeys(one.attribute for one in rules.thresholds))


def newest(running: "Running") -> int:
    """The id of the newest version that speaks of a case's agency and procedure; 0: there is none."""
    names = named(running.procedure.rules)
    if not names:
        return 0
    known, case, key = _known(running.session), running.case, running.procedure.rules.key
    return max((v.id for name in names for v in known.get((case.agency_id, key, name), ())), default=0)


def of_case(running: "Running", attributes: Mapping[str, Any], when: Moment | None = None) -> dict[str, bool]:
    """The attributes that the agency's thresholds decide for a case with these numbers, now or as an act found them;
    empty where no version speaks of the case."""
    names, case = named(running.procedure.rules), running.case
    if not names:
        return {}
    known, rules = _known(running.session), running.procedure.rules
    found = {}
    for name in names:
        versions = known.get((case.agency_id, rules.key, name), ())
        if when is not None:
            versions = [one for one in versions if one.id <= when.seen]
        if versions:
            found[name] = _decided(rules, name, versions, case, when.at if when else running.at, attributes)
    return found


def _decided(
    rules: Rules,
    name: str,
    versions: Sequence[Version],
    case: Any,
    now: datetime,
    attributes: Mapping[str, Any],
) -> bool:
    return any(
        reached(rules, name, one.lines, case.item_id, attributes)
        for one in stretches_of(versions)
        if one.since <= now and (one.until is None or one.until > case.opened_at)
    )
