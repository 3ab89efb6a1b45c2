"""Several tasks at once, as far as they exist for a person."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.auth import Actor

from . import queries
from .handling import handles, within
from .models import Case, WorkItem


class Task(NamedTuple):
    """A task with what it is called."""

    id: int
    version: int
    name: str
    status: str
    case_id: int
    no: str
    title: str


def tasks(session: Session, actor: Actor, ids: Collection[int]) -> list[Task]:
    """Those of these tasks whose case this person may see, or that wait for the person's confirmation, in the order in
    which their cases are locked."""
    if not handles(actor):
        return []
    columns = (WorkItem.id, WorkItem.version, WorkItem.name, WorkItem.status, WorkItem.case_id)
    chosen = select(*columns, Case.no, Case.title, WorkItem.cosigner_id).join(
        Case, Case.id == WorkItem.case_id
    )
    chosen = chosen.where(WorkItem.id.in_(sorted(ids)), WorkItem.agency_id == actor.agency_id)
    rows = session.execute(
        chosen.where(within(actor, WorkItem.case_id)).order_by(WorkItem.case_id, WorkItem.id)
    ).all()
    seen = select(Case.id).where(Case.id.in_({row.case_id for row in rows}), queries.visible(actor))
    visible = set(session.scalars(seen)) if rows else set()
    return [Task(*row[:7]) for row in rows if row.case_id in visible or row.cosigner_id == actor.officer_id]
