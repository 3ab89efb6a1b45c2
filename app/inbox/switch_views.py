"""机关设置: what the heads of an agency demand of its cases beyond the law, since when and why."""

import secrets
from typing import Any

from flask import redirect, render_template, request, url_for

from app.cases import service as cases
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, posted_version

from .room import OFFICER, room


@room.get("/inbox/switches", access=OFFICER)
def switches() -> str:
    """Every switch of the agency with its history."""
    return _page("", None)


@room.post("/inbox/switches/<name>", access=OFFICER)
def turn_switch(name: str) -> Any:
    """Turn one; on any error the page comes back with the reason that was typed."""
    only_fields("on", "reason")
    try:
        with transaction() as session:
            on = request.form.get("on") == "yes"
            cases.switches.turn(
                session, current_actor(), name, on, request.form.get("reason", ""), posted_version()
            )
    except (Invalid, Conflict) as error:
        return _page(name, error), error.status
    return redirect(url_for("inbox.switches"), 303)


def _page(chosen: str, error: XingquanError | None) -> str:
    return render_template(
        "inbox/switches.html",
        switches=cases.switches.states(db.session(), current_actor()),
        chosen=chosen,
        error=error,
        errors=error.errors if isinstance(error, Invalid) else {},
        reason=request.form.get("reason", "") if error else "",
        key=secrets.token_hex(16),
    )
