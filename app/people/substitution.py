"""Substitutes by period (代理): who is away is stood in for by a colleague of the same agency.

The substitute holds the positions too, as the person they are: with their own certificates, and kept out of whatever
they may not do themself. A substitution goes no further than one step, and is never changed, only ended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Actor, Role
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.kernel.navigation import HEADS

from . import directory, rules
from .cards import OfficerCard
from .models import Account, Officer, Substitution
from .rules import LIMITS

STATES = {"coming": "尚未开始", "now": "代理中", "over": "已期满", "ended": "已提前结束"}


@dataclass(frozen=True, slots=True)
class NewSubstitution:
    """A substitution to set. `positions` empty: all of the officer's."""

    officer_id: int
    substitute_id: int
    positions: frozenset[str]
    valid_from: date
    valid_to: date
    reason: str


@dataclass(frozen=True, slots=True)
class SubstitutionView:
    """A substitution as a line of the page. `state` is a key of `STATES`."""

    id: int
    officer: str
    substitute: str
    positions: Sequence[str]
    valid_from: date
    valid_to: date
    reason: str
    set_by: str
    set_at: datetime
    state: str
    ended_on: date | None
    ended_by: str
    ended: str
    may_end: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A colleague who may be chosen, or the reason why not, in the period given."""

    id: int
    name: str
    why_not: str


def heads(session: Session, actor: Actor) -> bool:
    """Whether this person answers for the agency's people: by a posting of their own, not as a substitute."""
    return bool(_me(session, actor).own & HEADS)


