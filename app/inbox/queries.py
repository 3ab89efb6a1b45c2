"""The inbox as lists. Keyset paging over (due, id): the thousandth page costs what the first one costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.cases.models import Case, WorkItem, WorkStatus
from app.cases.service import apply_search
from app.kernel.auth import Actor

PAGE = 30


class Box(StrEnum):
    """The lists of the inbox."""

    MINE = "mine"
    POSITIONS = "positions"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an inbox list."""

    work: WorkItem
    case: Case


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `after` is the key of the next page, None on the last one."""

    rows: Sequence[Row]
    after: str | None


def _mine(actor: Actor) -> ColumnElement[bool]:
    return and_(
        WorkItem.kind == "user",
        or_(
            and_(WorkItem.status == WorkStatus.OPEN, WorkItem.assignee_id == actor.officer_id),
            and_(WorkItem.status == WorkStatus.COSIGN, WorkItem.cosigner_id == actor.officer_id),
        ),
    )


def _positions(actor: Actor) -> ColumnElement[bool]:
    return and_(
        WorkItem.kind == "user",
        WorkItem.status == WorkStatus.OPEN,
        WorkItem.assignee_id.is_(None),
        WorkItem.agency_id == actor.agency_id,
        WorkItem.position_key.in_(sorted(actor.positions)),
    )


def _done(actor: Actor) -> ColumnElement[bool]:
    return and_(WorkItem.status == WorkStatus.DONE, WorkItem.done_by == actor.officer_id)


CONDITIONS = {Box.MINE: _mine, Box.POSITIONS: _positions, Box.DONE: _done}


def page(
    session: Session, actor: Actor, box: Box, words: Sequence[str] = (), after: str | None = None
) -> Page:
    """One page of a box, what is due first on top (done: newest first)."""
    query: Select = select(WorkItem, Case).join(Case, Case.id == WorkItem.case_id)
    query = query.where(CONDITIONS[box](actor), WorkItem.agency_id == actor.agency_id)
    moment = WorkItem.done_at if box is Box.DONE else func.coalesce(WorkItem.due_at, FAR)
    if after and (key := _key(after)):
        at, last = key
        if box is Box.DONE:
            query = query.where(or_(moment < at, and_(moment == at, WorkItem.id < last)))
        else:
            query = query.where(or_(moment > at, and_(moment == at, WorkItem.id > last)))
    order = (moment.desc(), WorkItem.id.desc()) if box is Box.DONE else (moment, WorkItem.id)
    query = apply_search(query, words).order_by(*order).limit(PAGE + 1)
    rows = [Row(work, case) for work, case in session.execute(query)]
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    if not more:
        return Page(rows, None)
    last_row = rows[-1].work
    at = (last_row.done_at if box is Box.DONE else last_row.due_at) or FAR
    return Page(rows, f"{at.isoformat()}~{last_row.id}")


FAR = datetime(9999, 1, 1, tzinfo=UTC)
"""Tasks without a limit come last."""


def _key(text: str) -> tuple[datetime, int] | None:
    try:
        at, last = text.split("~")
        return datetime.fromisoformat(at), int(last)
    except ValueError:
        return None


def counts(session: Session, actor: Actor) -> dict[Box, int]:
    """How many tasks wait in the open boxes."""
    return {
        box: session.scalar(
            select(func.count())
            .select_from(WorkItem)
            .where(CONDITIONS[box](actor), WorkItem.agency_id == actor.agency_id)
        )
        or 0
        for box in (Box.MINE, Box.POSITIONS)
    }
