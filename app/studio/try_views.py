"""试运行: an analyst plays a draft, keeps the play as a saved run, and has the saved runs done again."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.cases import service as cases
from app.diagrams import service as diagrams
from app.diagrams.models import Draft
from app.documents import service as documents
from app.forms import service as forms
from app.kernel import clock
from app.kernel.auth import Actor, current_actor
from app.kernel.db import db
from app.kernel.errors import Invalid, NotFound, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, row_number

from . import draft_views, service, try_store, try_view
from .room import ANALYST, room

NO_TRIAL = "还没有开始试运行，或者试运行已经结束。请重新开始。"


@room.get("/studio/drafts/<int:draft_id>/try", access=ANALYST)
def trying(draft_id: int) -> str:
    """The try as it stands; `task` shows another waiting task, `sample` fills it in."""
    wish = try_view.Wish(
        request.args.get("task", ""),
        _number(request.args.get("by", "")),
        sample=request.args.get("sample") == "1",
    )
    return _page(draft_id, wish)


@room.post("/studio/drafts/<int:draft_id>/try/begin", access=ANALYST)
def begin_trying(draft_id: int) -> ResponseReturnValue:
    """Begin anew, on an item and from a day on."""
    only_fields("item", "opened")
    actor = current_actor()
    with transaction() as session:
        draft = service.draft_of(session, actor, draft_id)
        script = try_store.begin(
            session, draft, row_number(request.form.get("item", "")), request.form.get("opened", "")
        )
        try_store.keep(session, actor, draft, script)
    return _there(draft_id)


@room.post("/studio/drafts/<int:draft_id>/try/act/<node>", access=ANALYST)
def act_trying(draft_id: int, node: str) -> ResponseReturnValue:
    """Hand a task of the try in; a refusal is shown with all that was typed, and may be kept as expected."""
    session, actor = db.session(), current_actor()
    draft, script = _kept(session, actor, draft_id)
    bundle = try_store.bundle_of(session, draft)
    answers = _typed(bundle, node, draft_id)
    by = _number(request.form.get("_by", ""))
    wish = try_view.Wish(node, by, answers)
    if forms.partial(request.form):
        return _page(draft_id, wish)
    act = {"at": script.moment.isoformat(), "node": node, "by": by, "answers": answers}
    if expected := request.form.get("_expect", ""):
        act["refused"] = expected[:60]
    longer = try_store.with_act(script, act)

    def look(stage: cases.Stage) -> tuple[int, XingquanError | None]:
        return len(stage.happened), stage.stopped

    done, stopped = cases.play(bundle, longer, look)
    if stopped is not None and done < len(longer.acts):
        return _page(draft_id, try_view.Wish(node, by, answers, stopped)), stopped.status
    with transaction() as session:
        try_store.keep(session, actor, service.draft_of(session, actor, draft_id), longer)
    return _there(draft_id)


@room.post("/studio/drafts/<int:draft_id>/try/auto", access=ANALYST)
def go_on_trying(draft_id: int) -> ResponseReturnValue:
    """Go on with made-up answers: one task, or as far as it goes."""
    only_fields("far")
    session, actor = db.session(), current_actor()
    draft, script = _kept(session, actor, draft_id)
    most = len(script.acts) + (try_store.FAR if request.form.get("far") else 1)

    def improvise(stage: cases.Stage) -> cases.Act | None:
        return try_view.next_act(stage, try_store.scope(draft_id)) if len(stage.acts) < most else None

    def look(stage: cases.Stage) -> tuple[list[cases.Act], XingquanError | None, str]:
        node = next((work.node for work in stage.waiting if work.kind == "user"), "")
        return stage.acts, stage.stopped, node

    bundle = try_store.bundle_of(session, draft)
    done, stopped, node = cases.play(bundle, script, look, improvise)
    with transaction() as session:
        longer = replace(script, acts=tuple(done)) if len(done) >= len(script.acts) else script
        try_store.keep(session, actor, service.draft_of(session, actor, draft_id), longer)
    if stopped is not None:
        return _page(draft_id, try_view.Wish(node, error=stopped, sample=True)), stopped.status
    return _there(draft_id)


@room.post("/studio/drafts/<int:draft_id>/try/wait", access=ANALYST)
def wait_trying(draft_id: int) -> ResponseReturnValue:
    """Let time go by: to a moment, by some days, or to when the next timer fires."""
    only_fields("until", "days", "due")
    session, actor = db.session(), current_actor()
    draft, script = _kept(session, actor, draft_id)
    until = request.form.get("until", "")
    if days := _number(request.form.get("days", "")):
        until = (script.moment + timedelta(days=min(days, 3660))).isoformat()
    if request.form.get("due"):
        due = cases.play(try_store.bundle_of(session, draft), script, lambda stage: stage.case.next_due)
        until = due.isoformat() if due else until
    try:
        longer = try_store.later(script, until)
    except Invalid as error:
        return _page(draft_id, try_view.Wish(error=error)), error.status
    return _go_on(draft_id, longer)


@room.post("/studio/drafts/<int:draft_id>/try/back", access=ANALYST)
def back_trying(draft_id: int) -> ResponseReturnValue:
    """Go back to before an act: `keep` is how many acts remain."""
    only_fields("keep")
    session, actor = db.session(), current_actor()
    _, script = _kept(session, actor, draft_id)
    return _go_on(draft_id, try_store.cut(script, _number(request.form.get("keep", ""))))


@room.post("/studio/drafts/<int:draft_id>/try/end", access=ANALYST)
def end_trying(draft_id: int) -> ResponseReturnValue:
    """Leave the try for good."""
    only_fields()
    actor = current_actor()
    with transaction() as session:
        try_store.drop(session, actor, service.draft_of(session, actor, draft_id))
    return _there(draft_id)


@room.get("/studio/drafts/<int:draft_id>/try/documents/<int:place>.pdf", access=ANALYST)
def paper_of_trying(draft_id: int, place: int) -> Response:
    """A document that the try issued, as it would print: marked as a draft."""
    session, actor = db.session(), current_actor()
    draft, script = _kept(session, actor, draft_id)

    def look(stage: cases.Stage) -> bytes | None:
        issued = documents.of_case(stage.session, stage.case_id)
        return documents.specimen(issued[place - 1]) if 0 < place <= len(issued) else None

    found = cases.play(try_store.bundle_of(session, draft), script, look)
    if found is None:
        raise NotFound("试运行中没有签发这份文书。")
    return Response(found, mimetype="application/pdf", headers={"Content-Disposition": "inline"})


@room.post("/studio/drafts/<int:draft_id>/try/save", access=ANALYST)
def save_run(draft_id: int) -> ResponseReturnValue:
    """Keep the try as a saved run of the draft."""
    only_fields("name", "note")
    session, actor = db.session(), current_actor()
    draft, script = _kept(session, actor, draft_id)
    name, note = request.form.get("name", "").strip(), request.form.get("note", "").strip()
    path = f"runs/{name}.json"
    try:
        if not name or len(name) > 40 or not diagrams.tree.PATH.fullmatch(path):
            raise Invalid(errors={"name": ["用例名称只能用汉字、字母、数字、连字符，不超过四十个字。"]})
        run = cases.record(try_store.bundle_of(session, draft), name, note, script)
    except Invalid as error:
        return _page(draft_id, try_view.Wish(error=error)), error.status
    _change(actor, draft_id, {path: cases.run_text(run)}, f"保存用例“{name}”")
    return redirect(url_for("studio.trying", draft_id=draft_id, saved=name) + "#runs", 303)


@room.post("/studio/drafts/<int:draft_id>/try/runs", access=ANALYST)
def check_runs(draft_id: int) -> ResponseReturnValue:
    """Do every saved run of the draft again."""
    only_fields()
    session, actor = db.session(), current_actor()
    draft = service.draft_of(session, actor, draft_id)
    results = cases.check_all(try_store.bundle_of(session, draft))
    return _page(draft_id, try_view.Wish(), {result.name: result for result in results})


@room.post("/studio/drafts/<int:draft_id>/try/runs/<name>/open", access=ANALYST)
def open_run(draft_id: int, name: str) -> ResponseReturnValue:
    """Take up a saved run as the try."""
    only_fields()
    session, actor = db.session(), current_actor()
    draft = service.draft_of(session, actor, draft_id)
    return _go_on(draft_id, cases.read_run(json.loads(_run(session, draft, name))).script)


@room.post("/studio/drafts/<int:draft_id>/try/runs/<name>/record", access=ANALYST)
def record_run(draft_id: int, name: str) -> ResponseReturnValue:
    """Do the script of a saved run once more and expect from now on what comes of it."""
    only_fields()
    session, actor = db.session(), current_actor()
    draft = service.draft_of(session, actor, draft_id)
    known = _run(session, draft, name)
    try:
        kept = cases.read_run(json.loads(known))
        run = cases.record(try_store.bundle_of(session, draft), name, kept.note, kept.script)
    except Invalid as error:
        return _page(draft_id, try_view.Wish(error=error)), error.status
    if (text := cases.run_text(run)) != known:
        _change(actor, draft_id, {f"runs/{name}.json": text}, f"重新记录用例“{name}”")
    return redirect(url_for("studio.trying", draft_id=draft_id, saved=name) + "#runs", 303)


@room.post("/studio/drafts/<int:draft_id>/try/runs/<name>/remove", access=ANALYST)
def remove_run(draft_id: int, name: str) -> ResponseReturnValue:
    """Take a saved run out of the draft; it stays in the draft's history."""
    only_fields()
    actor = current_actor()
    draft = service.draft_of(db.session(), actor, draft_id)
    if f"runs/{name}.json" in draft.tree:
        _change(actor, draft_id, {f"runs/{name}.json": None}, f"删除用例“{name}”")
    return redirect(url_for("studio.trying", draft_id=draft_id) + "#runs", 303)


