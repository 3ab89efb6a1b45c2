"""The list of cases, page by page: all of them, or those that match a search. Newest first, keyset paging."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, and_, func, literal_column, select, text, union, union_all
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from app.kernel.auth import Actor

from . import seeking
from .desk_settings import reach
from .handling import handles
from .kept_out import open_to
from .models import Case, Handler, Involvement, WorkItem
from .queries import LATER, OVERSEERS, takes_part, visible

PAGE = 30


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `before` asks for the next one (keyset paging), None on the last one. `looked` is set where a
    search was given up for this request: so many cases were looked through, `before` goes on from there."""

    cases: Sequence[Case]
    before: int | None
    looked: int | None = None


def page(session: Session, actor: Actor, words: Sequence[str] = (), before: int | None = None) -> Page:
    """Cases this person may see, that match every word, older than the one numbered `before`."""
    if not handles(actor):
        return Page([], None)
    if not words:
        return _page(session, actor, _newest(session, actor, before), None)
    found = seeking.seek(
        lambda key, size: _walk(session, actor, words, key, size),
        lambda: _among(session, actor, words, before),
        before,
        PAGE + 1,
    )
    return _page(session, actor, found.rows, found)


def _page(session: Session, actor: Actor, ids: Sequence[int], found: seeking.Found[int, int] | None) -> Page:
    query = select(Case).where(Case.id.in_(ids[:PAGE]), visible(actor)).order_by(Case.id.desc())
    shown = session.scalars(query.options(*LATER)).all() if ids else []
    if len(ids) > PAGE:
        return Page(shown, ids[PAGE - 1])
    given_up = found is not None and found.end is not None
    return Page(shown, found.end, found.looked) if found and given_up else Page(shown, None)


def _newest(session: Session, actor: Actor, before: int | None) -> Sequence[int]:
    """Without a search: a page of each way is enough."""
    ways = [select(way.c.id) for way in _slices(actor, before, PAGE + 1)]
    every = union(*ways, *(query for query, _ in _elsewhere(actor, before))).subquery()
    found = select(every.c.id).join(Case, Case.id == every.c.id).where(visible(actor))
    return session.scalars(found.order_by(every.c.id.desc()).limit(PAGE + 1)).all()


def _walk(
    session: Session, actor: Actor, words: Sequence[str], before: int | None, size: int
) -> seeking.Slice[int, int]:
    """Look through the next cases: as many of each way, down to where the first of the ways breaks off."""
    ways = _slices(actor, before, size)
    ends = [select(func.min(way.c.id).label("id")).having(func.count() == size) for way in ways]
    broken = union_all(*ends).subquery()
    end = _kept(select(func.coalesce(func.max(broken.c.id), 0).label("id")), "reached")
    last = select(end.c.id).scalar_subquery()
    some = [select(way.c.id).where(way.c.id >= last) for way in ways]
    rest = [query.where(number >= last) for query, number in _elsewhere(actor, before)]
    pool = _kept(union(*some, *rest), "pool")
    ordered = select(pool.c.id).order_by(pool.c.id.desc()).subquery()
    fits = seeking.fits(ordered.c.id, words, visible(actor))
    matches = select(ordered.c.id).where(fits).order_by(ordered.c.id.desc()).limit(PAGE + 1).subquery()
    row = session.execute(
        select(
            select(end.c.id).scalar_subquery().label("reached"),
            select(func.count()).select_from(pool).scalar_subquery().label("looked"),
            select(func.array_agg(aggregate_order_by(matches.c.id, matches.c.id.desc())))
            .scalar_subquery()
            .label("ids"),
        )
    ).one()
    return seeking.Slice(row.ids or [], row.looked, row.reached or None)


def _among(session: Session, actor: Actor, words: Sequence[str], before: int | None) -> Sequence[int] | None:
    ids = seeking.indexed(session, actor.agency_id, words)
    if ids is None:
        return None
    query = select(Case.id).where(Case.id.in_(ids), seeking.matching(words), visible(actor))
    if before is not None:
        query = query.where(Case.id < before)
    return session.scalars(query.order_by(Case.id.desc()).limit(PAGE + 1)).all() if ids else []


def _slices(actor: Actor, before: int | None, size: int) -> list[CTE]:
    """So many of the next cases of each way in which a case becomes visible, read from an index in order. The
    size stands in the statement: a plan for any size would sort all."""
    return [
        _kept(
            (query if before is None else query.where(number < before))
            .order_by(number.desc())
            .limit(literal_column(str(int(size)))),
            f"way{place}",
        )
        for place, (query, number) in enumerate(_ways(actor))
    ]


def _kept(query: Any, name: str) -> CTE:
    """Worked out once, and never merged into what asks for it."""
    return query.cte(name).prefix_with("materialized")


def _ways(actor: Actor) -> Iterator[tuple[Any, Any]]:
    """The ways in which a case becomes visible to an officer, each a query that an index answers in the order
    of the cases, and its column of case ids. A page needs no more than a page of each."""
    if actor.positions & OVERSEERS:
        every = select(Case.id.label("id")).where(Case.agency_id == actor.agency_id)
        yield every.where(open_to(actor, Case.id)), Case.id
        return
    works = (
        *(WorkItem.position_key == position for position in reach(actor)),
        and_(text("work_item.status = 'done'"), WorkItem.done_by == actor.officer_id),
    )
    for condition in works:
        query = select(WorkItem.case_id.label("id")).distinct()
        query = query.where(condition, WorkItem.agency_id == actor.agency_id)
        yield query.where(open_to(actor, WorkItem.case_id)), WorkItem.case_id
    query = select(Handler.case_id.label("id")).where(Handler.officer_id == actor.officer_id)
    yield query.where(open_to(actor, Handler.case_id)), Handler.case_id
    own = select(Case.id.label("id")).where(Case.opened_by == actor.officer_id)
    yield own.where(open_to(actor, Case.id)), Case.id


def _elsewhere(actor: Actor, before: int | None) -> list[tuple[Any, Any]]:
    """Cases with a task that is assigned to the officer at a position no longer held, or in which the officer takes
    part: few, and in no order, so that the index of assigned tasks and that of persons answer. Each with its column of
    case ids. None for the heads, who see all."""
    if actor.positions & OVERSEERS:
        return []
    assigned = select(WorkItem.case_id.label("id")).distinct()
    assigned = assigned.where(
        text("work_item.kind = 'user' and work_item.status = 'open'"),
        WorkItem.assignee_id == actor.officer_id,
        WorkItem.position_key.not_in(reach(actor)),
        WorkItem.agency_id == actor.agency_id,
    )
    part = select(Involvement.case_id.label("id")).distinct()
    part = part.where(*takes_part(actor), Involvement.agency_id == actor.agency_id)
    found = [(assigned, WorkItem.case_id), (part, Involvement.case_id)]
    return found if before is None else [(query.where(number < before), number) for query, number in found]
