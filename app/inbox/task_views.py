"""The pages on which officers work: the inbox, a task, its confirmation by the second officer."""

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Response, redirect, render_template, request, url_for

from app.cases import service as cases
from app.forms import service as forms
from app.kernel import clock
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, Refused, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, posted_key, posted_version

from . import presentation
from .room import OFFICER, room


@room.get("/work/<int:work_item_id>", access=OFFICER)
def work(work_item_id: int) -> str:
    """A task: what to decide on, the form, what follows."""
    return _page(work_item_id)


@room.post("/work/<int:work_item_id>", access=OFFICER)
def hand_in(work_item_id: int) -> Any:
    """Hand the task in; on any error the page comes back with everything that was typed."""
    actor = current_actor()
    kept: dict[str, Any] = {}

    def answers(form: forms.Form, _: forms.FormContext) -> dict[str, Any]:
        kept["answers"] = form.parse(request.form, request.files, _scope(work_item_id))
        return kept["answers"]

    if forms.partial(request.form):
        return _page(work_item_id, answers=_typed(work_item_id))
    try:
        with transaction() as session:
            result = cases.hand_in(session, actor, work_item_id, posted_version(), posted_key(), answers)
    except (Invalid, Refused, Conflict) as error:
        return _page(work_item_id, answers=_keep(work_item_id, kept), error=error), error.status
    return _after(result)


@room.post("/work/<int:work_item_id>/draft", access=OFFICER)
def draft(work_item_id: int) -> Response:
    """Keep what has been typed so far. Unchecked: a draft may be as wrong as it likes."""
    actor = current_actor()
    with transaction() as session:
        forms.save_draft(session, actor.account_id, _scope(work_item_id), _typed(work_item_id))
    at = clock.now().astimezone(clock.CHINA)
    return Response(f"已自动保存 {at:%H:%M}", mimetype="text/plain")


@room.post("/work/<int:work_item_id>/prepare", access=OFFICER)
def prepare(work_item_id: int) -> Any:
    """As a delegate: keep what was typed, and go on to giving it back."""
    actor = current_actor()
    cases.desk_offer(db.session(), actor, work_item_id, "prepared")
    typed = _typed(work_item_id)
    if forms.partial(request.form):
        return _page(work_item_id, answers=typed)
    with transaction() as session:
        forms.save_draft(session, actor.account_id, _scope(work_item_id), typed)
    return redirect(url_for("inbox.act", work_item_id=work_item_id, name="prepared"), 303)


@room.post("/work/<int:work_item_id>/claim", access=OFFICER)
def claim(work_item_id: int) -> Any:
    """Take a task of one of my positions."""
    only_fields()
    with transaction() as session:
        cases.claim(session, current_actor(), work_item_id, posted_key())
    return redirect(url_for("inbox.work", work_item_id=work_item_id), 303)


@room.post("/work/<int:work_item_id>/confirm", access=OFFICER)
def confirm(work_item_id: int) -> Any:
    """Confirm as the second officer, or give it back with a reason."""
    actor = current_actor()
    try:
        only_fields("decision", "reason")
        with transaction() as session:
            if request.form.get("decision") == "return":
                reason = request.form.get("reason", "")
                result = cases.send_back(session, actor, work_item_id, posted_version(), posted_key(), reason)
            else:
                result = cases.confirm(session, actor, work_item_id, posted_version(), posted_key())
    except (Invalid, Refused, Conflict) as error:
        return _page(work_item_id, error=error), error.status
    return _after(result)


@room.get("/work/<int:work_item_id>/preview/<code>.pdf", access=OFFICER)
def preview(work_item_id: int, code: str) -> Response:
    """A document as it would print with the draft as saved so far."""
    pdf = presentation.preview(db.session(), current_actor(), work_item_id, code)
    return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": "inline"})


def _page(work_item_id: int, *, answers: Any = None, error: XingquanError | None = None) -> str:
    session = db.session()
    view = presentation.task(session, current_actor(), work_item_id, answers, error)
    if view.hands.unread:
        with transaction() as own:
            cases.read_copies(own, current_actor(), work_item_id)
    done = cases.done(session, current_actor(), request.args.get("done", ""))
    return render_template("inbox/work.html", view=view, key=secrets.token_hex(16), error=error, done=done)


def _scope(work_item_id: int) -> str:
    """The name under which a task's draft and its stored files are kept."""
    return f"work:{work_item_id}"


def _typed(work_item_id: int) -> Any:
    """What the page has posted, read by the task's form and not yet checked."""
    session = db.session()
    work_item = cases.work_item(session, current_actor(), work_item_id)
    form = cases.form_of(cases.running(session, work_item), work_item)
    return form.parse(request.form, request.files, _scope(work_item_id))


def _keep(work_item_id: int, kept: Mapping[str, Any]) -> Any:
    """Save what was typed as the draft, also where the act was refused before it was read; give it back.

    A post that the form itself refuses (names it does not know, forged files) leaves the draft as it was.
    """
    actor = current_actor()
    try:
        answers = kept["answers"] if kept else _typed(work_item_id)
        with transaction() as session:
            forms.save_draft(session, actor.account_id, _scope(work_item_id), answers)
    except Invalid:
        return forms.load_draft(db.session(), actor.account_id, _scope(work_item_id))
    return answers


def _after(result: cases.ActResult) -> Any:
    """Where to go after an act: the next task if it is mine, else the case; either tells what happened."""
    actor = current_actor()
    mine = next((t for t in result.next if t["person"] and t["person"] == actor.name), None)
    if mine:
        return redirect(url_for("inbox.work", work_item_id=int(mine["id"]), done=posted_key()), 303)
    return redirect(url_for("cases.case", case_id=result.case_id, done=posted_key()), 303)
