"""Which change orders exist for whom: those of the own agency, those it examines as the legal office, a supervisor's and an
administrator's region."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Actor, Role
from app.kernel.errors import NotFound
from app.people import service as people
from app.people.models import Agency

from .models import ChangeOrder, Kind, State

PAGE = 50
NO_ORDER = "没有这张变更单，或者它不属于您的机关。"
KINDS: Mapping[str, str] = {Kind.LAW: "依据", Kind.ROSTER: "人员名录"}
STATES: Mapping[str, tuple[str, str]] = {
    State.DRAFT: ("编制中", ""),
    State.SENT: ("审核中", "info"),
    State.CONFIRMED: ("已确认，待生效", "ok"),
    State.APPLIED: ("已调整", "ok"),
    State.FAILED: ("未能调整", "danger"),
    State.REJECTED: ("不予确认", "warn"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """An order as the list shows it."""

    order: ChangeOrder
    agency: str


def seen(session: Session, actor: Actor) -> ColumnElement[bool]:
    """The orders that exist for a person. A draft is its agency's alone, and the administrator's who draws it up."""
    parts: list[ColumnElement[bool]] = []
    if Role.OFFICER in actor.roles:
        parts.append(ChangeOrder.agency_id == actor.agency_id)
        parts.append(and_(ChangeOrder.office_id == actor.agency_id, ChangeOrder.state != State.DRAFT))
    scope = people.scope(session, actor)
    if scope.regions:
        parts.append(and_(Agency.region_code.in_(sorted(scope.regions)), ChangeOrder.state != State.DRAFT))
    if Role.ADMIN in actor.roles:
        kept = people.administered(session, actor)
        parts.append(and_(kept.condition(Agency), ChangeOrder.kind == Kind.ROSTER))
    return or_(*parts)


def order(session: Session, actor: Actor, kind: str, order_id: int) -> ChangeOrder:
    """One order of this kind.

    Raises:
        NotFound: it does not exist for this person.
    """
    chosen = select(ChangeOrder).join(Agency, Agency.id == ChangeOrder.agency_id)
    found = session.scalar(
        chosen.where(ChangeOrder.id == order_id, ChangeOrder.kind == kind, seen(session, actor))
    )
    if found is None:
        raise NotFound(NO_ORDER)
    return found


def own(session: Session, actor: Actor, kind: str, order_id: int) -> ChangeOrder:
    """An order of the actor's own agency, locked.

    Raises:
        NotFound: it is not.
    """
    found = session.get(ChangeOrder, order_id, with_for_update=True, populate_existing=True)
    if found is None or found.kind != kind or found.agency_id != actor.agency_id:
        raise NotFound(NO_ORDER)
    return found


def listed(session: Session, actor: Actor, kind: str, state: str = "", after: int = 0) -> Sequence[Row]:
    """The orders of a kind, the newest first, one more than a page holds. `after`: the last id of the page before."""
    chosen = select(ChangeOrder, Agency.name).join(Agency, Agency.id == ChangeOrder.agency_id)
    chosen = chosen.where(ChangeOrder.kind == kind, seen(session, actor))
    if state in STATES:
        chosen = chosen.where(ChangeOrder.state == state)
    if after:
        chosen = chosen.where(ChangeOrder.id < after)
    rows = session.execute(chosen.order_by(ChangeOrder.id.desc()).limit(PAGE + 1))
    return [Row(found, agency) for found, agency in rows]


def of_case(session: Session, case_id: int, *, lock: bool = False) -> ChangeOrder | None:
    """The order about which a case of the legal office is."""
    chosen = select(ChangeOrder).where(ChangeOrder.case_id == case_id)
    if lock:
        chosen = chosen.with_for_update().execution_options(populate_existing=True)
    return session.scalar(chosen)


def drafts(kind: str, agency_id: int) -> Select[tuple[ChangeOrder]]:
    """The drafts of an agency, the oldest first."""
    mine = (ChangeOrder.kind == kind, ChangeOrder.agency_id == agency_id, ChangeOrder.state == State.DRAFT)
    return select(ChangeOrder).where(*mine).order_by(ChangeOrder.id)


def by_ids(ids: Collection[int]) -> Select[tuple[ChangeOrder]]:
    """Orders by their ids."""
    return select(ChangeOrder).where(ChangeOrder.id.in_(sorted(ids)))


def number(found: ChangeOrder) -> str:
    """What an order is called: 变更单〔2026〕12号."""
    return f"变更单〔{clock.legal_day(found.created_at).year}〕{found.id}号"


def day(found: ChangeOrder) -> date:
    """Its day; only a draft may have none.

    Raises:
        ValueError: it has none.
    """
    if found.effective_on is None:
        raise ValueError(f"order {found.id} has no day")
    return found.effective_on
