"""Which items there are, in which state, and how far they are along: read only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Date, Integer, Select, and_, cast, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from app.cases import service as cases
from app.catalogue import service as catalogue
from app.catalogue.models import Change, ItemVersion, PowerItem, VersionState
from app.kernel import clock
from app.kernel.auth import Actor, Role
from app.kernel.errors import NotFound
from app.people import service as people
from app.people.models import Agency

from . import drawing, offices, steps

PAGE = 50
MOST_WORDS = 8
STATUS_WORDS: Mapping[str, tuple[str, str]] = {
    "draft": ("未施行", ""),
    "published": ("施行", "ok"),
    "abolished": ("已取消", ""),
    "transferred": ("已划出", ""),
}
"""Word and tone of what an item is today."""
STATE_WORDS: Mapping[str, tuple[str, str]] = {
    VersionState.DRAFT: ("编制中", ""),
    VersionState.REVIEW: ("部门审核", "info"),
    VersionState.RETURNED: ("退回修改", "warn"),
    VersionState.AUDIT: ("合法性审核", "info"),
    VersionState.APPROVED: ("已公布", "ok"),
    VersionState.ENDED: ("已结束，未公布", ""),
}
OPEN_STATES = (VersionState.DRAFT, VersionState.REVIEW, VersionState.RETURNED, VersionState.AUDIT)
FILTERS: Mapping[str, str] = {
    "": "全部",
    "published": "施行",
    "open": "正在调整",
    "due": "应当复核",
    "draft": "未施行",
    "trial": "试运行",
    "abolished": "已取消",
    "transferred": "已划出",
}


@dataclass(frozen=True, slots=True)
class Row:
    """An item in the list. `open` is the version that is being made, `due` whether it has to be re-examined."""

    item: PowerItem
    agency: str
    open: ItemVersion | None
    number: int | None
    since: date | None
    due: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list; `more` says whether there is another one."""

    rows: Sequence[Row]
    number: int
    more: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far an agency's items are along, trial operation left out: in force, of these with a procedure in force, with
    not re-examined for a year; and being changed."""

    agency: str
    level: str
    items: int
    with_procedure: int
    due: int
    open: int


def _standing(today: date) -> Any:
    """The version that counts of each item, for a lateral join."""
    version = aliased(ItemVersion)
    return (
        select(version.number, version.effective_on, version.checked_on, version.approved_at, version.change)
        .where(
            version.item_id == PowerItem.id,
            version.state == VersionState.APPROVED,
            or_(version.effective_on.is_(None), version.effective_on <= today),
        )
        .order_by(version.effective_on.desc().nulls_last(), version.number.desc())
        .limit(1)
        .lateral()
    )


def _scoped(session: Session, actor: Actor) -> Any:
    """The items that this person sees in lists: powers of the agencies in the person's scope."""
    return and_(people.scope(session, actor).condition(Agency), PowerItem.kind.in_(sorted(steps.kinds())))


def page(
    session: Session, actor: Actor, q: str = "", state: str = "", kind: str = "", number: int = 1
) -> Page:
    """The items this person sees, by agency and code, `PAGE` at a time; `q` are parts of words of name or code."""
    today = clock.today()
    standing = _standing(today)
    own = and_(ItemVersion.item_id == PowerItem.id, ItemVersion.state.in_(OPEN_STATES))
    due = _due(standing, today)
    query = (
        select(PowerItem, Agency.name, ItemVersion, standing.c.number, standing.c.effective_on, due)
        .join(Agency, Agency.id == PowerItem.agency_id)
        .outerjoin(ItemVersion, own)
        .outerjoin(standing, true())
        .where(_scoped(session, actor))
        .order_by(Agency.region_code, Agency.code, PowerItem.code)
        .limit(PAGE + 1)
        .offset((number - 1) * PAGE)
    )
    query = _filtered(query, q, state, kind, due)
    rows = [Row(*row[:5], bool(row[5])) for row in session.execute(query).all()]
    return Page(rows[:PAGE], number, len(rows) > PAGE)


def _due(standing: Any, today: date) -> Any:
    """Whether nobody has looked at an item in force for the months after which somebody has to."""
    months = int(catalogue.item_rules.asked()["review_months"])
    approved = cast(func.timezone("Asia/Shanghai", standing.c.approved_at), Date)
    looked = func.coalesce(standing.c.checked_on, approved)
    return and_(PowerItem.status == "published", looked + func.make_interval(0, months) <= today)


def _filtered(query: Select[Any], q: str, state: str, kind: str, due: Any) -> Select[Any]:
    for word in q.split()[:MOST_WORDS]:
        like = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        query = query.where(or_(PowerItem.name.ilike(like), PowerItem.code.ilike(like)))
    if kind:
        query = query.where(PowerItem.kind == kind)
    if state == "open":
        return query.where(ItemVersion.id.is_not(None))
    if state == "due":
        return query.where(due)
    if state == "trial":
        return query.where(PowerItem.trial)
    return query.where(PowerItem.status == state) if state in STATUS_WORDS else query