def set_up(session: Session, actor: Actor, new: NewSubstitution) -> int:
    """Let somebody stand in for an officer; the substitution's id.

    Raises:
        Forbidden: neither the officer themself nor a head of the agency asks.
        NotFound: there is no such officer in this person's agency.
        Invalid: messages by field; nothing changed.
    """
    officer = whom(session, actor, new.officer_id)
    # Two substitutions set at one moment could make a chain: the people they are about are the queue.
    people = select(Officer).where(Officer.id.in_(sorted({new.officer_id, new.substitute_id})))
    session.scalars(people.order_by(Officer.id).with_for_update()).all()
    errors: dict[str, list[str]] = {}
    if new.positions - officer.own:
        errors["positions"] = [f"只能选择{officer.name}现在担任的岗位。"]
    elif not officer.own:
        errors["positions"] = [f"{officer.name}现在没有岗位，不需要代理。"]
    errors |= _period(new)
    chosen = {c.id: c for c in candidates(session, actor, new.officer_id)}.get(new.substitute_id)
    if new.substitute_id == new.officer_id:
        errors["substitute"] = ["本人不能代理本人，请选择另一名人员。"]
    elif chosen is None:
        errors["substitute"] = ["只能由本机关的执法工作人员代理，请在列出的人员中选择。"]
    if not errors:
        errors |= _clashes(session, officer, new)
    if errors:
        raise Invalid(errors=errors)
    row = Substitution(
        agency_id=actor.agency_id,
        officer_id=new.officer_id,
        substitute_id=new.substitute_id,
        positions=sorted(new.positions),
        valid_from=new.valid_from,
        valid_to=new.valid_to,
        said={"reason": new.reason},
        set_by=actor.officer_id,
        set_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row.id


def end(session: Session, actor: Actor, substitution_id: int, reason: str) -> None:
    """End a substitution early: from today on it does not count.

    Raises:
        NotFound: there is none with this number for this person.
        Conflict: it has ended already.
        Invalid: no reason is given.
    """
    row = session.scalar(
        select(Substitution)
        .where(Substitution.id == substitution_id, Substitution.agency_id == actor.agency_id)
        .with_for_update()
    )
    if row is None or not _may_end(row, actor.officer_id, heads(session, actor)):
        raise NotFound("没有找到这项代理，或者它不由您结束。")
    today = clock.today()
    if row.ended_on is not None:
        raise Conflict("这项代理已经提前结束。", code="ended")
    if row.valid_to < today:
        raise Conflict("这项代理已经期满，不需要再结束。", code="over")
    if not reason.strip():
        raise Invalid(errors={"reason": ["请填写提前结束的理由。"]})
    row.said = {**row.said, "ended": reason.strip()}
    row.ended_on, row.ended_by, row.ended_at = max(today, row.valid_from), actor.officer_id, clock.now()
    session.flush()


def listed(session: Session, actor: Actor) -> Sequence[SubstitutionView]:
    """The substitutions a person may know of, newest first: those they are part of, a head all of the agency."""
    head = heads(session, actor)
    query = select(Substitution).where(Substitution.agency_id == actor.agency_id)
    if not head:
        mine = (Substitution.officer_id, Substitution.substitute_id, Substitution.set_by)
        query = query.where(or_(*(column == actor.officer_id for column in mine)))
    rows = session.scalars(query.order_by(Substitution.id.desc()).limit(200)).all()
    ids = {o for r in rows for o in (r.officer_id, r.substitute_id, r.set_by, r.ended_by) if o}
    cards, names = directory.officers(session, ids), directory.position_names(session)
    return [_view(row, cards, names, _may_end(row, actor.officer_id, head)) for row in rows]


def whom(session: Session, actor: Actor, officer_id: int) -> OfficerCard:
    """The officer for whom this person may set a substitution.

    Raises:
        NotFound: there is no such officer in this person's agency.
        Forbidden: it is somebody else, and this person is no head of the agency.
    """
    found = next((c for c in directory.officers_at(session, actor.agency_id) if c.id == officer_id), None)
    if found is None:
        raise NotFound("本机关没有这名人员，或者其账号已经停用。")
    if officer_id != actor.officer_id and not heads(session, actor):
        raise Forbidden("只能为自己设置代理；为他人设置，应当由本机关主要负责人或者分管负责人办理。")
    return found


def candidates(session: Session, actor: Actor, officer_id: int) -> Sequence[Candidate]:
    """The colleagues who may stand in for an officer, by pinyin; who is away today is named with the reason."""
    handling = set(
        session.scalars(
            select(Account.officer_id).where(
                Account.agency_id == actor.agency_id, Account.active, Account.roles.contains([Role.OFFICER])
            )
        )
    )
    today = clock.today()
    away = {
        row.officer_id: row
        for row in session.scalars(
            select(Substitution).where(
                Substitution.agency_id == actor.agency_id, Substitution.valid_to >= today
            )
        )
        if rules.substitution_holds(row.valid_from, row.valid_to, row.ended_on, today)
    }
    return [
        Candidate(c.id, c.name, f"现由他人代理，至{away[c.id].valid_to}" if c.id in away else "")
        for c in directory.officers_at(session, actor.agency_id)
        if c.id != officer_id and c.id in handling
    ]


def _period(new: NewSubstitution) -> dict[str, list[str]]:
    if new.valid_from < clock.today():
        return {"valid_from": ["代理从今天或者以后的日期开始：已经过去的日子不能补设代理。"]}
    if new.valid_to < new.valid_from:
        return {"valid_to": ["最后一天不能早于第一天。"]}
    if (new.valid_to - new.valid_from).days >= LIMITS.substitution_days:
        return {"valid_to": ["代理最长一年。离岗更久的，应当请系统管理员调整任职。"]}
    return {}


def _clashes(session: Session, officer: OfficerCard, new: NewSubstitution) -> dict[str, list[str]]:
    """No chain, no circle, no second substitute for the same position on the same day."""
    both = (new.officer_id, new.substitute_id)
    near = select(Substitution).where(
        or_(Substitution.officer_id.in_(both), Substitution.substitute_id.in_(both)),
        Substitution.valid_from <= new.valid_to,
        Substitution.valid_to >= new.valid_from,
    )
    rows = [r for r in session.scalars(near.order_by(Substitution.id)) if _last(r) >= new.valid_from]
    names = directory.officers(session, {o for r in rows for o in (r.officer_id, r.substitute_id)})
    for r in rows:
        period = f"{r.valid_from}至{_last(r)}"
        absent, substitute = names[r.officer_id].name, names[r.substitute_id].name
        if (r.officer_id, r.substitute_id) == (new.substitute_id, new.officer_id):
            return {"substitute": [f"{period}由{substitute}代理{absent}，两人不能互相代理。"]}
        if r.officer_id == new.substitute_id:
            return {"substitute": [f"{absent}在{period}由{substitute}代理，本人不在岗，不能再代理他人。"]}
        if r.substitute_id == new.officer_id:
            told = f"{substitute}在{period}代理{absent}，代理不能再转托他人。"
            return {"valid_from": [f"{told}请先结束那项代理，或者另选日期。"]}
        mine = r.officer_id == new.officer_id
        held = frozenset(r.positions) or officer.own
        if mine and held & (new.positions or officer.own):
            return {
                "valid_from": [f"{absent}的这些岗位在{period}已由{substitute}代理，请先结束或者另选日期。"]
            }
    return {}


def _last(row: Substitution) -> date:
    """The last day on which it counts."""
    return row.valid_to if row.ended_on is None else min(row.valid_to, row.ended_on - timedelta(days=1))


def _may_end(row: Substitution, officer_id: int | None, head: bool) -> bool:
    return head or officer_id in (row.officer_id, row.substitute_id, row.set_by)


def _me(session: Session, actor: Actor) -> OfficerCard:
    if actor.officer_id is None:
        raise Forbidden("您的账号不是执法人员账号，不能设置代理。")
    return directory.officer(session, actor.officer_id)


def _view(
    row: Substitution, cards: Mapping[int, OfficerCard], names: Mapping[str, str], may_end: bool
) -> SubstitutionView:
    today = clock.today()
    if row.ended_on is not None:
        state = "ended"
    else:
        state = "over" if row.valid_to < today else "coming" if row.valid_from > today else "now"
    return SubstitutionView(
        id=row.id,
        officer=cards[row.officer_id].name,
        substitute=cards[row.substitute_id].name,
        positions=[names.get(key, key) for key in row.positions],
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        reason=row.said.get("reason", ""),
        set_by=cards[row.set_by].name,
        set_at=row.set_at,
        state=state,
        ended_on=row.ended_on,
        ended_by=cards[row.ended_by].name if row.ended_by else "",
        ended=row.said.get("ended", ""),
        may_end=may_end and row.ended_on is None and row.valid_to >= today,
    )
