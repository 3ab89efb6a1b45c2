"""The inbox as lists. Keyset paging over (due, id): the thousandth page costs what the first one costs.

A page asks once: its lines with their cases and clocks, and the counts, travel together (`kernel.reads`). Of a case
only what a line shows is read. A search first finds which tasks they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
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
from sqlalchemy.orm import Session

from app.cases.models import DUE, Case, WorkItem
from app.cases.service import governs_only, seeking, within
from app.deadlines import service as deadlines
from app.kernel import reads
from app.kernel.auth import Actor

Key = tuple[datetime, int]
"""The place of a task in a box: its moment and its number."""
PAGE = 30
MOST = 1000
"""Counts stop here: shown as 999+."""


COUNTS = """
select (select count(*) from (select 1 from work_item where kind = 'user' and status = 'open'
        and assignee_id = %(me)s and agency_id = %(agency)s{kind} limit %(most)s) mine)
    + (select count(*) from (select 1 from work_item where kind = 'user' and status = 'cosign'
        and cosigner_id = %(me)s and agency_id = %(agency)s{kind} limit %(most)s) confirm) as mine,
    (select count(*) from (select 1 from work_item where kind = 'user' and status = 'open'
        and assignee_id is null and agency_id = %(agency)s and position_key = any(%(positions)s){kind}
        limit %(most)s) pool) as positions
"""
GOVERNED = """
        and exists (select from "case" c join procedure_version v on v.id = c.procedure_id
            where c.id = work_item.case_id and v.kind = 'governance')
"""
"""Of those who handle cases of governance alone."""


class Box(StrEnum):
    """The lists of the inbox."""

    MINE = "mine"
    POSITIONS = "positions"
    DONE = "done"


WAYS = {
    Box.MINE: (
        "work_item.kind = 'user' and work_item.status = 'open' and work_item.assignee_id = {me}",
        "work_item.kind = 'user' and work_item.status = 'cosign' and work_item.cosigner_id = {me}",
    ),
    Box.POSITIONS: (
        "work_item.kind = 'user' and work_item.status = 'open' and work_item.assignee_id is null"
        " and work_item.position_key = {position}",
    ),
    Box.DONE: ("work_item.status = 'done' and work_item.done_by = {me}",),
}
"""The ways into a box, none of which overlap: an index answers each in the order of the box. States are literal, as
in the partial indexes. The way of a position is that of each one held."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an inbox list: the task, its case, and its clock, as the database gives them (`deadlines.lines_of`;
    not read for what is done)."""

    id: int
    name: str
    status: str
    position_key: str
    opened_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    case_id: int
    no: str
    title: str
    case_status: str
    clock: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `after` is the key of the next page, None on the last one. `counts` says how many tasks
    wait in the open boxes, counted up to `MOST` and no further. `looked` is set where a search was given up for this
    request: so many tasks were looked through, `after` goes on from there."""

    rows: Sequence[Row]
    counts: Mapping[Box, int]
    after: str | None
    looked: int | None = None


MOMENT: ColumnElement[datetime] = literal_column(DUE.replace("due_at", "work_item.due_at"))
FAR = datetime(9999, 1, 1, tzinfo=UTC)
"""Tasks without a limit come last."""


_SHOWN = "id, case_id, name, status, position_key, opened_at, due_at, done_at"
_LINE = ", ".join(f"w.{name}" for name in _SHOWN.split(", ")) + ", c.no, c.title, c.status as case_status"


