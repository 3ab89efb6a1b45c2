"""The acts on a task besides handing it in: each has a page that says what it causes, and is done from there."""

import secrets
from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for

from app.cases import service as cases
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, NotFound, Refused, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, posted_key, posted_version

from .room import OFFICER, room


@room.get("/work/<int:work_item_id>/acts/<name>", access=OFFICER)
def act(work_item_id: int, name: str) -> str:
    """What an act on a task asks for and causes."""
    return _page(work_item_id, name, {}, None)


@room.post("/work/<int:work_item_id>/acts/<name>", access=OFFICER)
def carry_out(work_item_id: int, name: str) -> Any:
    """Do it; on any error the page comes back with everything that was entered."""
    actor = current_actor()
    given = _given()
    try:
        only_fields(
            *given
        )  # no files; names the act does not ask for it refuses itself, a repetition it answers first
        with transaction() as session:
            result = cases.desk_act(session, actor, work_item_id, posted_version(), posted_key(), name, given)
    except (Invalid, Refused, Conflict) as error:
        return _page(work_item_id, name, given, error), error.status
    try:
        cases.case(db.session(), actor, result.case_id)
    except NotFound:  # what the person gave away is no longer theirs to see
        return redirect(url_for("inbox.index", done=posted_key()), 303)
    return redirect(url_for("cases.case", case_id=result.case_id, done=posted_key()), 303)


def _given() -> dict[str, Any]:
    fields = {key: request.form.getlist(key) for key in request.form if not key.startswith("_")}
    return {key: values if len(values) > 1 else values[0] for key, values in fields.items()}


def _page(work_item_id: int, name: str, given: Mapping[str, Any], error: XingquanError | None) -> str:
    place, found, offer = cases.desk_offer(db.session(), current_actor(), work_item_id, name)
    chosen = {key: value if isinstance(value, list) else [value] for key, value in given.items()}
    return render_template(
        "inbox/act.html",
        work=place.work,
        case=place.running.case,
        act=found,
        offer=offer,
        chosen=chosen,
        error=error,
        errors=error.errors if isinstance(error, Invalid) else {},
        key=secrets.token_hex(16),
        mine=_exists(work_item_id),
    )


def _exists(work_item_id: int) -> bool:
    """Whether the task's own page is there for this person: an onlooker goes back to the case."""
    try:
        cases.work_item(db.session(), current_actor(), work_item_id)
    except NotFound:
        return False
    return True
