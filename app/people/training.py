"""培训: who lacks it, who is told, and what an agency or a region asks for beyond what is asked everywhere: stricter, never
looser, version by version."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.orm import Session

from app.kernel import clock, jobs, words
from app.kernel.auth import Actor, Role
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound

from . import at_once, directory, notices, register, substitution, training_rules
from .cards import OfficerCard
from .models import Agency, Officer, Posting, Region, TrainingRule
from .scope import subtree
from .training_rules import Kind, Requirement, Standing

EVERY = 6 * 3600
"""Seconds between two looks at who lacks training."""
AGENCY, REGION = "agency", "region"
LONGEST = 500
MOST_HOURS = 400
LATEST = timedelta(days=366)
"""How far ahead a version may be set."""
ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")
NOBODY = "培训要求由本机关分管负责人或者主要负责人、本区域执法监督科负责人决定。"


@dataclass(frozen=True, slots=True)
class Row:
    """An officer with how they stand with a year's training, for each kind of positions that asks for it."""

    id: int
    name: str
    standings: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Who asks for something: name, what, since when and on what basis."""

    name: str
    asked: Requirement
    since: date | None
    basis: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a kind of positions today, all together, by whom, and what is set for later days."""

    kind: Kind
    together: Requirement
    sources: tuple[Source, ...]
    coming: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class NewRule:
    """A version to set, as it was typed; `seen` is the id of the newest version the person has seen (0: none)."""

    kind: str
    hours: str
    examination: bool
    bars: bool
    valid_from: str
    basis: str
    seen: int


def rows(session: Session, agency_id: int, year: int) -> list[Row]:
    """The active officers of an agency of whom a year's training is asked, those who lack some first, then by pinyin."""
    cards = directory.officers_at(session, agency_id)
    found = [
        Row(card.id, card.name, told)
        for card, told in zip(cards, _standings(session, agency_id, cards, year), strict=True)
        if told
    ]
    return sorted(found, key=lambda row: all(one.met for one in row.standings))


def of_officer(session: Session, card: OfficerCard, year: int) -> tuple[Standing, ...]:
    """How one officer stands with a year's training."""
    return _standings(session, card.agency_id, [card], year)[0]


def of_years(session: Session, card: OfficerCard) -> dict[int, tuple[Standing, ...]]:
    """How one officer stands with the training of this year and the last one."""
    this = clock.today().year
    return {year: of_officer(session, card, year) for year in (this, this - 1)}


def _standings(
    session: Session, agency_id: int, cards: Sequence[OfficerCard], year: int
) -> list[tuple[Standing, ...]]:
    known, today = register.of(session), clock.today()
    ids = [card.id for card in cards]
    taken, held = register.taken_by(session, ids), known.held(session, ids)
    versions, places = known.training_versions(session), known.places(session, agency_id)
    return [tuple(training_rules.standings(held[i], taken[i], versions, places, year, today)) for i in ids]


def asked(session: Session, agency_id: int) -> list[Asked]:
    """What is asked of each kind of positions at an agency."""
    known, today = register.of(session), clock.today()
    places, versions = known.places(session, agency_id), known.training_versions(session)
    names = _names(session, places)
    stored = {row.id: row for row in session.scalars(select(TrainingRule))}
    found = []
    for kind in training_rules.figures().kinds:
        mine = [one for one in versions if one.kind == kind.key and one.of in places]
        newest = {one.of: one for one in mine if one.valid_from <= today}
        told = [
            Source(names[one.of], one.asked, one.valid_from, stored[one.id].basis)
            for one in sorted(mine, key=lambda version: version.valid_from)
            if one.valid_from > today or newest.get(one.of) is one
        ]
        now = tuple(one for one in told if one.since is not None and one.since <= today)
        everywhere = Source("各地", kind.asked, None, kind.source)
        coming = tuple(one for one in told if one not in now)
        together = training_rules.in_force(kind, versions, places, today)
        found.append(Asked(kind, together, (everywhere, *now), coming))
    return found