@cache
def _page_of(box: Box, further: bool, governed: bool) -> str:
    """The question for the first lines of a box, or for those beyond a key; `governed`: of cases of governance."""
    done = box is Box.DONE
    moment, order = ("done_at", "moment desc, id desc") if done else (DUE, "moment, id")
    beyond = f" and ({moment}, id) {'<' if done else '>'} (%(moment)s, %(last)s)" if further else ""
    beyond += f"{GOVERNED if governed else ''} order by {order} limit {PAGE + 1}"
    head = f"select {_SHOWN}, task_id, {moment} as moment from work_item where"  # noqa: S608 - texts of this module
    slices = [
        f"({head} {way.format(me='%(me)s', position='held.key')} and agency_id = %(agency)s{beyond})"
        for way in WAYS[box]
    ]
    if box is Box.POSITIONS:
        held = "select way.* from unnest(%(positions)s::text[]) held(key) cross join lateral"
        slices = [f"{held} {one} way" for one in slices]
    every = " union all ".join(slices)
    return f"""
with shown as materialized (select * from ({every}) every order by {order} limit {PAGE + 1})
select {_LINE}, {_clock(box)} as clock from shown w join "case" c on c.id = w.case_id
order by {order.replace("id", "w.id")}
"""  # noqa: S608 - texts of this module


@cache
def _lines_of(box: Box) -> str:
    """The question for the lines of known tasks, in no order."""
    return f"""
select {_LINE}, {_clock(box)} as clock from work_item w join "case" c on c.id = w.case_id where w.id = any(%(ids)s)
"""  # noqa: S608 - texts of this module


def _clock(box: Box) -> str:
    return "null::jsonb" if box is Box.DONE else f"({deadlines.CLOCK_OF_TASK.format(task='w')})"


def _ways(actor: Actor, box: Box) -> list[ColumnElement[bool]]:
    """The ways into a box as conditions of a search."""
    if box is Box.POSITIONS:
        (way,) = WAYS[box]
        return [
            text(way.format(position=f":held{n}")).bindparams(**{f"held{n}": key})
            for n, key in enumerate(sorted(actor.positions))
        ]
    return [text(way.format(me=":me")).bindparams(me=actor.officer_id) for way in WAYS[box]]


def page(
    session: Session, actor: Actor, box: Box, words: Sequence[str] = (), after: str | None = None
) -> Page:
    """One page of a box, what is due first on top (done: newest first); of a search as much as bounded work
    finds (`cases.seeking`)."""
    key = _key(after) if after else None
    if not words:
        values = {"moment": key[0], "last": key[1]} if key else {}
        return _page(session, actor, box, (_page_of(box, key is not None, governs_only(actor)), values))
    if not _ways(actor, box):
        return _page(session, actor, box, (_lines_of(box), {"ids": []}))
    sought = seeking.seek(
        lambda key, size: _walk(session, actor, box, words, key, size),
        lambda: _among(session, actor, box, words, key),
        key,
        PAGE + 1,
    )
    return _page(session, actor, box, (_lines_of(box), {"ids": list(sought.rows)}), sought)


def _page(
    session: Session,
    actor: Actor,
    box: Box,
    question: tuple[str, Mapping[str, Any]],
    sought: seeking.Found[int, Key] | None = None,
) -> Page:
    who = {
        "me": actor.officer_id,
        "agency": actor.agency_id,
        "positions": sorted(actor.positions),
        "most": MOST,
    }
    counting = COUNTS.format(kind=GOVERNED if governs_only(actor) else "")
    found, (counted,) = reads.fetch(session, (question[0], {**who, **question[1]}), (counting, who))
    rows = [Row(**row) for row in found]
    if sought is not None:
        place = {number: at for at, number in enumerate(sought.rows)}
        rows.sort(key=lambda row: place[row.id])
    counts = {Box.MINE: min(counted["mine"], MOST), Box.POSITIONS: min(counted["positions"], MOST)}
    if len(rows) > PAGE:
        last = rows[PAGE - 1]
        moment = (last.done_at if box is Box.DONE else last.due_at) or FAR
        return Page(rows[:PAGE], counts, _text(moment, last.id))
    if sought and sought.end:
        return Page(rows, counts, _text(*sought.end), sought.looked)
    return Page(rows, counts, None)


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
        reached = here >= there if box is Box.DONE else here <= there
        some.append(select(way).join(end, true(), isouter=True).where(or_(end.c.id.is_(None), reached)))
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
        *_of_kind(actor),
        seeking.matching(words),
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
