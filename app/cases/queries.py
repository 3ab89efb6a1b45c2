"""Reading cases. Every query says who may see the row: another agency's case does not exist for you."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from app.kernel import identity, searchable
from app.kernel.auth import Actor, Role
from app.kernel.errors import NotFound
from app.people import service as people

from .models import Case, Handler, WorkItem

OVERSEERS = frozenset({"deputy", "head"})
"""The heads of an agency answer for all its cases and see them from the lead on."""


def _officer(actor: Actor) -> bool:
    """Whether this account handles cases at all: an administrator or analyst may have been an officer once."""
    return actor.officer_id is not None and Role.OFFICER in actor.roles


def visible(actor: Actor) -> ColumnElement[bool]:
    """The cases this person may see: of the own agency, and touched by one of the own positions, handled or
    opened by the person; the agency's heads see all of them."""
    if not _officer(actor):
        return Case.id.is_(None)
    if actor.positions & OVERSEERS:
        return Case.agency_id == actor.agency_id
    touched = exists().where(
        WorkItem.case_id == Case.id,
        or_(
            WorkItem.position_key.in_(sorted(actor.positions)),
            WorkItem.assignee_id == actor.officer_id,
            WorkItem.done_by == actor.officer_id,
        ),
    )
    handled = exists().where(Handler.case_id == Case.id, Handler.officer_id == actor.officer_id)
    return and_(Case.agency_id == actor.agency_id, or_(touched, handled, Case.opened_by == actor.officer_id))


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
    mine = or_(
        WorkItem.position_key.in_(sorted(actor.positions)),
        WorkItem.assignee_id == actor.officer_id,
        WorkItem.cosigner_id == actor.officer_id,
        WorkItem.done_by == actor.officer_id,
    )
    found = session.scalar(
        select(WorkItem).where(WorkItem.id == work_item_id, WorkItem.agency_id == actor.agency_id, mine)
    )
    if found is None or not _officer(actor):
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
    query = select(Case).where(visible(actor)).order_by(Case.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Case.id < before)
    return session.scalars(apply_search(query, search)).all()


PERSON = "person:"
"""Begins a word that stands for an identity number: what follows is its digest in hexadecimal digits."""


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
        if len(word) > 1:
            query = query.where(Case.search.contains(bigrams(word)))
        pattern = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        query = query.where(or_(Case.title.ilike(f"%{pattern}%"), Case.no.ilike(f"%{pattern}%")))
    return query
