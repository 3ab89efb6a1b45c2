"""The pages of change orders: list, one order, sending in, giving up. `draw_views` has those on which they are drawn up."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.kernel import auth
from app.kernel.db import db
from app.kernel.errors import Conflict, Forbidden, Invalid, Refused, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, posted_version, row_number
from app.people import service as people

from . import (
    drafting,
    draw_views,  # noqa: F401 - its routes belong to the room
    finding,
    kinds,
    law,
    sending,
)
from .models import ChangeOrder, Kind, State
from .room import KEEPER, READER, proposes, room, settings
from .service import PLACES

__all__ = ["room"]
PLACE = "<any(laws,roster):place>"
KIND_OF = {place: kind for kind, place in PLACES.items()}


@room.get("/laws/orders", access=READER)
def laws() -> str:
    """The change orders for the legal basis that exist for this person."""
    return _index("laws")


@room.get("/roster/orders", access=READER)
def roster() -> str:
    """The change orders for the roster of officers that exist for this person."""
    return _index("roster")


def _index(place: str) -> str:
    session, actor = db.session(), auth.current_actor()
    state = request.args.get("state", "")
    after = row_number(request.args.get("after", "")) or 0
    rows = finding.listed(session, actor, KIND_OF[place], state, after)
    page, more = rows[: finding.PAGE], len(rows) > finding.PAGE
    return render_template(
        "orders/index.html",
        place_of=place,
        kind=KIND_OF[place],
        rows=[(row, _matter(session, row.order)) for row in page],
        number=finding.number,
        states=finding.STATES,
        state=state if state in finding.STATES else "",
        after=page[-1].order.id if more else 0,
        may_propose=proposes(actor),
        own=actor.agency_id,
    )


def _matter(session: Session, found: ChangeOrder) -> str:
    return kinds.of(found).matter(session, found)


@room.get(f"/{PLACE}/orders/<int:order_id>", access=READER)
def order(place: str, order_id: int) -> str:
    """One order: what it changes, what it touches, how it stands."""
    return _page(place, order_id, None)


def _page(place: str, order_id: int, error: XingquanError | None) -> str:
    session, actor = db.session(), auth.current_actor()
    found = finding.order(session, actor, KIND_OF[place], order_id)
    mine = found.agency_id == actor.agency_id and proposes(actor) and found.state == State.DRAFT
    ready = found.effective_on is not None
    return render_template(
        "orders/order.html",
        place_of=place,
        kind=found.kind,
        order=found,
        number=finding.number(found),
        matter=_matter(session, found),
        agency=people.agency(session, found.agency_id).name,
        office=people.agency(session, found.office_id).name if found.office_id else "",
        proposer=people.officer(session, found.proposed_by).name if found.proposed_by else "",
        rows=kinds.of(found).rows(session, found) if ready or found.kind == Kind.ROSTER else (),
        problems=kinds.of(found).problems(session, found) if ready and found.state == State.DRAFT else (),
        states=finding.STATES,
        may_send=mine,
        senders=_senders(session, found) if found.state == State.DRAFT and not mine else None,
        may_again=found.agency_id == actor.agency_id and proposes(actor),
        own_case=found.office_id == actor.agency_id and found.case_id is not None,
        error=error,
        **_touched(session, actor, found),
    )


def _senders(session: Session, found: ChangeOrder) -> list[str]:
    """Who of the agency may send it in, by name."""
    at_work = people.officers_at(session, found.agency_id)
    return [card.name for card in at_work if settings()["proposed_by"] in card.positions]


def _touched(session: Session, actor: auth.Actor, found: ChangeOrder) -> dict[str, Any]:
    """What a change of the legal basis touches: all of it in numbers, by name as far as this person sees the agencies."""
    if found.kind != Kind.LAW or found.effective_on is None:
        return {}
    agencies = catalogue.agencies_seen(session, actor)
    if found.office_id == actor.agency_id:  # who examines sees whose items it touches, the whole region's
        agencies = catalogue.agencies_below(session, actor.region)
    return {
        "summary": law.KIND.impact(session, found),
        "touched": law.KIND.touched(session, found, agencies.keys(), actor),
        "agencies": agencies,
    }


@room.post(f"/{PLACE}/orders/<int:order_id>/send", access=KEEPER)
def send(place: str, order_id: int) -> ResponseReturnValue:
    """Send it in; on any error the page comes back and says why."""
    only_fields()
    try:
        with transaction() as session:
            sending.send(session, auth.current_actor(), KIND_OF[place], order_id, posted_version())
    except (Invalid, Refused, Conflict, Forbidden) as error:
        return _page(place, order_id, error), error.status
    return redirect(url_for("orders.order", place=place, order_id=order_id), 303)


@room.post(f"/{PLACE}/orders/<int:order_id>/again", access=KEEPER)
def again(place: str, order_id: int) -> ResponseReturnValue:
    """Begin a draft with what an order said that came to nothing."""
    only_fields()
    with transaction() as session:
        made = drafting.again(session, auth.current_actor(), KIND_OF[place], order_id)
    return redirect(url_for("orders.edit", place=place, order_id=made), 303)


@room.post(f"/{PLACE}/orders/<int:order_id>/drop", access=KEEPER)
def drop(place: str, order_id: int) -> ResponseReturnValue:
    """Give a draft up."""
    only_fields()
    with transaction() as session:
        drafting.drop(session, auth.current_actor(), KIND_OF[place], order_id)
    return redirect(url_for(f"orders.{place}"), 303)
