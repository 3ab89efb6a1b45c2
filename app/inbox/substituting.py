"""What waits for those one stands in for: a group of its own on the inbox, 代…办理. Nothing in it moves by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import Case, WorkItem
from app.kernel.auth import Actor
from app.people import service as people

MOST = 50
"""Tasks of one absent officer that are listed; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task that waits for the absent officer."""

    id: int
    name: str
    no: str
    title: str
    confirm: bool
    due: cases.DueView | None


@dataclass(frozen=True, slots=True)
class Group:
    """Whom this person stands in for, in which positions, until when, and what waits for them. `more`: there is more
    than is listed."""

    officer_id: int
    name: str
    positions: Sequence[str]
    until: date
    tasks: Sequence[Waiting]
    more: bool


def groups(session: Session, actor: Actor) -> list[Group]:
    """The people this person stands in for today."""
    if actor.officer_id is None:
        return []
    names = people.position_names(session)
    return [
        _group(session, actor, cover, [names.get(key, key) for key in sorted(cover.positions)])
        for cover in people.officer(session, actor.officer_id).covers
    ]


def _group(session: Session, actor: Actor, cover: people.CoverCard, positions: Sequence[str]) -> Group:
    open_, cosign = cases.WorkStatus.OPEN, cases.WorkStatus.COSIGN
    waits = or_(
        (WorkItem.status == open_) & (WorkItem.assignee_id == cover.officer_id),
        (WorkItem.status == cosign) & (WorkItem.cosigner_id == cover.officer_id),
    )
    moment = case((WorkItem.due_at.is_(None), 1), else_=0)
    query = (
        select(WorkItem.id, WorkItem.name, WorkItem.status, Case.no, Case.title)
        .join(Case, Case.id == WorkItem.case_id)
        .where(
            waits,
            WorkItem.kind == "user",
            WorkItem.agency_id == actor.agency_id,
            cases.open_to(actor, WorkItem.case_id),
            WorkItem.position_key.in_(sorted(cover.positions)),
        )
        .order_by(moment, WorkItem.due_at, WorkItem.id)
        .limit(MOST + 1)
    )
    rows = session.execute(query).all()
    due = cases.dues(session, (row.id for row in rows[:MOST]))
    return Group(
        cover.officer_id,
        cover.name,
        positions,
        cover.until,
        [
            Waiting(row.id, row.name, row.no, row.title, row.status == cosign, due.get(row.id))
            for row in rows[:MOST]
        ],
        len(rows) > MOST,
    )
