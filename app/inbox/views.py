"""The pages on which officers work: the inbox, a task, its confirmation by the second officer."""

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Response, redirect, render_template, request, url_for

from app.cases import service as cases
from app.forms import service as forms
from app.kernel import clock
from app.kernel.auth import Role, current_actor, roles
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, Refused, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import Room, only_fields

from . import presentation, queries

room = Room("inbox", __name__)
OFFICER = roles(Role.OFFICER, Role.ANALYST)
"""Analysts too: the publication of a procedure is a case (`cases.handling`)."""


@room.get("/inbox", access=OFFICER)
def index() -> Any:
    """The lists: mine, my positions, done."""
    actor = current_actor()
    box = _box(request.args)
    q = request.args.get("q", "")
    if cases.named(q):
        return redirect(url_for("inbox.index", box=box.value, **cases.veiled(q)))
    page = queries.page(db.session(), actor, box, cases.words(request.args), request.args.get("after"))
    return render_template(
        "inbox/inbox.html",
        box=box,
        boxes=queries.Box,
        q=" ".join(q.split()[:5]),
        person=request.args.get("person"),
        counts=page.counts,
        rows=presentation.rows(db.session(), page.rows),
        after=page.after,
        first="after" not in request.args,
        looked=page.looked,
    )


@room.post("/inbox", access=OFFICER)
def search() -> Any:
    """A search as typed: posted, so that an identity number never stands in an address."""
    only_fields("q", "box")
    return redirect(
        url_for("inbox.index", box=_box(request.form).value, **cases.veiled(request.form.get("q", ""))), 303
    )


def _box(given: Mapping[str, str]) -> queries.Box:
    try:
        return queries.Box(given.get("box", "mine"))
    except ValueError:
        return queries.Box.MINE


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
            result = cases.hand_in(session, actor, work_item_id, _version(), _key(), answers)
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


@room.post("/work/<int:work_item_id>/claim", access=OFFICER)
def claim(work_item_id: int) -> Any:
    """Take a task of one of my positions."""
    only_fields()
    with transaction() as session:
        cases.claim(session, current_actor(), work_item_id, _key())
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
                result = cases.send_back(session, actor, work_item_id, _version(), _key(), reason)
            else:
                result = cases.confirm(session, actor, work_item_id, _version(), _key())
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
        return redirect(url_for("inbox.work", work_item_id=int(mine["id"]), done=_key()), 303)
    return redirect(url_for("cases.case", case_id=result.case_id, done=_key()), 303)


def _key() -> str:
    return request.form.get("_key", "")


def _version() -> int:
    value = request.form.get("_version", "")
    if not value.isdecimal() or len(value) > 9:
        raise Invalid("提交的内容不完整，请刷新页面后重新提交。", code="version")
    return int(value)
