"""The first-day tour, for the script of the page."""

from dataclasses import asdict

from flask import jsonify, request, url_for
from flask.typing import ResponseReturnValue

from app.kernel.auth import SIGNED_IN, current_actor
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.transaction import transaction
from app.kernel.web import only_fields

from . import tours
from .room import room


@room.get("/help/tour", access=SIGNED_IN)
def tour() -> ResponseReturnValue:
    """This person's tour, and whether it is still to be shown by itself."""
    actor = current_actor()
    found = tours.of(actor)
    if found is None:
        raise NotFound("没有适用于您的导览。")
    return jsonify(
        key=found.key,
        name=found.name,
        page=url_for(found.page),
        pending=tours.pending(db.session(), actor),
        stops=[asdict(stop) for stop in found.stops],
    )


@room.post("/help/tour", access=SIGNED_IN)
def tour_seen() -> ResponseReturnValue:
    """It was gone through, or put away."""
    only_fields("outcome")
    with transaction() as session:
        tours.note(session, current_actor(), request.form.get("outcome", ""))
    return "", 204
