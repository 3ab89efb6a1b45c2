"""The supervisor's pages."""

from flask import render_template, request

from app.kernel.auth import Role, current_actor, roles
from app.kernel.db import db
from app.kernel.web import Room, row_number

from . import service

room = Room("supervision", __name__)
SUPERVISOR = roles(Role.SUPERVISOR)


@room.get("/supervision", access=SUPERVISOR)
def index() -> str:
    """Reminders of major decisions from the agencies in this supervisor's region."""
    before = row_number(request.args.get("before", ""))
    found = service.reminders(db.session(), current_actor(), before)
    return render_template(
        "supervision/index.html", rows=found[:30], before=found[29].id if len(found) > 30 else None
    )
