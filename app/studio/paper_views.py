"""The document templates of a draft: their list, the editor, and what it asks the server while somebody writes."""

import hashlib
from typing import Any
from urllib.parse import quote

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.diagrams import service as diagrams
from app.documents import service as documents
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.transaction import transaction
from app.kernel.web import only_fields

from . import form_definitions as definitions
from . import form_uses, paper_samples, paper_values, payload, service
from . import paper_templates as templates
from .draft_views import frame
from .room import ANALYST, room

NO_PAPER = "草稿中没有这种文书。它可能已被删除，请回到文书列表查看。"
HOUSES = {"official": "公文", "form": "表格", "record": "笔录"}
PLACE = "/studio/drafts/<int:draft_id>/documents"
ONE = f"{PLACE}/<string(maxlength=80):code>"


@room.get(PLACE, access=ANALYST)
def papers(draft_id: int) -> str:
    """The document templates a draft works with."""
    return _list(draft_id, {}, {})


def _list(draft_id: int, errors: dict[str, list[str]], typed: dict[str, str]) -> str:
    page = frame(draft_id)
    parts = service.content(db.session(), page["draft"])
    values = paper_values.of_draft(parts)
    everything = request.args.get("all") == "1"
    rows = templates.papers(parts, values, everything=everything)
    sources = {code: kind[0] for code, kind in templates.SKELETONS.items()}
    return render_template(
        "studio/papers.html",
        **page,
        rows=rows,
        everything=everything,
        sources=sources,
        errors=errors,
        typed=typed,
    )


@room.post(PLACE, access=ANALYST)
def paper_new(draft_id: int) -> ResponseReturnValue:
    """A new template, from a skeleton or as a copy of another."""
    only_fields("code", "name", "source")
    typed = {name: request.form.get(name, "").strip() for name in ("code", "name", "source")}
    try:
        with transaction() as session:
            draft = service.draft_of(session, current_actor(), draft_id)
            parts = service.content(session, draft)
            changes = templates.new(parts, typed["code"], typed["name"], typed["source"])
            note = f"新建文书“{typed['name']}”"
            diagrams.drafts.save(session, current_actor(), draft_id, draft.revision, changes, note)
    except Invalid as error:
        if not error.errors:
            raise
        return _list(draft_id, error.errors, typed), 422
    return redirect(url_for("studio.paper", draft_id=draft_id, code=typed["code"]), 303)


@room.post(f"{ONE}/delete", access=ANALYST)
def paper_delete(draft_id: int, code: str) -> ResponseReturnValue:
    """Take the draft's own template away: the shipped one counts again, or there is none if nothing uses it."""
    only_fields()
    with transaction() as session:
        draft = service.draft_of(session, current_actor(), draft_id)
        parts = service.content(session, draft)
        if templates.path_of(code) not in parts:
            raise NotFound(NO_PAPER)
        shipped = documents.writing.shipped(code) is not None
        if not shipped and (used := templates.uses(parts, code)):
            places = "、".join(dict.fromkeys(use.where for use in used[:5]))
            raise Conflict(f"这种文书还在使用，不能删除：{places}。请先改用别的文书。", code="paper_used")
        gone: dict[str, str | None] = dict.fromkeys(
            path for path in (templates.path_of(code), templates.sample_path(code)) if path in parts
        )
        note = f"文书 {code} 恢复为平台模板" if shipped else f"删除文书 {code}"
        diagrams.drafts.save(session, current_actor(), draft_id, draft.revision, gone, note)
    flash(f"{note}。需要时可以在“版本”中找回。", "ok")
    return redirect(url_for("studio.papers", draft_id=draft_id), 303)