def coverage(session: Session, actor: Actor) -> list[Coverage]:
    """The agencies this person sees, with numbers of their items."""
    today = clock.today()
    standing = _standing(today)
    own = and_(ItemVersion.item_id == PowerItem.id, ItemVersion.state.in_(OPEN_STATES))
    counted = and_(PowerItem.status == "published", ~PowerItem.trial)
    powers = and_(PowerItem.agency_id == Agency.id, PowerItem.kind.in_(sorted(steps.kinds())))
    known = sorted(steps.procedures(session))

    def number(condition: Any) -> Any:
        return func.coalesce(func.sum(cast(condition, Integer)), 0)

    rows = session.execute(
        select(
            Agency.name,
            Agency.level,
            number(counted),
            number(and_(counted, PowerItem.procedure.in_(known))),
            number(and_(counted, _due(standing, today))),
            number(ItemVersion.id.is_not(None)),
        )
        .join_from(Agency, PowerItem, powers, isouter=True)
        .outerjoin(ItemVersion, own)
        .outerjoin(standing, true())
        .where(people.scope(session, actor).condition(Agency))
        .group_by(Agency.id)
        .order_by(Agency.region_code, Agency.code)
    ).all()
    return [Coverage(*row) for row in rows]


def item(session: Session, actor: Actor, item_id: int) -> tuple[PowerItem, Agency]:
    """An item this person sees, with its agency.

    Raises:
        NotFound: it does not exist for this person.
    """
    chosen = select(PowerItem, Agency).join(Agency, Agency.id == PowerItem.agency_id)
    mine = people.scope(session, actor).condition(Agency)
    row = session.execute(chosen.where(PowerItem.id == item_id, mine)).first()
    if row is None:
        raise NotFound(drawing.NO_ITEM)
    return row[0], row[1]


def versions(session: Session, item_id: int) -> Sequence[ItemVersion]:
    """All versions of an item, the newest first."""
    chosen = select(ItemVersion).where(ItemVersion.item_id == item_id)
    return session.scalars(chosen.order_by(ItemVersion.id.desc())).all()


def version(session: Session, actor: Actor, version_id: int) -> ItemVersion:
    """A version for somebody who sees its item, or who has the legal office's case about it.

    Raises:
        NotFound: it does not exist for this person.
    """
    found = session.get(ItemVersion, version_id)
    if found is None:
        raise NotFound(drawing.NO_VERSION)
    try:
        item(session, actor, found.item_id)
    except NotFound:
        if found.audit_case_id is None or Role.OFFICER not in actor.roles:
            raise NotFound(drawing.NO_VERSION) from None
        cases.case(session, actor, found.audit_case_id)
    return found


def waits(session: Session, found: ItemVersion) -> str:
    """What the case of an open version waits for, and who does it, in words."""
    if found.case_id is None or found.state not in OPEN_STATES:
        return ""
    if found.state == VersionState.AUDIT:
        office = offices.reviewing(session, found.agency_id)
        return f"等待{people.agency(session, office.agency_id).name}的审核意见"
    waiting = [work for work in cases.open_work(session, found.case_id) if work.kind == "user"]
    posts = people.position_names(session)
    told = [f"{work.name}”（{posts.get(work.position_key, work.position_key)}" for work in waiting]
    return f"等待“{'）、“'.join(told)}）" if told else ""


@dataclass(frozen=True, slots=True)
class Returned:
    """Why a version came back: who said so at which step, on which day, in which words."""

    step: str
    by: str
    on: date
    words: str


def returned(session: Session, found: ItemVersion) -> Returned | None:
    """Why an open version came back; None: it did not, or nothing was said."""
    if found.case_id is None or found.state != VersionState.RETURNED:
        return None
    last = next((s for s in reversed(cases.submissions(session, found.case_id))), None)
    said = last.data.get("opinion") if last else None
    words = str((said.get("text") if isinstance(said, Mapping) else said) or "").strip()
    if last is None or not words:
        return None
    by = str(last.data.get("reviewer") or people.officer(session, last.by_id).name)
    return Returned(last.name, by, clock.legal_day(last.at), words)


@dataclass(frozen=True, slots=True)
class Shown:
    """The elements of a page of the drawing-up, label and value in words."""

    step: str
    title: str
    lines: Sequence[tuple[str, str]]


def shown(session: Session, elements: Mapping[str, Any]) -> list[Shown]:
    """The elements in words, page by page."""
    wording, found = steps.wording(session), []
    for step in steps.STEPS:
        keys = [entry["key"] for entry in steps.definitions()[step]["items"] if entry.get("key")]
        keys = [key for key in keys if key not in steps.UNITS.values()]
        told = [(wording.labels[key], wording.told(elements, key)) for key in keys]
        found.append(Shown(step, steps.title(step), [(label, words) for label, words in told if words]))
    if elements.get("discretion") == "own" and elements.get("own_baseline"):
        lines = catalogue.discretion.lines(catalogue.discretion.read(elements["own_baseline"]))
        found.append(Shown("tiers", "裁量档次", lines))
    return found


def check(session: Session, actor: Actor, item_id: int, note: str) -> None:
    """Note that somebody has looked at the item again and nothing needs to change (年度复核).

    Raises:
        Forbidden: the actor does not draw items up.
        NotFound: the item is not the agency's, or nothing of it counts.
    """
    own = drawing.item_of(session, actor, item_id)
    drawing.for_drawers(actor)
    standing = catalogue.versions.counting(catalogue.versions.approved(session, own.id), clock.today())
    if standing is None or standing.change not in (Change.NEW, Change.ADJUST):
        raise NotFound(drawing.NO_ITEM)
    found = catalogue.versions.locked(session, standing.id)
    today = clock.today()
    said = {"on": today.isoformat(), "by": actor.name, "note": note.strip()[:500]}
    if said not in found.checks:
        found.checked_on, found.checks = today, [*found.checks, said]
        session.flush()
