"""What asks for somebody's attention on a task without moving it: words of those who urge, and copies to read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Actor
from app.people import service as people

from .desk_settings import settings
from .models import Involvement, Part, PartState, Urging


@dataclass(frozen=True, slots=True)
class UrgedBy:
    """One urging: who, when, with which word."""

    name: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Urged:
    """How often a task was urged, and the last time."""

    count: int
    last: UrgedBy


def urgings(session: Session, work_item_id: int) -> Sequence[UrgedBy]:
    """The last words of those who urged a task, newest first."""
    chosen = select(Urging).where(Urging.work_item_id == work_item_id).order_by(Urging.id.desc())
    rows = session.scalars(chosen.limit(settings().urges_shown)).all()
    names = people.officers(session, {row.by_id for row in rows})
    return [UrgedBy(names[row.by_id].name, row.at, (row.said or {}).get("note", "")) for row in rows]


def urged(session: Session, work_item_ids: Collection[int]) -> dict[int, Urged]:
    """The tasks among these that were urged: how often, and by whom last (two questions, whatever their number)."""
    ids = sorted(work_item_ids)
    counted = select(Urging.work_item_id, func.count(), func.max(Urging.id)).where(
        Urging.work_item_id.in_(ids)
    )
    counts = session.execute(counted.group_by(Urging.work_item_id)).all() if ids else []
    if not counts:
        return {}
    last = {
        row.id: row for row in session.scalars(select(Urging).where(Urging.id.in_([c[2] for c in counts])))
    }
    names = people.officers(session, {row.by_id for row in last.values()})
    return {
        work: Urged(
            count, UrgedBy(names[last[n].by_id].name, last[n].at, (last[n].said or {}).get("note", ""))
        )
        for work, count, n in counts
    }


def last_urging(session: Session, work_item_id: int, officer_id: int) -> datetime | None:
    """When this person urged this task last."""
    mine = (Urging.work_item_id == work_item_id, Urging.by_id == officer_id)
    return session.scalar(select(func.max(Urging.at)).where(*mine))


def read_copies(session: Session, actor: Actor, work_item_id: int) -> int:
    """Note that this person has opened a task that was copied to them; how many copies were unread."""
    mine = update(Involvement).where(
        Involvement.work_item_id == work_item_id,
        Involvement.officer_id == actor.officer_id,
        Involvement.part == Part.COPY,
        Involvement.state == PartState.OPEN,
    )
    done = session.execute(mine.values(state=PartState.DONE, read_at=clock.now()).returning(Involvement.id))
    return len(done.all())
