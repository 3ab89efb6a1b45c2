"""The forms of a draft: their list, the designer, and what it asks the server while somebody designs."""

from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.diagrams import service as diagrams
from app.forms import service as form_room
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.transaction import transaction
from app.kernel.web import only_fields
from app.people import service as people

from . import form_definitions as definitions
from . import form_preview, form_renaming, form_uses, paper_values, payload, service
from .draft_views import frame
from .room import ANALYST, room

NO_FORM = "草稿中没有这个表单。它可能已被删除，请回到表单列表查看。"


@room.get("/studio/drafts/<int:draft_id>/forms", access=ANALYST)
def forms(draft_id: int) -> str:
    """The forms of a draft, and where each is used."""
    return _list(draft_id, {}, {})


def _list(draft_id: int, errors: dict[str, list[str]], typed: dict[str, str]) -> str:
    page = frame(draft_id)
    parts = service.content(db.session(), page["draft"])
    nodes: dict[str, list[str]] = {}
    for node in form_uses.nodes(parts):
        if node.form and node.path == "internal.bpmn":
            nodes.setdefault(node.form, []).append(node.name)
    rows = []
    for key in definitions.keys(parts):
        raw = definitions.raw_of(parts, key)
        _, problems = form_preview.checked(parts, key, parts[definitions.path_of(key)])
        rows.append(
            {
                "key": key,
                "title": definitions.title_of(raw, key),
                "fields": sum(1 for _ in definitions.fields(raw)),
                "nodes": nodes.get(key, []),
                "problems": sum(map(len, problems.values())),
            }
        )
    missing = sorted(set(nodes) - {row["key"] for row in rows})
    return render_template(
        "studio/forms.html", **page, rows=rows, missing=missing, errors=errors, typed=typed
    )


@room.post("/studio/drafts/<int:draft_id>/forms", access=ANALYST)
def form_new(draft_id: int) -> ResponseReturnValue:
    """A new form, from nothing or as a copy of another of the draft."""
    only_fields("key", "title", "source")
    typed = {name: request.form.get(name, "").strip() for name in ("key", "title", "source")}
    try:
        with transaction() as session:
            draft = service.draft_of(session, current_actor(), draft_id)
            parts = service.content(session, draft)
            key = definitions.checked_key(typed["key"], parts)
            if not 0 < len(typed["title"]) <= 100:
                raise Invalid(errors={"title": ["请填写表单名称，不超过一百个字。"]})
            raw = definitions.blank(key, typed["title"])
            if typed["source"]:
                source = definitions.raw_of(parts, typed["source"])
                if source is None:
                    raise Invalid(errors={"source": ["没有这个表单，请重新选择。"]})
                raw = {**source, "key": key, "title": typed["title"], "version": 1}
                raw.pop("rights", None)  # they name the steps that use the other form
            changes = {definitions.path_of(key): definitions.text_of(raw)}
            diagrams.drafts.save(
                session, current_actor(), draft_id, draft.revision, changes, f"新建表单“{typed['title']}”"
            )
    except Invalid as error:
        if not error.errors:
            raise
        return _list(draft_id, error.errors, typed), 422
    return redirect(url_for("studio.form", draft_id=draft_id, key=key), 303)


@room.post("/studio/drafts/<int:draft_id>/forms/<string(maxlength=80):key>/delete", access=ANALYST)
def form_delete(draft_id: int, key: str) -> ResponseReturnValue:
    """Take a form out of the draft, if nothing uses it."""
    only_fields()
    with transaction() as session:
        draft = service.draft_of(session, current_actor(), draft_id)
        parts = service.content(session, draft)
        if definitions.path_of(key) not in parts:
            raise NotFound(NO_FORM)
        if used := [use for use in form_uses.of_form(parts, key) if use.kind in form_uses.FIRM]:
            places = "、".join(dict.fromkeys(use.where for use in used[:5]))
            raise Conflict(f"这个表单还在使用，不能删除：{places}。请先改用别的表单。", code="form_used")
        title = definitions.title_of(definitions.raw_of(parts, key), key)
        diagrams.drafts.save(
            session,
            current_actor(),
            draft_id,
            draft.revision,
            {definitions.path_of(key): None},
            f"删除表单“{title}”",
        )
    flash(f"已删除表单“{title}”。需要时可以在“版本”中恢复。", "ok")
    return redirect(url_for("studio.forms", draft_id=draft_id), 303)


