"""本机关标准, 本地区标准: thresholds of an agency or of a region for its agencies, stricter than the law (重大执法决定目录,
听证标准), by party, amount and, of an agency, item.

A rule set says which thresholds may be set lower (`thresholds`) and which attribute they make true; diagram, proof and
gates read what is derived from it. Whether it is true follows from the case's own numbers at each act, under every version
of the agency and of its regions that was in force at any time since the case was opened: the strictest counts, who loosens
a table does so for later cases alone, and what an act found can be found again whenever acts are taken back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from app.diagrams.rules import Rules, Threshold
from app.forms import conditions
from app.kernel import clock, editions, reads
from app.people.models import DIRECTORY

from .threshold_models import THRESHOLDS

if TYPE_CHECKING:
    from .locking import Running

VERSIONS = (
    "select id, agency_id, region_code, procedure, attribute, valid_from, valid_to, lines, set_at"
    " from agency_threshold order by id"
)
REGIONS = "select code, parent_code from region"


@dataclass(frozen=True, slots=True)
class Line:
    """From `amount` on, for one item or (None) for all of the procedure; `most` names the law's threshold."""

    most: str
    amount: Decimal
    item: int | None


@dataclass(frozen=True, slots=True)
class Version:
    """A version as it was set: its lines, the moment from which they count, and the one when its validity is over."""

    id: int
    begins: datetime
    lines: tuple[Line, ...]
    ends: datetime | None = None


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


Owner = int | str
"""An agency's id, or a region's code."""
Known = Mapping[tuple[Owner, str, str], Sequence[Version]]
Parents = Mapping[str, str | None]
_kept: tuple[tuple[str, str], Known, Parents] = (("", ""), {}, {})
"""Only a cache: every question asks the database for the edition first."""


def begins(valid_from: date, set_at: datetime) -> datetime:
    """The moment from which a version counts: the beginning of its first day in China, not before it was set."""
    return max(_midnight(valid_from), set_at)


def ends(valid_to: date | None) -> datetime | None:
    """The moment when the last day of its validity is over."""
    return _midnight(valid_to + timedelta(days=1)) if valid_to else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), clock.CHINA)


def lines_of(stored: Sequence[Mapping[str, Any]]) -> tuple[Line, ...]:
    """The lines of a version as values."""
    return tuple(Line(one["most"], Decimal(one["amount"]), one["item"]) for one in stored)


def stretches_of(versions: Sequence[Version]) -> list[InForce]:
    """Versions in the order in which they were set, as stretches of time. One that was to begin after a later-set one has
    begun is never in force."""
    found = []
    for place, one in enumerate(versions):
        later = [one.ends, *(version.begins for version in versions[place + 1 :])]
        until = min((moment for moment in later if moment is not None), default=None)
        if until is None or one.begins < until:
            found.append(InForce(one.id, one.lines, one.begins, until))
    return found


def _known(session: Session) -> tuple[Known, Parents]:
    """Every version by whose it is, and the tree of regions."""
    global _kept
    edition = (editions.current(session, THRESHOLDS), editions.current(session, DIRECTORY))
    if _kept[0] != edition:
        rows, regions = reads.fetch(session, (VERSIONS, {}), (REGIONS, {}))
        found: dict[tuple[Owner, str, str], list[Version]] = {}
        for row in rows:
            key = (row["agency_id"] or row["region_code"], row["procedure"], row["attribute"])
            first, last = begins(row["valid_from"], row["set_at"]), ends(row["valid_to"])
            found.setdefault(key, []).append(Version(row["id"], first, lines_of(row["lines"]), last))
        _kept = (edition, found, {row["code"]: row["parent_code"] for row in regions})
    return _kept[1], _kept[2]


def _owners(parents: Parents, agency_id: int, region: str) -> list[Owner]:
    """Whose versions speak of an agency's cases: its own, those of its region and of the regions above."""
    found: list[Owner] = [agency_id]
    above: str | None = region
    while above is not None and above not in found:
        found.append(above)
        above = parents.get(above)
    return found


def above(
    session: Session, region: str, procedure: str, attribute: str, now: datetime, *, own: bool
) -> dict[str, Decimal]:
    """The lowest amounts that regions have set, by the param of the law's threshold, in force now or to come into force:
    of those above this region and, with `own`, of itself."""
    known, parents = _known(session)
    found: dict[str, Decimal] = {}
    for owner in _owners(parents, 0, region)[1 if own else 2 :]:
        for stretch in stretches_of(known.get((owner, procedure, attribute), ())):
            if stretch.until is None or stretch.until > now:
                for line in stretch.lines:
                    found[line.most] = min(line.amount, found.get(line.most, line.amount))
    return found


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
    """The id of the newest version that speaks of a case's agency, or its regions, and procedure; 0: there is none."""
    names = named(running.procedure.rules)
    if not names:
        return 0
    known, parents = _known(running.session)
    key = running.procedure.rules.key
    owners = _owners(parents, running.case.agency_id, running.case.region_code)
    return max((v.id for one in owners for name in names for v in known.get((one, key, name), ())), default=0)


def of_case(running: "Running", attributes: Mapping[str, Any], when: Moment | None = None) -> dict[str, bool]:
    """The attributes that thresholds of the agency and its regions decide for a case with these numbers, now or as an
    act found them; empty where no version speaks of the case."""
    names, case = named(running.procedure.rules), running.case
    if not names:
        return {}
    known, parents = _known(running.session)
    rules, now = running.procedure.rules, when.at if when else running.at
    found: dict[str, bool] = {}
    for owner in _owners(parents, case.agency_id, case.region_code):
        for name in names:
            versions = known.get((owner, rules.key, name), ())
            if when is not None:
                versions = [one for one in versions if one.id <= when.seen]
            if versions:
                true = _decided(rules, name, versions, case, now, attributes)
                found[name] = true or found.get(name, False)
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
