"""Reading cases. Every query says who may see the row: another agency's case does not exist for you."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session, defer

from app.kernel.auth import Actor
from app.kernel.errors import NotFound
from app.people import service as people

from .handling import governs_only, handles, within
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


def visible(actor: Actor) -> ColumnElement[bool]:
    """The cases this person may see: of the own agency, and touched by one of the own positions, handled or
    opened by the person; the agency's heads see all of them. An analyst sees those of governance alone."""
    if not handles(actor):
        return Case.id.is_(None)
    if governs_only(actor):
        return and_(_touched(actor), within(actor, Case.id))
    return _touched(actor)


def _touched(actor: Actor) -> ColumnElement[bool]:
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
    chosen = select(WorkItem).where(WorkItem.id == work_item_id, WorkItem.agency_id == actor.agency_id, mine)
    found = session.scalar(chosen.where(within(actor, WorkItem.case_id)))
    if found is None or not handles(actor):
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
