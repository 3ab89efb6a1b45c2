"""Files on their way in parts: to the form of a task, or to the evidence of its case. Answers are JSON for the page's
script; without script the page posts its files with the form."""

from typing import Any

from flask import Response, jsonify, request

from app.cases import service as cases
from app.forms import service as forms
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.transaction import transaction
from app.kernel.web import only_fields

from .room import OFFICER, room

OWN = ("evidence", "scene")
"""What is no form of a procedure: the register of evidence, and what comes from the scene."""


def scope_of(work_item_id: int) -> str:
    """The name under which a task's draft and its files are kept."""
    return f"work:{work_item_id}"


@room.post("/work/<int:work_item_id>/uploads", access=OFFICER)
def begin_upload(work_item_id: int) -> Any:
    """Announce a file, or come back to one announced before."""
    only_fields("form", "field", "key", "name", "size", "sha256")
    given = request.form
    cases.work_item(
        db.session(), current_actor(), work_item_id
    )  # to a stranger nothing is here, not even an error
    size = given.get("size", "")
    if not (size.isascii() and size.isdecimal() and len(size) <= 15):
        raise Invalid("文件大小缺失，请重新选择文件。", code="file")
    place = _place(work_item_id, given.get("form", ""), given.get("field", ""))
    with transaction() as session:
        state = forms.chunked.begin(
            session,
            place,
            given.get("key", ""),
            given.get("name", ""),
            int(size),
            given.get("sha256", "").lower(),
        )
    return jsonify(state.told())


@room.get("/work/<int:work_item_id>/uploads/<int:upload_id>", access=OFFICER)
def upload_state(work_item_id: int, upload_id: int) -> Response:
    """Which parts are there."""
    actor = current_actor()
    cases.work_item(db.session(), actor, work_item_id)
    state = forms.chunked.state(db.session(), actor.account_id, scope_of(work_item_id), upload_id)
    return jsonify(state.told())


@room.post("/work/<int:work_item_id>/uploads/<int:upload_id>/parts/<int:part>", access=OFFICER)
def upload_part(work_item_id: int, upload_id: int, part: int) -> Response:
    """One part, as the body of the request; its SHA-256 may come in `X-Content-SHA256`."""
    actor = current_actor()
    request.max_content_length = forms.chunked.limits().part + 1
    cases.work_item(db.session(), actor, work_item_id)
    content = request.get_data(cache=False)
    said = request.headers.get("X-Content-SHA256", "").lower()
    with transaction() as session:
        state = forms.chunked.add(
            session, actor.account_id, scope_of(work_item_id), upload_id, part, content, said
        )
    return jsonify(state.told())


@room.post("/work/<int:work_item_id>/uploads/<int:upload_id>/complete", access=OFFICER)
def complete_upload(work_item_id: int, upload_id: int) -> Response:
    """All parts were sent: what the file is, and the token under which the page may hand it in."""
    only_fields("form", "field")
    place = _place(work_item_id, request.form.get("form", ""), request.form.get("field", ""))
    with transaction() as session:
        state = forms.chunked.complete(session, place, upload_id)
    return jsonify(state.told())


@room.post("/work/<int:work_item_id>/uploads/<int:upload_id>/drop", access=OFFICER)
def drop_upload(work_item_id: int, upload_id: int) -> Response:
    """Give it up."""
    only_fields()
    actor = current_actor()
    cases.work_item(db.session(), actor, work_item_id)
    with transaction() as session:
        forms.chunked.drop(session, actor.account_id, scope_of(work_item_id), upload_id)
    return Response(status=204)


def _place(work_item_id: int, form: str, field: str) -> forms.chunked.Place:
    """Where a file of this task may go; the task must exist for this person."""
    actor, session = current_actor(), db.session()
    work = cases.work_item(session, actor, work_item_id)
    if form in OWN:
        extensions: tuple[str, ...] = forms.EXTENSIONS
        field = "file"
    else:
        found = cases.form_of(cases.running(session, work), work)
        form, extensions = found.key, forms.files_item(found, field).extensions
    return forms.chunked.Place(actor.account_id, scope_of(work.id), form, field, extensions)
