"""The inbox as lists. Keyset paging over (due, id): the thousandth page costs what the first one costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    and_,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, defer

from app.cases.models import DUE, Case, WorkItem
from app.cases.service import LATER, governs_only, seeking, within
from app.kernel.auth import Actor

Key = tuple[datetime, int]
"""The place of a task in a box: its moment and its number."""
PAGE = 30
MOST = 1000
"""Counts stop here: shown as 999+."""


COUNTS = """
select (select count(*) from (select 1 from work_item where kind = 'user' and status = 'open'
        and assignee_id = :me and agency_id = :agency{kind} limit :most) mine)
    + (select count(*) from (select 1 from work_item where kind = 'user' and status = 'cosign'
        and cosigner_id = :me and agency_id = :agency{kind} limit :most) confirm) as mine,
    (select count(*) from (select 1 from work_item where kind = 'user' and status = 'open'
        and assignee_id is null and agency_id = :agency and position_key = any(:positions){kind} limit :most) pool)
    as positions
"""
GOVERNED = """
        and exists (select from "case" c join procedure_version v on v.id = c.procedure_id
            where c.id = case_id and v.kind = 'governance')
"""
"""Of those who handle cases of governance alone."""


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
    """One page of a list; `after` is the key of the next page, None on the last one. `looked` is set where a
    search was given up for this request: so many tasks were looked through, `after` goes on from there."""

    rows: Sequence[Row]
    after: str | None
    looked: int | None = None


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
    """One page of a box, what is due first on top (done: newest first); of a search as much as bounded work
    finds (`cases.seeking`)."""
    key = _key(after) if after else None
    if not (ways := _ways(actor, box)):
        return Page([], None)
    if not words:
        slices = _slices(actor, box, ways, key, PAGE + 1)
        every = union_all(*(select(one.c.id, one.c.moment) for one in slices)).subquery()
        found = session.execute(select(every).order_by(*_order(box, every.c)).limit(PAGE + 1))
        return _page(session, box, [row.id for row in found], None)
    sought = seeking.seek(
        lambda key, size: _walk(session, actor, box, words, key, size),
        lambda: _among(session, actor, box, words, key),
        key,
        PAGE + 1,
    )
    return _page(session, box, sought.rows, sought)


def _page(session: Session, box: Box, ids: Sequence[int], found: seeking.Found[int, Key] | None) -> Page:
    shown = ids[:PAGE]
    query = select(WorkItem, Case).join(Case, Case.id == WorkItem.case_id).where(WorkItem.id.in_(shown))
    pairs = session.execute(query.options(defer(WorkItem.pending), *LATER)).all() if shown else []
    place = {number: at for at, number in enumerate(shown)}
    rows = sorted((Row(work, case) for work, case in pairs), key=lambda row: place[row.work.id])
    if len(ids) > PAGE:
        last = rows[-1].work
        return Page(rows, _text((last.done_at if box is Box.DONE else last.due_at) or FAR, last.id))
    if found and found.end:
        return Page(rows, _text(*found.end), found.looked)
    return Page(rows, None)


def _slices(
    actor: Actor, box: Box, ways: Sequence[ColumnElement[bool]], key: Key | None, size: int
) -> list[CTE]:
    """So many of the next tasks of each way. The size stands in the statement: a plan for any size would sort
    all of them."""
    moment: Any = WorkItem.done_at if box is Box.DONE else MOMENT
    made = []
    for place, condition in enumerate(ways):
        query = select(WorkItem.id, WorkItem.case_id, moment.label("moment"))
        query = query.where(condition, WorkItem.agency_id == actor.agency_id, *_beyond(box, moment, key))
        query = query.where(*_of_kind(actor))
        query = query.order_by(*_order(box, query.selected_columns)).limit(literal_column(str(int(size))))
        made.append(query.cte(f"way{place}").prefix_with("materialized"))
    return made


def _of_kind(actor: Actor) -> list[ColumnElement[bool]]:
    return [within(actor, WorkItem.case_id)] if governs_only(actor) else []


def _beyond(box: Box, moment: Any, key: Key | None) -> list[Any]:
    if key is None:
        return []
    here, there = tuple_(moment, WorkItem.id), tuple_(*map(literal, key))
    return [here < there if box is Box.DONE else here > there]


def _walk(
    session: Session, actor: Actor, box: Box, words: Sequence[str], key: Key | None, size: int
) -> seeking.Slice[int, Key]:
    """Look through the next tasks: as many of each way, as far as where the first of the ways breaks off."""
    ways = _slices(actor, box, _ways(actor, box), key, size)
    ends = [
        select(select(way.c.id, way.c.moment).order_by(*_order(box, way.c)).offset(size - 1).subquery())
        for way in ways
    ]
    ended = union_all(*ends).subquery()
    first = select(ended.c.moment, ended.c.id).order_by(*_order(box, ended.c)).limit(1)
    end = first.cte("reached").prefix_with("materialized")
    some = []
    for way in ways:
        here, there = tuple_(way.c.moment, way.c.id), tuple_(end.c.moment, end.c.id)
        within = here >= there if box is Box.DONE else here <= there
        some.append(select(way).join(end, true(), isouter=True).where(or_(end.c.id.is_(None), within)))
    pool = union_all(*some).cte("pool").prefix_with("materialized")
    sorted_pool = select(pool).order_by(*_order(box, pool.c)).subquery()
    matches = select(sorted_pool.c.id, sorted_pool.c.moment)
    matches = matches.where(seeking.fits(sorted_pool.c.case_id, words))
    matches = matches.order_by(*_order(box, sorted_pool.c)).limit(PAGE + 1).subquery()
    ordered = func.array_agg(aggregate_order_by(matches.c.id, *_order(box, matches.c)))
    row = session.execute(
        select(
            select(end.c.moment).scalar_subquery().label("moment"),
            select(end.c.id).scalar_subquery().label("id"),
            select(func.count()).select_from(pool).scalar_subquery().label("looked"),
            select(ordered).scalar_subquery().label("ids"),
        )
    ).one()
    return seeking.Slice(row.ids or [], row.looked, (row.moment, row.id) if row.id else None)


def _among(
    session: Session, actor: Actor, box: Box, words: Sequence[str], key: Key | None
) -> Sequence[int] | None:
    ids = seeking.indexed(session, actor.agency_id, words)
    if not ids:
        return ids
    moment: Any = WorkItem.done_at if box is Box.DONE else MOMENT
    query = select(WorkItem.id, moment.label("moment")).join(Case, Case.id == WorkItem.case_id)
    query = query.where(
        WorkItem.case_id.in_(ids),
        WorkItem.agency_id == actor.agency_id,
        or_(*_ways(actor, box)),
        seeking.matching(words),
        *_of_kind(actor),
        *_beyond(box, moment, key),
    )
    query = query.order_by(*_order(box, query.selected_columns)).limit(PAGE + 1)
    return session.scalars(query).all()


def _order(box: Box, columns: Any) -> tuple[Any, Any]:
    moment, number = columns["moment"], columns["id"]
    return (moment.desc(), number.desc()) if box is Box.DONE else (moment, number)


def _text(moment: datetime, number: int) -> str:
    return f"{moment.isoformat()}~{number}"


def _key(text: str) -> Key | None:
    try:
        at, last = text.split("~")
        return datetime.fromisoformat(at), int(last)
    except ValueError:
        return None


def counts(session: Session, actor: Actor) -> dict[Box, int]:
    """How many tasks wait in the open boxes, counted up to `MOST` and no further."""
    values = {
        "me": actor.officer_id,
        "agency": actor.agency_id,
        "positions": sorted(actor.positions),
        "most": MOST,
    }
    counted = text(COUNTS.format(kind=GOVERNED if governs_only(actor) else ""))
    row = session.execute(counted, values).one()
    return {Box.MINE: min(row.mine, MOST), Box.POSITIONS: min(row.positions, MOST)}
