"""Offering the acts of a task, and carrying one out: the same for every act and every door."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Forbidden, NotFound, Refused

from .. import acts, queries, signing
from ..answers import ActResult, remember
from ..desk_models import Involvement, PartState
from ..handling import handler_of, may_handle
from ..locking import Running, running
from ..models import CaseStatus, WorkItem, WorkStatus
from . import ACTS
from .base import DeskAct, Kind, Offer, Place, read

CLOSED = "案件已经办结归档，不能再作这项处理。"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu."""

    name: str
    label: str
    hint: str


def named(name: str) -> DeskAct:
    """The act of this name.

    Raises:
        NotFound: there is none.
    """
    found = next((act for act in ACTS if act.name == name), None)
    if found is None:
        raise NotFound("没有这项处理。")
    return found


def menu(place: Place) -> list[Entry]:
    """The acts this person may find in the menu of a task; none for who must keep out of the case."""
    if place.officer_id in place.running.recused:
        return []
    return [Entry(act.name, act.label, act.hint) for act in ACTS if _exists(act, place) and act.shown(place)]


def listed(session: Session, actor: Actor, work_item_id: int) -> tuple[WorkItem, list[Entry]]:
    """A task and the acts this person may do at it: all that belong into its menu where the task is theirs to see, those
    of an onlooker where only its case is.

    Raises:
        NotFound: neither exists for this person. Forbidden: the person was recused from the case.
    """
    try:
        work, own = queries.work_item(session, actor, work_item_id), True
    except NotFound:
        work, own = queries.work_seen(session, actor, work_item_id), False
    found = running(session, queries.case_of_work(session, work))
    place = place_of(session, actor, found, work)
    acts_ = {act.name: act for act in ACTS}
    return work, [entry for entry in menu(place) if own or acts_[entry.name].onlooker]


def beside(
    session: Session, actor: Actor, found: Running, works: Sequence[WorkItem]
) -> dict[int, list[Entry]]:
    """What stands beside the waiting tasks of a case on its page, by task (one question); nothing for an account that
    handles no cases of this kind."""
    if not may_handle(actor, found.procedure.kind):
        return {}
    chosen = select(Involvement).where(
        Involvement.work_item_id.in_([work.id for work in works]), Involvement.state != PartState.REMOVED
    )
    parts = session.scalars(chosen.order_by(Involvement.id)).all() if works else []
    officer_id = handler_of(actor, found.procedure.kind)
    result = {}
    for work in works:
        place = Place(
            session, actor, officer_id, found, work, [p for p in parts if p.work_item_id == work.id]
        )
        result[work.id] = [
            Entry(act.name, act.label, act.hint)
            for act in ACTS
            if act.beside_case and _exists(act, place) and act.shown(place)
        ]
    return result


def offered(session: Session, actor: Actor, work_item_id: int, name: str) -> tuple[Place, DeskAct, Offer]:
    """An act as its page shows it; nothing is locked.

    Raises:
        NotFound: the task does not exist for this person, or there is no such act.
        Forbidden: the act is not this person's to do.
        Conflict: the task has moved on.
    """
    act = named(name)
    find = queries.work_seen if act.onlooker else queries.work_item
    work = find(session, actor, work_item_id)
    found = running(session, queries.case_of_work(session, work))
    place = place_of(session, actor, found, work)
    _check(act, place)
    return place, act, possible(act, act.offer(place))


def possible(act: DeskAct, offer: Offer) -> Offer:
    """The offer, or why it has no form: there is nobody and nothing to choose from."""
    for field in offer.fields:
        asks = field.required and field.kind in (Kind.CHOICE, Kind.CHOICES)
        if asks and not field.options and not offer.why_not:
            return Offer((), (), f"没有可以选择的“{field.label}”，现在不能{act.verb}。")
    return offer


def carry_out(
    session: Session,
    actor: Actor,
    work_item_id: int,
    version: int,
    key: str,
    name: str,
    given: Mapping[str, Any],
) -> ActResult:
    """Carry out an act on a task.

    Raises:
        NotFound: the task does not exist for this person, or there is no such act.
        Forbidden: the act is not this person's to do.
        Conflict: somebody was faster.
        Invalid: something is missing; nothing changed.
        Refused: a rule of law or of order stands in the way; nothing changed.
    """
    act = named(name)
    if act.onlooker:
        queries.work_seen(session, actor, work_item_id)
    outcome = f"work.{name}"
    held, work, repeated = acts.begin(session, actor, work_item_id, key, outcome, seen=act.onlooker)
    if repeated:
        return repeated
    if work.version != version:
        raise Conflict(acts.MOVED_ON, code="moved_on")
    place = place_of(session, actor, held, work)
    _check(act, place)
    offer = act.offer(place)
    if offer.why_not:
        raise Refused(offer.why_not, code=f"work.{name}", article=offer.article)
    message = act.carry_out(place, read(offer.fields, given))
    return remember(session, actor, key, ActResult(outcome, held.case.id, work.id, message, [], []))


def place_of(session: Session, actor: Actor, found: Running, work: WorkItem) -> Place:
    """Where an act takes place."""
    chosen = select(Involvement).where(
        Involvement.work_item_id == work.id, Involvement.state != PartState.REMOVED
    )
    if found.sign_rounds is None:
        found.sign_rounds = signing.rounds_of(session, work.id)
    parts: Sequence[Involvement] = session.scalars(chosen.order_by(Involvement.id)).all()
    return Place(session, actor, handler_of(actor, found.procedure.kind), found, work, parts)


def _exists(act: DeskAct, place: Place) -> bool:
    open_case = place.running.case.status == CaseStatus.OPEN
    return WorkStatus(place.work.status) in act.statuses and (open_case or act.closed)


def _check(act: DeskAct, place: Place) -> None:
    if place.running.case.status != CaseStatus.OPEN and not act.closed:
        raise Refused(CLOSED, code="closed")
    if not _exists(act, place):
        raise Conflict(acts.MOVED_ON, code="moved_on")
    if not act.shown(place):
        raise Forbidden(f"您现在不能对这项任务作“{act.label}”。")


BY_THE_PLATFORM = (
    ("work.allotted", "按规则分派"),
    ("work.released_by_rule", "办理、会签人员不能再办理，调整"),
)
"""What the platform does to a task by itself."""


def kinds() -> Iterator[tuple[str, str]]:
    """What the acts are called in the record."""
    yield from BY_THE_PLATFORM
    yield from ((f"work.{act.name}", act.label) for act in ACTS)
