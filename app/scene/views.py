"""The pages of the scene: a shell that a phone keeps, what it asks for when there is a network, and what it brings back.

The shell says nothing of any account: a phone may keep it. Everything else is answered with no-store and lives on the phone
only in the encrypted store of the page (`app/frontend/src/scene`), until its owner signs out.
"""

import json
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Response, current_app, jsonify, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from app.cases import service as cases
from app.forms import service as forms
from app.kernel import clock
from app.kernel.auth import PUBLIC, current_actor
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.transaction import transaction
from app.kernel.web import only_fields

from . import keeping, receiving, taking
from .models import ItemKind
from .receiving import MOST
from .room import OFFICER, room

WORKER = Path(__file__).parent / "data" / "worker.js"
NAMES = ("key", "client_at", "offset_ms", "version", "draft_at")


@room.get("/scene/", access=OFFICER)
def shell() -> str:
    """The shell: the same for everybody."""
    return render_template("scene/shell.html")


@room.get("/scene/manifest.webmanifest", access=PUBLIC)
def manifest() -> Response:
    """What makes it installable."""
    icon = url_for("static", filename="icon.svg")
    content = {
        "name": "行权·现场办案",
        "short_name": "现场办案",
        "lang": "zh-CN",
        "id": url_for("scene.shell"),
        "start_url": url_for("scene.shell"),
        "scope": url_for("scene.shell"),
        "display": "standalone",
        "background_color": "#f5f7fa",
        "theme_color": "#0b5cad",
        "icons": [
            {"src": icon, "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
            {"src": url_for("static", filename="icon-maskable.svg"), "sizes": "any", "type": "image/svg+xml",
             "purpose": "maskable"},
        ],
    }  # fmt: skip
    body = json.dumps(content, ensure_ascii=False)
    return Response(
        body, mimetype="application/manifest+json", headers={"Cache-Control": "no-cache, no-store"}
    )


@room.get("/scene/worker.js", access=PUBLIC)
def worker() -> Response:
    """The service worker, with the files of the shell as this release names them."""
    files = [url_for("scene.shell"), *current_app.jinja_env.globals["asset_files"]("scene.js")]  # type: ignore[operator]
    files += [url_for("static", filename="icon.svg")]
    body = f"const SHELL = {json.dumps(files)};\n" + WORKER.read_text(encoding="utf-8")
    return Response(body, mimetype="text/javascript", headers={"Cache-Control": "no-cache, no-store"})


@room.get("/scene/state", access=OFFICER)
def state() -> Response:
    """Who is here, what time it is, which tasks may be taken along, and the token for bringing things back."""
    actor, session = current_actor(), db.session()
    return jsonify(
        account=actor.account_id,
        name=actor.name,
        token=current_app.jinja_env.globals["csrf_token"](),  # type: ignore[operator]
        now=clock.now().isoformat(),
        tasks=list(taking.tasks(session, actor)),
    )


@room.get("/scene/tasks/<int:work_item_id>", access=OFFICER)
def take(work_item_id: int) -> Response:
    """A task to be taken along."""
    return jsonify(taking.take(db.session(), current_actor(), work_item_id))


@room.post("/scene/tasks/<int:work_item_id>/draft", access=OFFICER)
def bring_draft(work_item_id: int) -> Response:
    """What was typed into the task's form; what belongs to the form comes under its own names."""
    actor, session = current_actor(), db.session()
    work = cases.work_item(session, actor, work_item_id)
    form = cases.form_of(cases.running(session, work), work)
    own = {f"_scene_{name}" for name in NAMES}
    typed = MultiDict((name, value) for name, value in request.form.items(multi=True) if name not in own)
    answers = form.parse(typed, MultiDict(), taking.scope_of(work_item_id))
    given = {name: request.form.get(f"_scene_{name}", "") for name in NAMES}
    return _receive(work_item_id, given, ItemKind.FORM, answers=dict(answers))


@room.post("/scene/tasks/<int:work_item_id>/papers", access=OFFICER)
def papers(work_item_id: int) -> Response:
    """The drafts of the task's papers with what is typed now; nothing is kept."""

    def parse(form: forms.Form) -> Any:
        return form.parse(request.form, MultiDict(), taking.scope_of(work_item_id))

    return jsonify(papers=taking.papers(db.session(), current_actor(), work_item_id, parse))


@room.post("/scene/tasks/<int:work_item_id>/documents/<code>", access=OFFICER)
def make_document(work_item_id: int, code: str) -> Response:
    """Make a document that was filled in at the scene: the same act as at the desk, under the same gates."""
    cases.work_item(
        db.session(), current_actor(), work_item_id
    )  # to a stranger nothing is here, not even an error
    typed = MultiDict((name, value) for name, value in request.form.items(multi=True) if name != "_scene_key")

    def answers(form: forms.Form, context: forms.FormContext) -> Any:
        return form.parse(typed, MultiDict(), context.scope)

    with transaction() as session:
        key = request.form.get("_scene_key", "")
        made = cases.on_demand.make(session, current_actor(), work_item_id, key, code, answers)
    return jsonify(state="used", message=made.message, documents=made.documents)


@room.post("/scene/tasks/<int:work_item_id>/items", access=OFFICER)
def bring_item(work_item_id: int) -> Response:
    """A photograph, a signature, or that somebody would not sign. A file was sent before, in parts."""
    only_fields("kind", "token", *NAMES, *MOST)
    cases.work_item(
        db.session(), current_actor(), work_item_id
    )  # to a stranger nothing is here, not even an error
    given = {name: request.form.get(name, "") for name in ("kind", "token", *NAMES, *MOST)}
    try:
        kind = ItemKind(given["kind"])
    except ValueError:
        raise Invalid("不认识这种现场记录。", code="kind") from None
    file = None
    if kind in (ItemKind.PHOTO, ItemKind.SIGNATURE):
        uploads = forms.Uploads("scene", taking.scope_of(work_item_id))
        file = uploads.unseal("file", given["token"])
        if file["type"] not in ("image/jpeg", "image/png"):
            raise Invalid("现场照片和签名应当是图片。", code="file")
    elif kind is ItemKind.FORM:
        raise Invalid("不认识这种现场记录。", code="kind")
    return _receive(work_item_id, given, kind, file=file, told=receiving.checked(given, kind))


@room.get("/work/<int:work_item_id>/scene", access=OFFICER)
def brought(work_item_id: int) -> str:
    """Everything that was brought from the scene for a task; what was kept stands beside what is there now."""
    actor, session = current_actor(), db.session()
    work = cases.work_item(session, actor, work_item_id)
    return render_template(
        "scene/brought.html",
        work=work,
        case=cases.running(session, work).case,
        items=keeping.of_work(session, actor, work),
        key=secrets.token_hex(16),
    )


@room.post("/work/<int:work_item_id>/scene/<int:item_id>/use", access=OFFICER)
def use(work_item_id: int, item_id: int) -> Any:
    """Put what was typed at the scene into the draft."""
    only_fields()
    with transaction() as session:
        keeping.use(session, current_actor(), work_item_id, item_id)
    return redirect(url_for("inbox.work", work_item_id=work_item_id), 303)


def _receive(work_item_id: int, given: dict[str, str], kind: ItemKind, **what: Any) -> Response:
    try:
        at = datetime.fromisoformat(given["client_at"].replace("Z", "+00:00"))
        offset, version = int(given["offset_ms"]), int(given["version"])
        if (
            at.tzinfo is None
            or abs(offset) > receiving.MAX_OFFSET
            or not 0 < version < 10**9
            or at.year < 2000
        ):
            raise ValueError
        thing = receiving.Brought(kind, at, offset, version, given["draft_at"], **what)
        _ = thing.occurred_at
    except (ValueError, OverflowError):
        raise Invalid("现场记录的时间或版本不完整，请重新带走任务后再记录。", code="moment") from None
    with transaction() as session:
        answer = receiving.receive(session, current_actor(), work_item_id, given["key"], thing)
    return jsonify(answer)
