"""The history of a draft: who changed what, gone back to, held against one another and against what is in force."""

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.diagrams import service as diagrams
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, row_number

from . import payload, service, version_trees
from .draft_views import frame
from .room import ANALYST, room

PAGE = 20


@room.get("/studio/drafts/<int:draft_id>/versions", access=ANALYST)
def versions(draft_id: int) -> str:
    """The history of a draft."""
    return _versions(draft_id, {})


def _versions(draft_id: int, errors: dict[str, list[str]]) -> str:
    session = db.session()
    found = frame(draft_id)
    draft = found["draft"]
    rows, more = version_trees.rows(session, draft, row_number(request.args.get("before", "")), PAGE)
    return render_template(
        "studio/versions.html",
        **found,
        rows=rows,
        more=more,
        choices=version_trees.choices(session, draft),
        published=version_trees.versions(session, draft),
        file_name=diagrams.diff.file_name,
        errors=errors,
    )


@room.get("/studio/drafts/<int:draft_id>/versions/<int:revision_id>/changes", access=ANALYST)
def version_changes(draft_id: int, revision_id: int) -> str:
    """What a revision changed, in words: a fragment of the history."""
    session = db.session()
    draft = service.draft_of(session, current_actor(), draft_id)
    changes = version_trees.changed_by(session, draft, revision_id)
    meaning = version_trees.meaning(changes)
    return render_template(
        "studio/_version_changes.html",
        groups=version_trees.by_file(meaning),
        layout=len(changes) - len(meaning),
    )


@room.get("/studio/drafts/<int:draft_id>/versions/compare", access=ANALYST)
def compare_versions(draft_id: int) -> str:
    """Two states of a procedure held against each other."""
    session = db.session()
    found = frame(draft_id)
    draft = found["draft"]
    before = version_trees.state(session, draft, request.args.get("before", version_trees.NOW))
    after = version_trees.state(session, draft, request.args.get("after", version_trees.NOW))
    changes = diagrams.compare(before.parts, after.parts)
    layout = request.args.get("layout") == "1"
    meaning = version_trees.meaning(changes)
    return render_template(
        "studio/version_compare.html",
        **found,
        before=before,
        after=after,
        groups=version_trees.by_file(changes if layout else meaning),
        layout=layout,
        hidden=len(changes) - len(meaning),
        summary=diagrams.diff.summary(meaning),
        choices=version_trees.choices(session, draft),
    )


@room.post("/studio/drafts/<int:draft_id>/compare", access=ANALYST)
def compare(draft_id: int) -> ResponseReturnValue:
    """The differences between a state and the draft with changes that are not saved yet, for the workbench."""
    body = payload.read("with", "changes")
    session = db.session()
    draft = service.draft_of(session, current_actor(), draft_id)
    other = version_trees.state(session, draft, payload.text(body, "with", 24))
    now = version_trees.state(session, draft, version_trees.NOW, payload.changes(body))
    drawn = (diagrams.tree.INTERNAL, diagrams.tree.EXTERNAL)
    return jsonify(
        title=other.title,
        changes=[change.told() for change in diagrams.compare(other.parts, now.parts)],
        drawings={path: other.parts.get(path, "") for path in drawn},
    )


@room.get("/studio/drafts/<int:draft_id>/compare", access=ANALYST)
def comparable(draft_id: int) -> ResponseReturnValue:
    """What the draft can be compared with."""
    session = db.session()
    draft = service.draft_of(session, current_actor(), draft_id)
    found = version_trees.choices(session, draft)
    return jsonify(choices=[{"ref": c.ref, "title": c.title, "group": c.group} for c in found])


@room.post("/studio/drafts/<int:draft_id>/versions/<int:revision_id>/name", access=ANALYST)
def name_version(draft_id: int, revision_id: int) -> ResponseReturnValue:
    """Give a revision a name."""
    only_fields("note")
    try:
        with transaction() as session:
            note = request.form.get("note", "")
            diagrams.drafts.name_revision(session, current_actor(), draft_id, revision_id, note)
    except Invalid as error:
        return _versions(draft_id, {f"note-{revision_id}": [error.message]}), 422
    return redirect(url_for("studio.versions", draft_id=draft_id, _anchor=f"revision-{revision_id}"), 303)


@room.post("/studio/drafts/<int:draft_id>/versions/<int:revision_id>/restore", access=ANALYST)
def restore_version(draft_id: int, revision_id: int) -> ResponseReturnValue:
    """Go back to a revision; what is there now stays in the history."""
    only_fields()
    with transaction() as session:
        diagrams.drafts.restore(session, current_actor(), draft_id, revision_id)
    return redirect(url_for("studio.versions", draft_id=draft_id), 303)


@room.post("/studio/drafts/<int:draft_id>/versions/<int:revision_id>/take", access=ANALYST)
def take_version(draft_id: int, revision_id: int) -> ResponseReturnValue:
    """Take single files of a revision over."""
    only_fields("path")
    paths = request.form.getlist("path")
    if not paths:
        return _versions(draft_id, {f"take-{revision_id}": ["请选择要采用的内容。"]}), 422
    with transaction() as session:
        diagrams.drafts.take_over(session, current_actor(), draft_id, revision_id, paths)
    return redirect(url_for("studio.versions", draft_id=draft_id), 303)