def _names(session: Session, places: Collection[int | str]) -> dict[int | str, str]:
    agencies = [place for place in places if isinstance(place, int)]
    regions = [place for place in places if isinstance(place, str)]
    found: dict[int | str, str] = {}
    for agency_id, name in session.execute(select(Agency.id, Agency.name).where(Agency.id.in_(agencies))):
        found[agency_id] = name
    for code, name in session.execute(select(Region.code, Region.name).where(Region.code.in_(regions))):
        found[code] = name
    return found


def sets_for(session: Session, actor: Actor) -> list[str]:
    """For what this person may set requirements: the own agency, the own region, both or nothing."""
    if actor.officer_id is None:
        return []
    own = directory.officer(session, actor.officer_id).own
    found = [AGENCY] if Role.OFFICER in actor.roles and substitution.heads(session, actor) else []
    supervises = Role.SUPERVISOR in actor.roles and own & training_rules.figures().set_by_region
    return [*found, REGION] if supervises else found


def newest(session: Session, actor: Actor, what: str) -> int:
    """The id of the newest version of the person's agency or region, of whatever kind; 0: there is none."""
    chosen = select(TrainingRule.id).where(_of(actor, what))
    return session.scalar(chosen.order_by(TrainingRule.id.desc()).limit(1)) or 0


def _of(actor: Actor, what: str) -> ColumnElement[bool]:
    if what == AGENCY:
        return TrainingRule.agency_id == actor.agency_id
    return TrainingRule.region_code == actor.region


def set_rule(session: Session, actor: Actor, what: str, new: NewRule) -> int:
    """Set the next version for the own agency or region. Whoever may not handle work by it any more loses the open tasks at
    once. Its id.

    Raises:
        Forbidden: this person does not decide it. NotFound: there is no such kind of positions.
        Conflict: somebody else set one meanwhile. Invalid: messages by field; nothing is kept.
    """
    if what not in sets_for(session, actor):
        raise Forbidden(NOBODY)
    kind = training_rules.figures().kind(new.kind)
    if kind is None:
        raise NotFound("没有这一类人员。")
    place: int | str = actor.agency_id if what == AGENCY else actor.region
    session.execute(ONE_AT_A_TIME, {"key": f"training_rule:{place}"})
    if newest(session, actor, what) != new.seen:
        raise Conflict("这项要求已由他人改动，未作任何处理。请刷新页面查看现在的要求。", code="moved_on")
    known = register.of(session)
    above = known.places(session, actor.agency_id) - {place}
    if what == REGION:
        above = frozenset(one for one in above if isinstance(one, str))
    asked_now, first = _checked(kind, known.training_versions(session), above, place, new)
    places = [actor.agency_id] if what == AGENCY else _agencies(session, actor.region)
    before = {i for each in places for i in directory.barred(session, each)}
    row = TrainingRule(
        agency_id=actor.agency_id if what == AGENCY else None,
        region_code=actor.region if what == REGION else None,
        kind=kind.key,
        hours=asked_now.hours,
        examination=asked_now.examination,
        bars=asked_now.bars,
        valid_from=first,
        basis=new.basis.strip(),
        set_by=actor.officer_id or 0,
        set_at=clock.now(),
    )
    session.add(row)
    session.flush()
    for officer_id in sorted({i for each in places for i in directory.barred(session, each)} - before):
        card = directory.officer(session, officer_id)
        at_once.ended(
            session, officer_id, f"的{'；'.join(sorted({why for _, why in card.barred}))}，不得办案"
        )
    return row.id


def _agencies(session: Session, region: str) -> list[int]:
    below = subtree(session, region)
    return list(session.scalars(select(Agency.id).where(Agency.region_code.in_(below)).order_by(Agency.id)))


