"""Evidence as the person at a task works on it: registered, described, set aside, taken into the form of the task."""

import secrets
from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage

from app.cases import service as cases
from app.forms import service as forms
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, posted_key

from .room import OFFICER, room
from .upload_views import scope_of

ERRORS = (Invalid, Refused, Conflict, Forbidden)
TOLD = ("title", "kind", "proves", "source", "by", "place", "copy")


@room.get("/work/<int:work_item_id>/evidence", access=OFFICER)
def evidence(work_item_id: int) -> str:
    """What there is of evidence, and what can be done with it from this task."""
    return _page(work_item_id)


@room.post("/work/<int:work_item_id>/evidence", access=OFFICER)
def register_evidence(work_item_id: int) -> Any:
    """Register a file as evidence; on any error what was typed and what was uploaded stay on the page."""
    actor, given = current_actor(), request.form
    only_fields(*TOLD, "collected_at", "file", "stored", "remove")
    cases.work_item(db.session(), actor, work_item_id)
    kept: list[dict[str, Any]] = []
    try:
        uploads = forms.Uploads("evidence", scope_of(work_item_id))
        sent: list[FileStorage] = [f for f in request.files.getlist("file") if f.filename]
        kept, problems = uploads.collect("file", given.getlist("stored"), [], sent, forms.EXTENSIONS, 1)
        errors: dict[str, list[str]] = {"file": problems or ["请选择文件。"]} if problems or not kept else {}
        try:
            told = cases.evidence.told_of(given)
            at = cases.evidence.moment_of(given.get("collected_at", ""))
        except Invalid as wrong:
            raise Invalid(errors={**errors, **wrong.errors}) from wrong
        if errors:
            raise Invalid(errors=errors)
        with transaction() as session:
            piece = cases.evidence.Piece(kept[0], told, at)
            cases.evidence.register(session, actor, work_item_id, posted_key(), piece)
    except ERRORS as error:
        return _page(work_item_id, error, given, kept), error.status
    return _back(work_item_id)


@room.post("/work/<int:work_item_id>/evidence/amend", access=OFFICER)
def amend_evidence(work_item_id: int) -> Any:
    """Say more of a registered file."""
    only_fields(*TOLD, "digest")
    try:
        told = cases.evidence.told_of(request.form)
        with transaction() as session:
            cases.evidence.amend(
                session, current_actor(), work_item_id, posted_key(), request.form.get("digest", ""), told
            )
    except ERRORS as error:
        return _page(work_item_id, error), error.status
    return _back(work_item_id)


@room.post("/work/<int:work_item_id>/evidence/settle", access=OFFICER)
def settle_evidence(work_item_id: int) -> Any:
    """Set a file aside as no evidence, or take it back."""
    only_fields("digest", "reason", "decision")
    given = request.form
    try:
        with transaction() as session:
            cases.evidence.settle(
                session,
                current_actor(),
                work_item_id,
                posted_key(),
                given.get("digest", ""),
                given.get("reason", ""),
                out=given.get("decision") != "back",
            )
    except ERRORS as error:
        return _page(work_item_id, error), error.status
    return _back(work_item_id)


@room.post("/work/<int:work_item_id>/evidence/take", access=OFFICER)
def take_evidence(work_item_id: int) -> Any:
    """Put files of evidence into the list of this task's form: into the draft, after what stands there."""
    only_fields("digest")
    actor, session = current_actor(), db.session()
    work = cases.work_item(session, actor, work_item_id)
    running = cases.running(session, work)
    form = cases.form_of(running, work)
    field = next((item.key for item in form.keyed() if item.type == "evidence"), None)
    if field is None or work.assignee_id not in (None, actor.officer_id):
        raise NotFound("这项任务的表单没有证据目录，或者不由您填写。")
    chosen = set(request.form.getlist("digest"))
    scope = scope_of(work_item_id)
    with transaction() as session:
        answers = forms.load_draft(session, actor.account_id, scope)
        if answers is None:
            answers = dict(work.pending or form.prefilled(cases.context_of(running)))
        rows = list(answers.get(field) or [])
        held = {row["file"]["digest"] for row in rows if row.get("file")}
        for line in cases.evidence.listing(session, running.case).unlisted:
            if line.file and line.file["digest"] in chosen - held and {"size", "type"} <= line.file.keys():
                rows.append(_row(line))
        forms.save_draft(session, actor.account_id, scope, {**answers, field: rows})
    return redirect(url_for("inbox.work", work_item_id=work_item_id), 303)


def _row(line: Any) -> dict[str, Any]:
    file = {name: line.file[name] for name in ("name", "digest", "size", "type")}
    told = {"kind": line.kind, "name": line.title, "proves": line.proves}
    return {**{name: value for name, value in told.items() if value}, "file": file}


def _back(work_item_id: int) -> Any:
    return redirect(url_for("inbox.evidence", work_item_id=work_item_id, done=posted_key()), 303)


def _page(
    work_item_id: int,
    error: XingquanError | None = None,
    given: Mapping[str, str] | None = None,
    kept: list[dict[str, Any]] | None = None,
) -> str:
    actor, session = current_actor(), db.session()
    work = cases.work_item(session, actor, work_item_id)
    running = cases.running(session, work)
    form = cases.form_of(running, work)
    if not running.procedure.rules.evidence_lists:
        raise NotFound("这个流程不登记证据。")
    uploads = forms.Uploads("evidence", scope_of(work_item_id))
    return render_template(
        "inbox/evidence.html",
        work=work,
        case=running.case,
        view=cases.evidence.listing(session, running.case),
        may=cases.evidence.may_add(running, work, actor),
        takes=any(item.type == "evidence" for item in form.keyed()) and work.assignee_id == actor.officer_id,
        kinds=forms.EVIDENCE_KINDS,
        origins=cases.evidence.ORIGINS,
        proven=cases.evidence.to_prove(session, running.case),
        extensions=forms.EXTENSIONS,
        given=given or {"by": actor.name},
        kept=[(file, uploads.seal("file", file)) for file in kept or ()],
        error=error,
        errors=error.errors if isinstance(error, Invalid) else {},
        done=cases.done(session, actor, request.args.get("done", "")),
        key=secrets.token_hex(16),
    )
