"""The supervisor's pages."""

from flask import render_template, request

from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.web import row_number

from . import (
    deviation_views,  # noqa: F401 - the routes of these belong to the room
    item_views,  # noqa: F401
    service,
    threshold_views,  # noqa: F401
)
from .room import SUPERVISOR, room

__all__ = ["room"]


@room.get("/supervision", access=SUPERVISOR)
def index() -> str:
    """Reminders of major decisions from the agencies in this supervisor's region."""
    before = row_number(request.args.get("before", ""))
    found = service.reminders(db.session(), current_actor(), before)
    return render_template(
        "supervision/index.html", rows=found[:30], before=found[29].id if len(found) > 30 else None
    )