@room.get("/studio/drafts/<int:draft_id>/forms/<string(maxlength=80):key>", access=ANALYST)
def form(draft_id: int, key: str) -> str:
    """The designer of one form."""
    page = frame(draft_id)
    parts = service.content(db.session(), page["draft"])
    if definitions.path_of(key) not in parts:
        raise NotFound(NO_FORM)
    title = definitions.title_of(definitions.raw_of(parts, key), key)
    return render_template("studio/form.html", **page, key=key, title=title)


def _asked(draft_id: int, *names: str) -> tuple[dict[str, Any], definitions.Parts]:
    """What the page sent (`changes` and these), and the draft's texts with its unsaved changes. Whose draft it is comes
    before what was sent."""
    session = db.session()
    draft = service.draft_of(session, current_actor(), draft_id)
    body = payload.read("changes", *names)
    return body, service.content(session, draft, payload.changes(body))


@room.post("/studio/drafts/<int:draft_id>/forms/<string(maxlength=80):key>/surroundings", access=ANALYST)
def form_surroundings(draft_id: int, key: str) -> ResponseReturnValue:
    """What the designer offers and lists: the values of a case, attributes, steps that use the form, its uses."""
    _, parts = _asked(draft_id)
    rules = form_uses.rules_of(parts)
    attributes = {
        str(name): {"label": str(entry.get("label", name)), "type": str(entry.get("type", "boolean"))}
        for name, entry in (rules.get("attributes") or {}).items()
        if isinstance(entry, dict)
    }
    steps = [
        {"node": n.id, "name": n.name, "step": n.step}
        for n in form_uses.nodes(parts)
        if n.form == key and n.path == "internal.bpmn"
    ]
    uses = [
        {"kind": use.kind, "where": use.where, "what": use.what, "field": use.field}
        for use in form_uses.of_form(parts, key)
    ]
    return jsonify(
        values=paper_values.plain(paper_values.of_draft(parts)),
        attributes=attributes,
        steps=steps,
        uses=uses,
        positions=people.position_names(db.session()),
        extensions=form_room.EXTENSIONS,
    )


@room.post("/studio/drafts/<int:draft_id>/forms/<string(maxlength=80):key>/look", access=ANALYST)
def form_look(draft_id: int, key: str) -> ResponseReturnValue:
    """How a form as written so far would look at a step, or what is wrong with it; with `act` its answers are checked."""
    body, parts = _asked(draft_id, "text", "step", "node", "answers", "act")
    text = payload.text(body, "text", 1_000_000)
    found = form_preview.look(
        parts, key, text, payload.text(body, "step", 80), payload.text(body, "node", 80), _answers(body),
        body.get("act") is True,
    )  # fmt: skip
    return jsonify(problems=found.problems, html=found.html, said=found.said)


def _answers(body: dict[str, Any]) -> dict[str, list[str]] | None:
    answers = body.get("answers")
    if answers is None:
        return None
    sound = isinstance(answers, dict) and len(answers) <= form_preview.MOST_ANSWERS
    if not sound or not all(
        isinstance(values, list) and all(isinstance(value, str) for value in values)
        for values in answers.values()
    ):
        raise Invalid("请求的内容格式不对，请刷新页面后重试。", code="body")
    return answers


@room.post("/studio/drafts/<int:draft_id>/forms/<string(maxlength=80):key>/rename", access=ANALYST)
def form_rename(draft_id: int, key: str) -> ResponseReturnValue:
    """What else in the draft changes when a field gets another key: nothing is saved, the page does that."""
    body, parts = _asked(draft_id, "from", "to")
    found = form_renaming.rename(parts, key, payload.text(body, "from", 80), payload.text(body, "to", 80))
    left = [{"kind": use.kind, "where": use.where, "what": use.what} for use in found.left]
    return jsonify(changes=found.changes, left=left)