@room.get(ONE, access=ANALYST)
def paper(draft_id: int, code: str) -> str:
    """The editor of one template."""
    page = frame(draft_id)
    parts = service.content(db.session(), page["draft"])
    text = templates.text_of(parts, code)
    if text is None:
        raise NotFound(NO_PAPER)
    raw, _ = documents.writing.read_template(text)
    name = str((raw or {}).get("name") or (raw or {}).get("title") or code)
    return render_template("studio/paper.html", **page, code=code, name=name)


def _asked(draft_id: int, *names: str) -> tuple[dict[str, Any], definitions.Parts]:
    """What the page sent (`changes` and these), and the draft's texts with its unsaved changes. Whose draft it is comes
    before what was sent."""
    session = db.session()
    draft = service.draft_of(session, current_actor(), draft_id)
    body = payload.read("changes", *names)
    return body, service.content(session, draft, payload.changes(body))


@room.post(f"{ONE}/surroundings", access=ANALYST)
def paper_surroundings(draft_id: int, code: str) -> ResponseReturnValue:
    """What the editor offers: the values of a case, the sample, the shipped template and its locked clauses, its uses."""
    _, parts = _asked(draft_id)
    shipped = documents.writing.shipped(code)
    base = documents.writing.read_template(shipped)[0] if shipped else None
    uses = [{"kind": use.kind, "where": use.where, "what": use.what} for use in templates.uses(parts, code)]
    return jsonify(
        values=paper_values.plain(paper_values.of_draft(parts)),
        sample=paper_samples.of_draft(parts, code),
        shipped=shipped,
        locked=[block for block in (base or {}).get("blocks", ()) if documents.writing.locked(block)],
        houses=HOUSES,
        uses=uses,
    )


def _trial(draft_id: int, *names: str) -> tuple[dict[str, Any], str, documents.writing.Trial]:
    body, parts = _asked(draft_id, "text", "sample", *names)
    text, sample = payload.text(body, "text", 1_000_000), body.get("sample")
    if not isinstance(sample, dict) or not paper_samples.sound(sample):
        raise Invalid("示例数据格式不对或者过大，请在“示例数据”中恢复。", code="body", field="sample")
    return body, text, documents.writing.trial(text, sample, paper_values.of_draft(parts))


@room.post(f"{ONE}/trial", access=ANALYST)
def paper_trial(draft_id: int, code: str) -> ResponseReturnValue:
    """A template as written so far: its content, what is wrong with it, and its pages as drawings (those the page has
    already, named in `have`, by their digest alone)."""
    body, text, found = _trial(draft_id, "have")
    raw, uses = form_uses.template_of(text)
    problems = [{"place": p.place, "message": p.message, "grave": p.grave} for p in found.problems]
    locked = documents.writing.broken_locks({**raw, "code": code}) if raw else []
    problems += [{"place": "", "message": message, "grave": True} for message in locked]
    if raw is not None and raw.get("code") != code:
        problems.append({"place": "code", "message": f"文书代码应当是 {code}。", "grave": True})
    have = body.get("have")
    known = {each for each in have if isinstance(each, str)} if isinstance(have, list) else set()
    pages = []
    for drawing in documents.writing.trial_pages(found.data) if found.data else ():
        digest = hashlib.sha256(drawing).hexdigest()[:20]
        pages.append({"digest": digest, "svg": None if digest in known else drawing.decode()})
    spoken = {documents.writing.dotted(path) for use in uses for path in use.paths}
    return jsonify(raw=raw, problems=problems, pages=pages, spoken=sorted(spoken))


@room.post(f"{ONE}/pdf", access=ANALYST)
def paper_pdf(draft_id: int, code: str) -> Response:
    """The PDF of a template as written so far."""
    _, _, found = _trial(draft_id)
    if found.data is None:
        wrong = found.problems[0].message if found.problems else "文书模板有误。"
        raise Invalid(f"还不能生成 PDF：{wrong}", code="paper")
    response = Response(documents.writing.trial_pdf(found.data), mimetype="application/pdf")
    name = quote(f"{code} 样张.pdf", safe="")
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{name}"
    return response
