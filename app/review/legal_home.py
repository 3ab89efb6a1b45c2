"""A reviewer's own work: what waits; and what the reviews of a case said, for its handlers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import Case, WorkItem
from app.kernel.auth import Actor
from app.people import service as people

from . import legal_remarks
from .legal_bench import RemarkView
from .legal_keeping import REVIEW

SHOWN = 30


@dataclass(frozen=True, slots=True)
class Waiting:
    """A review that waits: for this person, or for somebody of the position."""

    work_item_id: int
    name: str
    title: str
    no: str
    opened_at: datetime
    due: cases.DueView | None
    mine: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A review that was handed in, with its remarks."""

    name: str
    by: str
    at: datetime
    remarks: Sequence[RemarkView]


def waiting(session: Session, actor: Actor) -> list[Waiting]:
    """The reviews this person may work on, those due first."""
    rows = session.execute(
        select(WorkItem.id, WorkItem.name, WorkItem.opened_at, WorkItem.assignee_id, Case.title, Case.no)
        .join(Case, Case.id == WorkItem.case_id)
        .where(
            WorkItem.kind == "user",
            WorkItem.status == cases.WorkStatus.OPEN,
            WorkItem.step == REVIEW,
            WorkItem.agency_id == actor.agency_id,
            cases.open_to(actor, WorkItem.case_id),
            or_(
                WorkItem.assignee_id == actor.officer_id,
                WorkItem.assignee_id.is_(None) & WorkItem.position_key.in_(sorted(actor.positions)),
            ),
        )
        .order_by(WorkItem.due_at, WorkItem.id)
        .limit(SHOWN)
    ).all()
    due = cases.dues(session, (row.id for row in rows))
    return [
        Waiting(r.id, r.name, r.title, r.no, r.opened_at, due.get(r.id), r.assignee_id is not None)
        for r in rows
    ]


def told(session: Session, case: Case) -> list[Told]:
    """The reviews of a case that were handed in, newest first; the caller has asked whether the case is visible."""
    done = session.scalars(
        select(WorkItem)
        .where(WorkItem.case_id == case.id, WorkItem.step == REVIEW, WorkItem.status == cases.WorkStatus.DONE)
        .order_by(WorkItem.id.desc())
    ).all()
    names = people.officers(session, {work.done_by for work in done if work.done_by})
    remarks = legal_remarks.of_case(session, case.id)
    return [
        Told(
            work.name,
            names[work.done_by].name if work.done_by else "",
            work.done_at or work.opened_at,
            [
                RemarkView(remark, n, legal_remarks.KINDS[remark.kind], "", None, False)
                for n, remark in enumerate((r for r in remarks if r.work_item_id == work.id), 1)
            ],
        )
        for work in done
    ]
