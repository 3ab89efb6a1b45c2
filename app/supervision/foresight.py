"""事项预警: the lights about the governance of power items. A sweep turns them on their day, each once, and tells who is to
act; it ends them when what they warned of is over."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, cast, exists, func, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from app.cases.models import Case
from app.catalogue import service as catalogue
from app.catalogue.models import ItemVersion, LawChange, LawTask, PowerItem, VersionState
from app.deadlines import service as deadlines
from app.items import service as items
from app.kernel import clock, jobs
from app.kernel.auth import Actor
from app.kernel.errors import Invalid
from app.people import service as people
from app.people.models import Agency

from . import foresight_rules as rules
from .foresight_rules import Colour, Kind, Turned
from .models import GovernanceLight

EVERY = 1800
"""Seconds between two looks."""
PAGE = 50
UNDER_WAY = (VersionState.REVIEW, VersionState.RETURNED, VersionState.AUDIT)
GONE = ("abolished", "transferred")


@dataclass(frozen=True, slots=True)
class Matter:
    """Something a light is on about."""

    kind: Kind
    subject: str
    agency_id: int
    region: str
    item_id: int
    item: str
    turned: Turned


def look(session: Session, now: datetime) -> None:
    """Turn the lights whose day has come and end those that are over. Periodic work."""
    today = clock.legal_day(now)
    on = set()
    for matter in matters(session, today):
        on.add((matter.kind.value, matter.subject, matter.turned.colour.value))
        if _turn(session, matter, now):
            _tell(session, matter)
    standing = session.scalars(select(GovernanceLight).where(GovernanceLight.ended_at.is_(None)))
    over = [row.id for row in standing if (row.kind, row.subject, row.colour) not in on]
    session.execute(update(GovernanceLight).where(GovernanceLight.id.in_(over)).values(ended_at=now))


def _turn(session: Session, matter: Matter, now: datetime) -> bool:
    """Whether this light turns for the first time; one that was over and is not is on again."""
    new = insert(GovernanceLight).values(
        kind=matter.kind,
        subject=matter.subject,
        colour=matter.turned.colour,
        agency_id=matter.agency_id,
        region_code=matter.region,
        item_id=matter.item_id,
        due_on=matter.turned.due_on,
        told=matter.turned.told,
        turned_at=now,
    )
    again = {"ended_at": None, "due_on": new.excluded.due_on, "told": new.excluded.told}
    kept = new.on_conflict_do_update(index_elements=["kind", "subject", "colour"], set_=again)
    return bool(session.scalar(kept.returning(literal_column("xmax = 0"))))


def _tell(session: Session, matter: Matter) -> None:
    """Tell those of the agency who are to act, and its heads."""
    kind = rules.figures()["kinds"][matter.kind]
    life, positions = items.life(), set()
    for name in kind["told"]:
        positions |= {life[name]} if isinstance(life[name], str) else set(life[name])
    cards = people.officers_at(session, matter.agency_id)
    to = {card.id for card in cards if card.positions & positions}
    to |= set(people.heads_of(session, matter.agency_id))
    word = "红灯" if matter.turned.colour is Colour.RED else "黄灯"
    told = f"{kind['name']}{word}：{matter.item}。{matter.turned.told}"
    key = f"governance:{matter.kind}:{matter.subject}:{matter.turned.colour}"
    for officer_id in to:
        people.tell(session, [officer_id], officer_id, key, told)


def matters(session: Session, today: date) -> Iterator[Matter]:
    """Everything a light is on about on a day."""
    calendars: dict[str, Any] = {}

    def days(region: str) -> Any:
        if region not in calendars:
            calendars[region] = deadlines.calendar(session, region)
        return calendars[region]

    concerned: set[int] = set()
    yield from _of_changes(session, today, days, concerned)
    yield from _of_versions(session, today, days, concerned)
    yield from _of_reviews(session, today)


def _of_changes(session: Session, today: date, days: Any, concerned: set[int]) -> Iterator[Matter]:
    """Items whose basis changes or has changed, and that their agencies have neither adjusted nor found unaffected: they
    are the `concerned`."""
    version, approved = aliased(ItemVersion), aliased(ItemVersion)
    followed = (
        select(approved.basis)
        .where(
            approved.item_id == LawTask.item_id,
            approved.state == VersionState.APPROVED,
            approved.approved_at >= LawTask.opened_at,
        )
        .order_by(approved.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    chosen = (
        select(LawTask, LawChange, PowerItem.name, Agency.region_code, version, Case.opened_at, followed)
        .join(LawChange, LawChange.id == LawTask.change_id)
        .join(PowerItem, PowerItem.id == LawTask.item_id)
        .join(Agency, Agency.id == LawTask.agency_id)
        .outerjoin(version, (version.item_id == LawTask.item_id) & version.state.in_(UNDER_WAY))
        .outerjoin(Case, Case.id == version.audit_case_id)
        .where(LawTask.state != "unaffected", PowerItem.status.not_in(GONE))
        .order_by(LawTask.id)
    )
    for task, change, name, region, draft, opened, basis in session.execute(chosen):
        if basis is not None and not _still_cites(basis, change):
            continue
        concerned.add(task.item_id)
        applied = clock.legal_day(opened) if opened else None
        waiting = draft is not None and draft.state == VersionState.AUDIT
        found = {
            Kind.APPLY: _application(today, change.on_date, applied, waiting, days(region), task.due_on),
            Kind.ADJUST: rules.adjustment(today, change.on_date, change.law),
        }
        for kind, turned in found.items():
            if turned:
                yield Matter(kind, f"law_task:{task.id}", task.agency_id, region, task.item_id, name, turned)


def _still_cites(basis: Sequence[Any], change: LawChange) -> bool:
    """Whether an item that was published anew rests on what was repealed all the same. Of an amendment it cannot be told
    from the words: publishing anew follows it."""
    if change.kind != "repealed":
        return False
    laws = {catalogue.same_law(piece.law) for each in basis for piece in catalogue.cited(str(each))}
    return change.law_key in laws


def _application(
    today: date, effective: date, applied: date | None, waiting: bool, days: Any, last: date
) -> Turned | None:
    try:
        return rules.application(today, effective, applied, waiting, days, last)
    except Invalid:  # beyond the calendar, far from any light
        return None


def _of_versions(session: Session, today: date, days: Any, concerned: set[int]) -> Iterator[Matter]:
    """Changes under way: applied for in time for their own day, and answered in time."""
    chosen = (
        select(ItemVersion, Agency.region_code, Case.opened_at, Case.agency_id, Case.region_code)
        .join(Agency, Agency.id == ItemVersion.agency_id)
        .outerjoin(Case, Case.id == ItemVersion.audit_case_id)
        .where(ItemVersion.state.in_(UNDER_WAY))
        .order_by(ItemVersion.id)
    )
    for version, region, opened, office, office_region in session.execute(chosen):
        applied = clock.legal_day(opened) if opened else None
        waiting = version.state == VersionState.AUDIT
        effective = version.effective_on
        if effective is not None and version.item_id not in concerned and days(region).covers(effective):
            last = catalogue.due_on(session, effective)
            if turned := _application(today, effective, applied, waiting, days(region), last):
                subject = f"version:{version.id}:{effective:%Y%m%d}"
                yield Matter(
                    Kind.APPLY, subject, version.agency_id, region, version.item_id, version.name, turned
                )
        if applied is None or not waiting or version.answer is not None:
            continue
        if turned := rules.answer(today, applied, days(office_region)):
            subject = f"case:{version.audit_case_id}"
            yield Matter(Kind.ANSWER, subject, office, office_region, version.item_id, version.name, turned)


def _of_reviews(session: Session, today: date) -> Iterator[Matter]:
    """Items in force that nobody has looked at for a year."""
    months = int(catalogue.item_rules.asked()["review_months"])
    version = aliased(ItemVersion)
    looked = func.coalesce(
        version.checked_on, cast(func.timezone("Asia/Shanghai", version.approved_at), Date)
    ).label("looked")
    counting = (
        select(version.item_id, looked)
        .distinct(version.item_id)
        .where(
            version.state == VersionState.APPROVED,
            or_(version.effective_on.is_(None), version.effective_on <= today),
        )
        .order_by(version.item_id, version.effective_on.desc().nulls_last(), version.number.desc())
        .subquery()
    )
    due = counting.c.looked + func.make_interval(0, months) <= today
    chosen = (
        select(PowerItem.id, PowerItem.name, PowerItem.agency_id, Agency.region_code, counting.c.looked)
        .join(counting, counting.c.item_id == PowerItem.id)
        .join(Agency, Agency.id == PowerItem.agency_id)
        .where(PowerItem.status == "published", PowerItem.kind.in_(items.kinds()), due)
        .order_by(PowerItem.id)
    )
    for item_id, name, agency_id, region, last in session.execute(chosen):
        if turned := rules.review(today, last, months):
            yield Matter(
                Kind.REVIEW, f"item:{item_id}:{last:%Y%m%d}", agency_id, region, item_id, name, turned
            )


@dataclass(frozen=True, slots=True)
class Line:
    """A light that is on, as a list shows it."""

    light: GovernanceLight
    agency: str
    item: str
    code: str

    @property
    def name(self) -> str:
        """What it is about."""
        return str(rules.figures()["kinds"][self.light.kind]["name"])

    @property
    def source(self) -> str:
        """The article."""
        return str(rules.figures()["kinds"][self.light.kind]["source"])


def lines(
    session: Session, actor: Actor, kind: str = "", colour: str = "", change_id: int = 0, page: int = 1
) -> list[Line]:
    """The lights that are on for the agencies this person sees, red ones and what is due first, one more than a page."""
    chosen = (
        select(GovernanceLight, Agency.name, PowerItem.name, PowerItem.code)
        .join(Agency, Agency.id == GovernanceLight.agency_id)
        .join(PowerItem, PowerItem.id == GovernanceLight.item_id)
        .where(GovernanceLight.ended_at.is_(None), people.scope(session, actor).condition(GovernanceLight))
        .order_by(GovernanceLight.colour, GovernanceLight.due_on, GovernanceLight.id)
    )
    if kind:
        chosen = chosen.where(GovernanceLight.kind == kind)
    if colour:
        chosen = chosen.where(GovernanceLight.colour == colour)
    if change_id:
        subjects = func.concat("law_task:", LawTask.id)
        chosen = chosen.where(
            exists().where(LawTask.change_id == change_id, GovernanceLight.subject == subjects)
        )
    rows = session.execute(chosen.offset((page - 1) * PAGE).limit(PAGE + 1))
    return [Line(*row) for row in rows]


def register_jobs() -> None:
    """Let the workers know the work of this file."""
    jobs.periodic("supervision.foresight", EVERY, look)
