"""The inbox as lists. Keyset paging over (due, id): the thousandth page costs what the first one costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, literal_column, select, text, tuple_, union_all
from sqlalchemy.orm import Session

from app.cases.models import DUE, Case, WorkItem
from app.cases.service import apply_search
from app.kernel.auth import Actor

PAGE = 30
MOST = 1000
"""Counts stop here: shown as 999+."""


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


MOMENT: ColumnElement[datetime] = literal_column(DUE.replace("due_at", "work_item.due_at"))
FAR = datetime(9999, 1, 1, tzinfo=UTC)
"""Tasks without a limit come last."""


def _ways(actor: Actor, box: Box) -> list[ColumnElement[bool]]:
    """The ways into a box, none of which overlap: an index answers each in the order of the box. States are
    literal, as in the partial indexes."""
    if box is Box.DONE:
        return [and_(text("work_item.status = 'done'"), WorkItem.done_by == actor.officer_id)]
    of_open = text("work_item.kind = 'user' and work_item.status = 'open'")
    if box is Box.POSITIONS:
        free = WorkItem.assignee_id.is_(None)
        return [and_(of_open, free, WorkItem.position_key == key) for key in sorted(actor.positions)]
    of_cosign = text("work_item.kind = 'user' and work_item.status = 'cosign'")
    return [
        and_(of_open, WorkItem.assignee_id == actor.officer_id),
        and_(of_cosign, WorkItem.cosigner_id == actor.officer_id),
    ]


def page(
    session: Session, actor: Actor, box: Box, words: Sequence[str] = (), after: str | None = None
) -> Page:
    """One page of a box, what is due first on top (done: newest first)."""
    moment: Any = WorkItem.done_at if box is Box.DONE else MOMENT
    key = _key(after) if after else None

    def first(condition: ColumnElement[bool]) -> Any:
        query = select(WorkItem.id, moment.label("moment"))
        query = query.where(condition, WorkItem.agency_id == actor.agency_id)
        if key:
            here, there = tuple_(moment, WorkItem.id), tuple_(*map(literal, key))
            query = query.where(here < there if box is Box.DONE else here > there)
        if words:
            query = apply_search(query.join(Case, Case.id == WorkItem.case_id), words)
        return query.order_by(*_order(box, moment, WorkItem.id)).limit(PAGE + 1).subquery()

    if not (ways := _ways(actor, box)):
        return Page([], None)
    found = union_all(*(select(way) for way in map(first, ways))).subquery()
    some = select(found).order_by(*_order(box, found.c.moment, found.c.id)).limit(PAGE + 1).subquery()
    query = (
        select(WorkItem, Case)
        .join(some, some.c.id == WorkItem.id)
        .join(Case, Case.id == WorkItem.case_id)
        .order_by(*_order(box, some.c.moment, some.c.id))
    )
    rows = [Row(work, case) for work, case in session.execute(query)]
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    if not more:
        return Page(rows, None)
    last_row = rows[-1].work
    at = (last_row.done_at if box is Box.DONE else last_row.due_at) or FAR
    return Page(rows, f"{at.isoformat()}~{last_row.id}")


def _order(box: Box, moment: Any, number: Any) -> tuple[Any, Any]:
    return (moment.desc(), number.desc()) if box is Box.DONE else (moment, number)


def _key(text: str) -> tuple[datetime, int] | None:
    try:
        at, last = text.split("~")
        return datetime.fromisoformat(at), int(last)
    except ValueError:
        return None


def counts(session: Session, actor: Actor) -> dict[Box, int]:
    """How many tasks wait in the open boxes, counted up to `MOST` and no further."""
    return {box: _count(session, actor, box) for box in (Box.MINE, Box.POSITIONS)}


def _count(session: Session, actor: Actor, box: Box) -> int:
    some = [
        select(literal(1)).where(way, WorkItem.agency_id == actor.agency_id).limit(MOST).subquery()
        for way in _ways(actor, box)
    ]
    if not some:
        return 0
    total = reduce(add, (select(func.count()).select_from(s).scalar_subquery() for s in some))
    counted = session.scalar(select(total))
    return min(counted or 0, MOST)