def _checked(
    kind: Kind,
    versions: Sequence[training_rules.Version],
    above: Collection[int | str],
    place: int | str,
    new: NewRule,
) -> tuple[Requirement, date]:
    errors: dict[str, list[str]] = {}
    today = clock.today()
    first = today
    try:
        first = date.fromisoformat(new.valid_from.strip()) if new.valid_from.strip() else today
    except ValueError:
        errors["valid_from"] = ["日期格式应为 2026-01-31。"]
    if first < today:
        errors["valid_from"] = [f"要求不能从过去的日期起施行，最早是今天（{words.day(today)}）。"]
    elif first > today + LATEST:
        errors["valid_from"] = ["施行日期最晚在一年以内。"]
    floor = training_rules.in_force(kind, versions, above, first)
    typed = new.hours.strip()
    hours = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= 3 else -1
    if not 0 <= hours <= MOST_HOURS:
        errors["hours"] = [f"请填写整数学时，最多 {MOST_HOURS}。"]
    elif hours < floor.hours:
        errors["hours"] = [f"不得少于上级要求的 {floor.hours} 学时。只能更严，不能放宽。"]
    if floor.examination and not new.examination:
        errors["examination"] = ["上级要求考试合格，不能取消。"]
    if floor.bars and not new.bars:
        errors["bars"] = ["上级规定未达标的不得办案，不能取消。"]
    basis = new.basis.strip()
    if not basis:
        errors["basis"] = ["请写明依据文件和理由。"]
    elif len(basis) > LONGEST:
        errors["basis"] = [f"依据和理由不得超过 {LONGEST} 字，现在有 {len(basis)} 字。"]
    given = Requirement(hours, new.examination, new.bars)
    own = any(one.kind == kind.key and one.of == place for one in versions)
    if not errors and given == floor and not own:
        errors["hours"] = ["与上级要求相同，不需要另行规定。"]
    if errors:
        raise Invalid(errors=errors)
    return given, first


def look_at_training(session: Session, now: datetime) -> None:
    """Tell whoever lacks this year's training from the days on that the figures name, and once more when the year is over;
    the heads of the agency are told the names. Periodic work."""
    today = clock.legal_day(now)
    steps = [(today.year - 1, "ended")]
    if (day := training_rules.warned_from(today)) is not None:
        steps.append((today.year, day))
    posted = select(Officer.agency_id).join(Posting, Posting.officer_id == Officer.id).distinct()
    for agency_id in session.scalars(posted.order_by(Officer.agency_id)).all():
        for year, step in steps:
            _tell(session, agency_id, year, f"training:{year}:{step}", over=step == "ended")


def _tell(session: Session, agency_id: int, year: int, key: str, *, over: bool) -> None:
    lacking = []
    for row in rows(session, agency_id, year):
        if missing := [one for one in row.standings if not one.met]:
            lacking.append(row)
            told = "；".join(_words(one, over) for one in missing)
            notices.tell(session, [row.id], row.id, key, f"您的{told}。")
    if not lacking:
        return
    named = "、".join(row.name for row in lacking[:20]) + (" 等" if len(lacking) > 20 else "")
    end = "年度已经结束，请安排补训并登记" if over else "请在年底前安排培训并登记"
    told = f"本机关有 {len(lacking)} 人 {year} 年度培训未达标：{named}。{end}。"
    if any(one.asked.bars for row in lacking for one in row.standings if not one.met):
        told += "未达标的人员不得办案。" if over else "到年底仍未达标的人员，下一年起不得办案。"
    for head in notices.heads_of(session, agency_id):
        notices.tell(session, [head], head, f"{key}:heads", told)


def _words(one: Standing, over: bool) -> str:
    if not one.asked.bars:
        return one.lack
    return one.lack + ("，补训登记以前不得办案" if over else "，到年底仍未达标的，下一年起不得办案")


def register_jobs() -> None:
    """Let the workers know the work of this file."""
    jobs.periodic("people.training", EVERY, look_at_training)
