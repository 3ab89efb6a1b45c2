"""Reading cases. Every query says who may see the row: another agency's case does not exist for you."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, literal, or_, select, true
from sqlalchemy.orm import Session, defer

from app.kernel.auth import Actor
from app.kernel.errors import NotFound
from app.people import service as people

from . import kept_out
from .desk_settings import reach
from .handling import governs_only, handles, within
from .locking import NO_WORK
from .models import Case, Handler, Involvement, Part, PartState, Submission, WorkItem

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
    opened by the person; the agency's heads see all of them. An analyst sees those of governance alone. Nobody sees a
    case they were recused from."""
    if not handles(actor):
        return Case.id.is_(None)
    found = and_(_touched(actor), kept_out.open_to(actor, Case.id))
    return and_(found, within(actor, Case.id)) if governs_only(actor) else found


def _touched(actor: Actor) -> ColumnElement[bool]:
    if actor.positions & OVERSEERS:
        return Case.agency_id == actor.agency_id
    # a scalar each, so that no plan ever reads all tasks into a table first
    touched = (
        select(true())
        .where(
            WorkItem.case_id == Case.id,
            or_(
                WorkItem.position_key.in_(reach(actor)),
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
    involved = (
        select(true()).where(Involvement.case_id == Case.id, *takes_part(actor)).limit(1).scalar_subquery()
    )
    return and_(
        Case.agency_id == actor.agency_id,
        or_(Case.opened_by == actor.officer_id, handled.is_(True), touched.is_(True), involved.is_(True)),
    )


def takes_part(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """An involvement that lets the person see what it is in."""
    return (
        Involvement.officer_id == actor.officer_id,
        Involvement.state != PartState.REMOVED,
        Involvement.part != Part.WATCH,
    )


def case(session: Session, actor: Actor, case_id: int) -> Case:
    """One case.

    Raises:
        NotFound: it does not exist for this person.
        Forbidden: the person was recused from it.
    """
    found = session.scalar(select(Case).where(Case.id == case_id, visible(actor)))
    if found is None:
        kept_out.check(session, actor, case_id)
        raise NotFound("没有这个案件，或者它不属于您的机关和岗位。")
    return found


def work_seen(session: Session, actor: Actor, work_item_id: int) -> WorkItem:
    """One task of a case that this person may see, whoever the task belongs to.

    Raises:
        NotFound: it does not exist for this person.
        Forbidden: the person was recused from the case.
    """
    mine = (WorkItem.id == work_item_id, WorkItem.agency_id == actor.agency_id)
    found = session.scalar(select(WorkItem).where(*mine))
    if found is not None:
        kept_out.check(session, actor, found.case_id)
    if (
        found is None
        or session.scalar(select(Case.id).where(Case.id == found.case_id, visible(actor))) is None
    ):
        raise NotFound(NO_WORK)
    return found


def work_item(session: Session, actor: Actor, work_item_id: int) -> WorkItem:
    """One task: of a position the person holds, or assigned to, confirmed or done by the person.

    Raises:
        NotFound: it does not exist for this person.
        Forbidden: the person was recused from its case.
    """
    mine = or_(  # as `locking.OF_PERSON`
        WorkItem.position_key.in_(sorted(actor.positions)),
        WorkItem.assignee_id == actor.officer_id,
        WorkItem.cosigner_id == actor.officer_id,
        WorkItem.done_by == actor.officer_id,
        select(literal(1)).where(Involvement.work_item_id == WorkItem.id, *takes_part(actor)).exists(),
    )
    chosen = select(WorkItem).where(WorkItem.id == work_item_id, WorkItem.agency_id == actor.agency_id, mine)
    found = session.scalar(chosen.where(within(actor, WorkItem.case_id)))
    if found is None or not handles(actor):
        raise NotFound(NO_WORK)
    kept_out.check(session, actor, found.case_id)
    return found


def case_of_work(session: Session, work: WorkItem) -> Case:
    """The case of a task that exists for the person."""
    return session.scalars(select(Case).where(Case.id == work.case_id)).one()


def handed_in(session: Session, work_item_id: int) -> dict[str, Any] | None:
    """What was handed in at a task; None: nothing."""
    chosen = select(Submission.data).where(Submission.work_item_id == work_item_id)
    return session.scalar(chosen.order_by(Submission.id.desc()).limit(1))


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


def numbers_of(session: Session, case_ids: Collection[int]) -> dict[int, str]:
    """The numbers of cases by id."""
    chosen = select(Case.id, Case.no).where(Case.id.in_(sorted(case_ids)))
    return dict(session.execute(chosen).tuples().all())
