"""工作移交: all that somebody has in hand goes to a successor or back to the pool, task by task, each checked."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel import writes
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, XingquanError
from app.people import service as people

from . import lapses, locking
from .desk_acts import carrying
from .desk_acts.handing import POOL
from .desk_settings import is_head, settings
from .kept_out import open_to
from .models import Case, CaseStatus, Handler, WorkItem, WorkStatus

HEADS_ONLY = "工作移交由本机关分管负责人或者主要负责人办理。"
IN_HAND = (WorkStatus.OPEN, WorkStatus.COSIGN, WorkStatus.SIGNING)
REPLACED = 100
"""So many cases that need other handlers are shown at once."""


@dataclass(frozen=True, slots=True)
class Held:
    """A waiting task somebody has in hand, or is to confirm (`confirms`); `why` says why that person no longer can."""

    id: int
    name: str
    position: str
    status: str
    confirms: bool
    version: int
    case_id: int
    no: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with open tasks; `why` says what has ended, where something has."""

    id: int
    name: str
    positions: Sequence[str]
    load: int
    unable: int
    active: bool


@dataclass(frozen=True, slots=True)
class Replace:
    """A case one of whose handlers can no longer handle it; `work_id` is a waiting task from which to replace them."""

    case_id: int
    no: str
    title: str
    role: str
    name: str
    why: str
    work_id: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one task."""

    work_id: int
    name: str
    no: str
    done: bool
    message: str


def for_heads(actor: Actor) -> None:
    """Refuse everybody but the heads of an agency.

    Raises:
        Forbidden: the person is none.
    """
    if not is_head(actor):
        raise Forbidden(HEADS_ONLY)


def people_with_tasks(session: Session, actor: Actor) -> list[Person]:
    """Everybody of the agency who has open tasks, those first who can no longer handle some of them."""
    for_heads(actor)
    mine = select(WorkItem.assignee_id, func.count()).where(
        WorkItem.agency_id == actor.agency_id,
        WorkItem.kind == "user",
        WorkItem.status.in_(IN_HAND),
        WorkItem.assignee_id.is_not(None),
    )
    counts: dict[int, int] = dict(session.execute(mine.group_by(WorkItem.assignee_id)).tuples().all())  # type: ignore[arg-type]
    unable = {
        o: sum(bool(why) for _, why in lapses.in_hand(session, o))
        for o in lapses.ended(session, actor.agency_id)
    }
    cards = people.officers(session, {*counts, *(o for o, n in unable.items() if n)})
    active = {card.id for card in people.officers_at(session, actor.agency_id)}
    found = [
        Person(
            card.id,
            card.name,
            [p.name for p in card.postings],
            counts.get(card.id, 0),
            unable.get(card.id, 0),
            card.id in active,
        )
        for card in cards.values()
        if card.agency_id == actor.agency_id
    ]
    return sorted(found, key=lambda p: (-p.unable, p.name))


def held(session: Session, actor: Actor, officer_id: int) -> tuple[people.OfficerCard, list[Held]]:
    """What an officer of the agency has in hand.

    Raises:
        Forbidden: only heads hand over. NotFound: the officer is none of the agency's.
    """
    for_heads(actor)
    card = people.officers(session, [officer_id]).get(officer_id)
    if card is None or card.agency_id != actor.agency_id:
        raise NotFound("本机关没有这名人员。")
    rows = {row["id"]: why for row, why in lapses.in_hand(session, officer_id)}
    chosen = select(WorkItem, Case.no, Case.title).join(Case, Case.id == WorkItem.case_id)
    chosen = chosen.where(WorkItem.id.in_(rows), WorkItem.kind == "user", open_to(actor, Case.id))
    found = session.execute(chosen.order_by(WorkItem.due_at, WorkItem.id)).all()
    positions = people.position_names(session)
    return card, [
        Held(
            work.id,
            work.name,
            positions.get(work.position_key, work.position_key),
            work.status,
            work.assignee_id != officer_id,
            work.version,
            work.case_id,
            no,
            title,
            rows[work.id],
        )
        for work, no, title in found
    ]


def hand_over(
    session: Session,
    actor: Actor,
    officer_id: int,
    work_ids: Sequence[int],
    successor_id: int | None,
    reason: str,
    key: str,
) -> list[Outcome]:
    """Give these tasks of an officer to a successor, or back to the pool; what became of each, in their order. Each is
    checked and recorded like one that a head gives out; what is refused leaves the others alone. With the same key the
    same answers come again.

    Raises:
        Forbidden: only heads do. NotFound: the officer or the successor is none of the agency's.
        Invalid: nothing chosen, too many, or no reason.
    """
    card, _ = held(session, actor, officer_id)
    active = {c.id for c in people.officers_at(session, actor.agency_id)}
    errors: dict[str, list[str]] = {}
    if not work_ids:
        errors["work"] = ["请选择要移交的任务。"]
    elif len(work_ids) > settings().handed_over:
        errors["work"] = [f"一次最多移交 {settings().handed_over} 项，请分几次办理。"]
    if not reason.strip():
        errors["reason"] = ["请填写理由。"]
    elif len(reason) > 500:
        errors["reason"] = [f"理由不得超过 500 字，现在有 {len(reason)} 字。"]
    if successor_id is not None and (successor_id not in active or successor_id == officer_id):
        errors["to"] = ["请在列出的人员中选择接手人员。"]
    if errors:
        raise Invalid(errors=errors)
    chosen = select(WorkItem.id, WorkItem.case_id, WorkItem.name, Case.no).join(
        Case, Case.id == WorkItem.case_id
    )
    mine = (WorkItem.id.in_(work_ids), WorkItem.agency_id == actor.agency_id)
    rows = session.execute(chosen.where(*mine).order_by(WorkItem.case_id, WorkItem.id)).all()
    given = {"to": POOL if successor_id is None else str(successor_id), "reason": reason.strip()}
    found = []
    for row in rows:
        own = hashlib.sha256(f"{key}:{row.id}".encode()).hexdigest()[:40]
        try:
            with writes.nested(session):
                message = _one(session, actor, card, row.id, row.case_id, own, given)
            found.append(Outcome(row.id, row.name, row.no, True, message))
        except XingquanError as error:
            locking.release(session)
            found.append(Outcome(row.id, row.name, row.no, False, _told(error)))
    place = {number: at for at, number in enumerate(work_ids)}
    return sorted(found, key=lambda one: place[one.work_id])


def _one(
    session: Session,
    actor: Actor,
    card: people.OfficerCard,
    work_id: int,
    case_id: int,
    key: str,
    given: dict[str, str],
) -> str:
    """One task. What waits for a confirmation or for signers, and can no longer take effect, is put back first."""
    before = session.get_one(WorkItem, work_id, populate_existing=True)
    mine = card.id in (before.assignee_id, before.cosigner_id)
    if before.status in lapses.HANDED_IN:
        lapses.put_back(session, case_id, work_id)
        session.refresh(before)
    if mine and before.status == WorkStatus.OPEN and before.assignee_id is None and given["to"] == POOL:
        return f"“{before.name}”已在公共待办中。"
    version = before.version if mine else 0
    return carrying.carry_out(session, actor, work_id, version, key, "assign", given).message


def _told(error: XingquanError) -> str:
    if isinstance(error, Invalid) and error.errors:
        return "".join(told[0] for told in error.errors.values())
    if isinstance(error, Conflict):
        return "这项任务已经被办理或者已由其他人员承办。"
    return error.message


def to_replace(session: Session, actor: Actor) -> list[Replace]:
    """The running cases of the agency one of whose handlers can no longer handle them."""
    for_heads(actor)
    gone = lapses.ended(session, actor.agency_id)
    chosen = select(Case, Handler).join(Handler, Handler.case_id == Case.id)
    chosen = chosen.where(
        Case.agency_id == actor.agency_id,
        Case.status == CaseStatus.OPEN,
        Handler.officer_id.in_(gone),
        open_to(actor, Case.id),
    )
    rows = session.execute(chosen.order_by(Case.id.desc()).limit(REPLACED)).all() if gone else []
    found = [
        (case, handler, lapses.handler_cause(session, case, handler.officer_id)) for case, handler in rows
    ]
    found = [one for one in found if one[2]]
    names = people.officers(session, {handler.officer_id for _, handler, _ in found})
    waiting = select(func.min(WorkItem.id), WorkItem.case_id).where(
        WorkItem.case_id.in_([case.id for case, _, _ in found]),
        WorkItem.kind == "user",
        WorkItem.status.in_(IN_HAND),
    )
    tasks = {case_id: work_id for work_id, case_id in session.execute(waiting.group_by(WorkItem.case_id))}
    return [
        Replace(
            case.id,
            case.no,
            case.title,
            {"lead": "主办", "second": "协办"}.get(handler.role, handler.role),
            names[handler.officer_id].name,
            why,
            tasks.get(case.id),
        )
        for case, handler, why in found
    ]
