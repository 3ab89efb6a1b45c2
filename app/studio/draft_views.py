"""The list of drafts, the workbench, and saving."""

from typing import Any

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.diagrams import service as diagrams
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, row_number

from . import payload, service
from .room import ANALYST, room


@room.get("/studio", access=ANALYST)
def index() -> str:
    """The drafts of the analyst's agency, and the published procedures."""
    return _index({}, {})


def _index(errors: dict[str, list[str]], typed: dict[str, str]) -> str:
    session, actor = db.session(), current_actor()
    ended = request.args.get("ended") == "1"
    return render_template(
        "studio/index.html",
        drafts=diagrams.drafts.drafts(session, actor, ended=ended),
        sources=service.sources(session),
        status_names=service.STATUS_NAMES,
        ended=ended,
        errors=errors,
        typed=typed,
    )


@room.post("/studio/drafts", access=ANALYST)
def create() -> ResponseReturnValue:
    """A new draft from a published procedure, a copy of one, or from nothing."""
    only_fields("source", "key", "name")
    typed = {name: request.form.get(name, "").strip() for name in ("source", "key", "name")}
    try:
        with transaction() as session:
            made = service.start(
                session, current_actor(), row_number(typed["source"]), typed["key"], typed["name"]
            )
            draft_id = made.id
    except Invalid as error:
        if not error.errors:
            raise
        return _index(error.errors, typed), 422
    return redirect(url_for("studio.workbench", draft_id=draft_id), 303)


@room.get("/studio/drafts/<int:draft_id>", access=ANALYST)
def workbench(draft_id: int) -> str:
    """The diagrams of a draft, to be drawn."""
    return render_template("studio/workbench.html", **frame(draft_id))


def frame(draft_id: int) -> dict[str, Any]:
    """What `studio/_draft.html` shows on every page of a draft.

    Raises:
        NotFound: the draft does not exist for this person.
    """
    draft = service.draft_of(db.session(), current_actor(), draft_id)
    return {"draft": draft, "status": service.STATUS_NAMES[draft.status]}


@room.get("/studio/drafts/<int:draft_id>/content", access=ANALYST)
def content(draft_id: int) -> ResponseReturnValue:
    """All texts of a draft by path, with the revision they belong to."""
    session = db.session()
    draft = service.draft_of(session, current_actor(), draft_id)
    return jsonify(revision=draft.revision, status=draft.status, parts=service.content(session, draft))


@room.post("/studio/drafts/<int:draft_id>/save", access=ANALYST)
def save(draft_id: int) -> ResponseReturnValue:
    """Save changed texts; 409 where somebody else changed the same ones: then both versions are kept."""
    body = payload.read("revision", "changes", "note")
    changes, note = payload.changes(body), payload.text(body, "note", 200)
    with transaction() as session:
        saved = diagrams.drafts.save(
            session, current_actor(), draft_id, payload.number(body, "revision"), changes, note
        )
    if saved.conflicts:
        answer = {
            "code": "draft_conflict",
            "message": "另一位分析人员刚刚修改了同一内容。双方的内容都已保留，请选择采用哪一份。",
            "conflicts": list(saved.conflicts),
            "revision": saved.revision,
            "parts": saved.parts,
            "kept": saved.kept,
        }
        return jsonify(answer), 409
    return jsonify(revision=saved.revision, parts=saved.parts)


@room.post("/studio/drafts/<int:draft_id>/discard", access=ANALYST)
def discard(draft_id: int) -> ResponseReturnValue:
    """Give a draft up; it stays in the list of those that are over."""
    only_fields()
    with transaction() as session:
        diagrams.drafts.discard(session, current_actor(), draft_id)
    return redirect(url_for("studio.index"), 303)


@room.post("/studio/drafts/<int:draft_id>/take-up", access=ANALYST)
def take_up(draft_id: int) -> ResponseReturnValue:
    """Go on with a draft that was given up."""
    only_fields()
    with transaction() as session:
        diagrams.drafts.take_up(session, current_actor(), draft_id)
    return redirect(url_for("studio.workbench", draft_id=draft_id), 303)
