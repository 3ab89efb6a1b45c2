"""One act on the tasks picked in a list: the dialog, what became of each, and sheets to print."""

import secrets
from typing import Any

from flask import Response, render_template, request

from app.cases import service as cases
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Invalid, NotFound, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import is_fragment, only_fields, posted_key

from . import addresses, bulk, papers, presentation
from .room import OFFICER, room

SHEETS = 50
"""So many task sheets at once."""


@room.post("/inbox/bulk", access=OFFICER)
def pick() -> Any:
    """What an act on the picked tasks asks for and causes."""
    only_fields("act", "work", "back")
    name = request.form.get("act", "")
    try:
        found = bulk.offer(db.session(), current_actor(), name, bulk.picked(request.form.getlist("work")))
    except Invalid as error:
        return _told(error), error.status
    return _dialog(found, {}, None)


@room.post("/inbox/bulk/<name>", access=OFFICER)
def act_on_all(name: str) -> Any:
    """Do it to each; the page says what became of which."""
    actor, session = current_actor(), db.session()
    try:
        chosen = bulk.picked(request.form.getlist("work"))
        found = bulk.offer(session, actor, name, chosen)
        only_fields("work", "back", *(field.name for field in found.fields), *_left(found))
        given = {key: _value(request.form.getlist(key)) for key in request.form if key[:1] != "_"}
        given = {key: value for key, value in given.items() if key not in ("work", "back")}
        key = cases.checked_key(posted_key())
    except Invalid as error:
        return _told(error), error.status
    try:
        given = bulk.checked(found, given) if found.fields else given
    except Invalid as error:
        return _dialog(found, given, error), error.status
    outcomes = bulk.carry_out(actor, name, chosen, found.tasks, key, given)
    return render_template(
        _template("outcome"),
        act=found.act,
        outcomes=outcomes,
        gone=len(chosen) - len(found.tasks),
        back=_back(),
    )


def _left(found: bulk.Offer) -> list[str]:
    """What a repeated request may still bring along: its tasks are done, nothing more is asked for."""
    return [] if found.fields else [key for key in request.form if key in ("to", "second", "note", "reason")]


@room.post("/inbox/print", access=OFFICER)
def sheets() -> Any:
    """The picked tasks as sheets of paper, one after the other."""
    only_fields("act", "work", "back")
    session, actor = db.session(), current_actor()
    try:
        chosen = bulk.picked(request.form.getlist("work"))
        if len(chosen) > SHEETS:
            raise Invalid(f"一次最多打印 {SHEETS} 项，现在选中了 {len(chosen)} 项。", code="too_many")
    except Invalid as error:
        return _told(error), error.status
    views, gone = [], 0
    for number in chosen:
        try:
            views.append(presentation.task(session, actor, number, {}, None))
        except NotFound:
            gone += 1
    return render_template("inbox/sheets.html", views=views, gone=gone, back=_back())


@room.post("/inbox/print/papers", access=OFFICER)
def print_papers() -> Any:
    """The issued documents of the picked tasks' cases, in one PDF with a bookmark for each case."""
    only_fields("act", "work", "back")
    try:
        chosen = bulk.picked(request.form.getlist("work"))
        if len(chosen) > SHEETS:
            raise Invalid(f"一次最多打印 {SHEETS} 项，现在选中了 {len(chosen)} 项。", code="too_many")
        with transaction() as session:
            content = papers.bound(session, papers.of_tasks(session, current_actor(), list(chosen)))
    except Invalid as error:
        return _told(error), error.status
    answer = Response(content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = (
        "inline; filename=\"papers.pdf\"; filename*=UTF-8''%E6%96%87%E4%B9%A6.pdf"
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _value(values: list[str]) -> Any:
    return values if len(values) > 1 else values[0]


def _back() -> str:
    """The list from which the tasks were picked: an address of the inbox, and no other."""
    back = request.form.get("back", "")
    return back if back.startswith("/inbox?") else addresses.Address(addresses.Box.MINE).to()


def _template(name: str) -> str:
    return f"inbox/_{name}.html" if is_fragment() else f"inbox/{name}.html"


def _dialog(found: bulk.Offer, given: Any, error: XingquanError | None) -> str:
    chosen = {key: value if isinstance(value, list) else [value] for key, value in given.items()}
    return render_template(
        _template("bulk"),
        offer=found,
        act=found.act,
        picked=[f"{task.id}.{task.version}" for task in found.tasks],
        chosen=chosen,
        error=error,
        errors=error.errors if isinstance(error, Invalid) else {},
        key=request.form.get("_key") or secrets.token_hex(16),
        back=_back(),
    )


def _told(error: XingquanError) -> str:
    return render_template(_template("bulk_error"), error=error, back=_back())
