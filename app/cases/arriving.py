"""Between agencies: a step of one case opens another agency's case, and that one's answer comes back. What comes from no
case opens one that begins with it (`come`).

Neither agency sees into the other's case. What goes over is what was handed in at the step (`source` of the new case's
context, see `linking`), what comes back is a message that the waiting case takes in like any registered one, signed by
whoever signed it at the other agency, with every gate checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.kernel import clock, writes
from app.kernel.events import CaseNoted, StepCompleted, publish
from app.people import service as people

from . import locking, noting, opening, stepping, work_items
from .link_models import LinkKind
from .models import CaseLink

APPLIED, CAME = "case.applied", "case.applied_from"


@dataclass(frozen=True, slots=True)
class Opened:
    """The case another agency has got."""

    case_id: int
    no: str


def send_on(
    session: Session, event: StepCompleted, agency_id: int, item: catalogue.Item, cause: str
) -> Opened:
    """Open a case of another agency on one of its items, in the transaction of the step that asks for it; its first
    task goes where that agency's rules lead it. Opening it gives nobody a position there.

    Raises:
        NotFound: the item may not be exercised today.
    """
    if event.actor_id is None or event.work_item_id is None:
        raise ValueError("a timer sends nothing on")
    item = catalogue.published(session, agency_id, item.id)
    agency = people.agency(session, agency_id)
    link = CaseLink(kind=LinkKind.APPLIED, source_id=event.case_id, agency_id=agency_id, item_id=item.id)
    link.work_item_id, link.at, link.by_id = event.work_item_id, event.at, event.actor_id

    def entered(running: locking.Running) -> None:
        link.target_id = running.case.id
        writes.insert(session, link)
        running.case.cause, running.case.title = cause, f"{cause}（{item.name}）"
        running.case.search = work_items.bigrams(running.case.no, running.case.title)

    place = opening.Place(agency_id, agency.region)
    found = opening.needed(session, f"send:{event.case_id}:{event.work_item_id}")
    begun = opening.begin(session, place, item, event.actor_id, event.at, found, before=entered)
    told = {"no": event.context["case"]["no"], "name": event.context["case"]["item"]}
    noting.note(begun, CAME, told, officer_id=event.actor_id, name=event.actor_name)
    _note_source(session, event, {"no": begun.case.no, "name": item.name, "agency": agency.name})
    return Opened(begun.case.id, begun.case.no)


def _note_source(session: Session, event: StepCompleted, detail: Mapping[str, Any]) -> None:
    who = {"actor_id": event.actor_id, "actor_name": event.actor_name, "actor_position": event.actor_position}
    about = {"case_id": event.case_id, "agency_id": event.agency_id, "region": event.region, "at": event.at}
    publish(
        session, CaseNoted(**about, **who, procedure=event.procedure, context={}, kind=APPLIED, detail=detail)
    )


def come(
    session: Session,
    agency_id: int,
    item: catalogue.Item,
    officer_id: int,
    cause: str,
    answers: Mapping[str, Any],
) -> Opened:
    """Open a case of another agency that begins with a message, and let it take in what came: registered in the name of
    whoever sent it, with every gate checked. Nobody gets a position there by it.

    Raises:
        NotFound: the item may not be exercised today.
        Invalid: the answers do not fit the form.
        Refused: a gate of law stands in the way; nothing changed.
    """
    item = catalogue.published(session, agency_id, item.id)
    agency = people.agency(session, agency_id)

    def entered(running: locking.Running) -> None:
        running.case.cause, running.case.title = cause, f"{cause}（{item.name}）"
        running.case.search = work_items.bigrams(running.case.no, running.case.title)

    found = opening.needed(session, f"come:{uuid4()}")
    place = opening.Place(agency_id, agency.region)
    begun = opening.begin(session, place, item, officer_id, clock.now(), found, before=entered)
    opened = Opened(begun.case.id, begun.case.no)
    locking.release(session)
    if not arrive(session, opened.case_id, officer_id, answers):
        raise ValueError(f"{item.procedure} does not begin with a message")
    return opened


def arrive(session: Session, case_id: int, officer_id: int, answers: Mapping[str, Any]) -> bool:
    """Let a case that waits for nothing but an answer take it in; whether it still waited.

    Raises:
        Invalid: the answers do not fit the form.
        Refused: a gate of law stands in the way; nothing changed.
    """
    running = locking.lock(session, case_id, clock.now())
    waiting = stepping.open_work(session, case_id)
    if len(waiting) != 1 or waiting[0].kind != "message":
        locking.release(session)
        return False
    work = running.work = waiting[0]
    work_items.genuine(running, work)
    used = stepping.form_of(running, work)
    data = used.validate(answers, stepping.form_context(running, f"work:{work.id}"))
    signer = stepping.signer(session, officer_id, running.at)
    stepping.carry_out(running, work, [signer], used, data)
    locking.release(session)
    return True