def _page(draft_id: int, wish: try_view.Wish, results: dict[str, cases.RunResult] | None = None) -> str:
    session, actor = db.session(), current_actor()
    frame = draft_views.frame(draft_id)
    draft: Draft = frame["draft"]
    script = try_store.kept(session, actor, draft)
    view, broken = None, None
    if script is not None:
        try:
            bundle = try_store.bundle_of(session, draft)
            view = cases.play(
                bundle,
                script,
                lambda stage: try_view.view(stage, wish, try_store.scope(draft_id)),
            )
        except Invalid as error:
            broken = error
    parts = diagrams.drafts.texts(session, draft.tree, [diagrams.tree.INTERNAL, diagrams.tree.EXTERNAL])
    return render_template(
        "studio/trying.html",
        **frame,
        script=script,
        view=view,
        broken=broken,
        error=wish.error,
        items=try_store.items_for(session, draft),
        today=clock.today(),
        runs=diagrams.tree.names(draft.tree, "runs", ".json"),
        results=results or {},
        saved=request.args.get("saved", ""),
        internal=parts.get(diagrams.tree.INTERNAL, ""),
        external=parts.get(diagrams.tree.EXTERNAL, ""),
    )


def _kept(session: Session, actor: Actor, draft_id: int) -> tuple[Draft, cases.Script]:
    draft = service.draft_of(session, actor, draft_id)
    script = try_store.kept(session, actor, draft)
    if script is None:
        raise NotFound(NO_TRIAL)
    return draft, script


