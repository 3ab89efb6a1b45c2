"""Reading cases. Every query says who may see the row: another agency's case does not exist for you."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, text, true, union
from sqlalchemy.orm import Session, defer

from app.kernel import identity, searchable
from app.kernel.auth import Actor, Role
from app.kernel.errors import NotFound
from app.people import service as people

from .models import Case, Handler, WorkItem

LATER = tuple(
    defer(column)
    for column in (
        Case.party, Case.state, Case.attributes, Case.passed, Case.held, Case.search, Case.party_keys
    )
)  # fmt: skip
"""What no list shows is not read, and not unsealed."""
OVERSEERS = frozenset({"deputy", "head"})
"""The heads of an agency answer for all its cases and see them from the lead on."""


def is_officer(actor: Actor) -> bool:
    """Whether this account handles cases at all: an administrator or analyst may have been an officer once."""
    return actor.officer_id is not None and Role.OFFICER in actor.roles


def visible(actor: Actor) -> ColumnElement[bool]:
    """The cases this person may see: of the own agency, and touched by one of the own positions, handled or
    opened by the person; the agency's heads see all of them."""
    if not is_officer(actor):
        return Case.id.is_(None)
    if actor.positions & OVERSEERS:
        return Case.agency_id == actor.agency_id
    # a scalar each, so that no plan ever reads all tasks into a table first
    touched = (
        select(true())
        .where(
            WorkItem.case_id == Case.id,
            or_(
                WorkItem.position_key.in_(sorted(actor.positions)),
                WorkItem.assignee_id == actor.officer_id,
                WorkItem.done_by == actor.officer_id,
            ),
        )
        .limit(1)
        .scalar_subquery()
    )
    handled = (
        select(true())
        .where(Handler.case_id == Case.id, Handler.officer_id == actor.officer_id)
        .limit(1)
        .scalar_subquery()
    )
    return and_(
        Case.agency_id == actor.agency_id,
        or_(Case.opened_by == actor.officer_id, handled.is_(True), touched.is_(True)),
    )


def case(session: Session, actor: Actor, case_id: int) -> Case:
    """One case.

    Raises:
        NotFound: it does not exist for this person.
    """
    found = session.scalar(select(Case).where(Case.id == case_id, visible(actor)))
    if found is None:
        raise NotFound("没有这个案件，或者它不属于您的机关和岗位。")
    return found


def work_item(session: Session, actor: Actor, work_item_id: int) -> WorkItem:
    """One task: of a position the person holds, or assigned to, confirmed or done by the person.

    Raises:
        NotFound: it does not exist for this person.
    """
    mine = or_(  # as `locking.OF_PERSON`
        WorkItem.position_key.in_(sorted(actor.positions)),
        WorkItem.assignee_id == actor.officer_id,
        WorkItem.cosigner_id == actor.officer_id,
        WorkItem.done_by == actor.officer_id,
    )
    found = session.scalar(
        select(WorkItem).where(WorkItem.id == work_item_id, WorkItem.agency_id == actor.agency_id, mine)
    )
    if found is None or not is_officer(actor):
        raise NotFound("没有这项任务，或者它不属于您的岗位。")
    return found


def next_tasks(session: Session, items: Mapping[str, int]) -> list[dict[str, str]]:
    """The tasks with these ids as name, position and person."""
    if not items:
        return []
    rows = session.scalars(
        select(WorkItem).where(WorkItem.id.in_(items.values())).order_by(WorkItem.id)
    ).all()
    names = people.officers(session, {w.assignee_id for w in rows if w.assignee_id})
    positions = people.position_names(session)
    return [
        {
            "id": str(w.id),
            "name": w.name,
            "position": positions.get(w.position_key, w.position_key),
            "person": names[w.assignee_id].name if w.assignee_id else "",
        }
        for w in rows
    ]


def cases(
    session: Session, actor: Actor, *, search: Sequence[str] = (), before: int | None = None, limit: int = 30
) -> Sequence[Case]:
    """Cases, newest first; `before` is the id of the last one on the page before (keyset paging)."""
    if not is_officer(actor):
        return []

    def newest(query: Any, number: Any) -> Any:
        if before is not None:
            query = query.where(number < before)
        return apply_search(query, search).order_by(number.desc()).limit(limit)

    if actor.positions & OVERSEERS:
        every = newest(select(Case).where(visible(actor)), Case.id)
        return session.scalars(every.options(*LATER)).all()
    ways = [newest(query, number).subquery() for query, number in _ways(actor, bool(search))]
    elsewhere = apply_search(_elsewhere(actor), search).subquery()
    found = union(*(select(way.c.id) for way in (*ways, elsewhere))).subquery()
    some = select(found.c.id)
    if before is not None:
        some = some.where(found.c.id < before)
    some = some.order_by(found.c.id.desc()).limit(limit)
    shown = select(Case).where(Case.id.in_(some), visible(actor)).order_by(Case.id.desc())
    return session.scalars(shown.options(*LATER)).all()


def _ways(actor: Actor, search: bool) -> Iterator[tuple[Any, Any]]:
    """The ways in which a case becomes visible to an officer, each a query that an index answers in the order
    of the cases, and its column of case ids. A page needs no more than a page of each."""
    works = (
        *(WorkItem.position_key == position for position in sorted(actor.positions)),
        and_(text("work_item.status = 'done'"), WorkItem.done_by == actor.officer_id),
    )
    for condition in works:
        query = select(WorkItem.case_id.label("id")).distinct()
        query = query.where(condition, WorkItem.agency_id == actor.agency_id)
        yield query.join(Case, Case.id == WorkItem.case_id) if search else query, WorkItem.case_id
    query = select(Handler.case_id.label("id")).join(Case, Case.id == Handler.case_id)
    yield query.where(Handler.officer_id == actor.officer_id), Handler.case_id
    yield select(Case.id.label("id")).where(Case.opened_by == actor.officer_id), Case.id


def _elsewhere(actor: Actor) -> Any:
    """Cases with a task that is assigned to the officer at a position no longer held: few, and in no order, so
    that the index of assigned tasks answers."""
    query = select(WorkItem.case_id.label("id")).distinct().join(Case, Case.id == WorkItem.case_id)
    return query.where(
        text("work_item.kind = 'user' and work_item.status = 'open'"),
        WorkItem.assignee_id == actor.officer_id,
        WorkItem.position_key.not_in(sorted(actor.positions)),
        WorkItem.agency_id == actor.agency_id,
    )


PERSON = "person:"
"""Begins a word that stands for an identity number: what follows is its digest in hexadecimal digits."""


NUMBER = re.compile(r".+〔\d{4}〕\d+号")
"""A whole case number: found by its own index."""


def _person(word: str) -> bytes:
    if code := identity.recognised(word):
        return searchable.digest(code)
    return bytes.fromhex(word.removeprefix(PERSON))


def apply_search(query: Any, words: Sequence[str]) -> Any:
    """Narrow a query over `Case` to those whose number, title or party hold every word; an identity number
    finds the cases that name it, by its keyed digest."""
    from .work_items import bigrams

    for word in words:
        if word.startswith(PERSON) or identity.recognised(word):
            query = query.where(Case.party_keys.contains([_person(word)]))
            continue
        if NUMBER.fullmatch(word):
            query = query.where(Case.no == word)
            continue
        if len(word) > 1:
            query = query.where(Case.search.contains(bigrams(word)))
        pattern = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        query = query.where(or_(Case.title.ilike(f"%{pattern}%"), Case.no.ilike(f"%{pattern}%")))
    return query