def _typed(bundle: diagrams.Bundle, node: str, draft_id: int) -> dict[str, Any]:
    """What the page has posted, read by the form of the task."""
    own = ("_by", "_expect")
    post = MultiDict([(name, text) for name, text in request.form.items(multi=True) if name not in own])
    return dict(cases.form_at(bundle, node).parse(post, request.files, try_store.scope(draft_id)))


def _go_on(draft_id: int, script: cases.Script) -> ResponseReturnValue:
    actor = current_actor()
    with transaction() as session:
        try_store.keep(session, actor, service.draft_of(session, actor, draft_id), script)
    return _there(draft_id)


def _change(actor: Actor, draft_id: int, changes: dict[str, str | None], note: str) -> None:
    with transaction() as session:
        draft = diagrams.drafts.draft(session, actor, draft_id, lock=True)
        diagrams.drafts.save(session, actor, draft_id, draft.revision, changes, note)


def _run(session: Session, draft: Draft, name: str) -> str:
    path = f"runs/{name}.json"
    if path not in draft.tree:
        raise NotFound("没有这个用例。")
    return diagrams.drafts.texts(session, draft.tree, [path])[path]


def _there(draft_id: int) -> ResponseReturnValue:
    return redirect(url_for("studio.trying", draft_id=draft_id), 303)


def _number(text: str) -> int:
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    return sign * (row_number(digits) or 0)
