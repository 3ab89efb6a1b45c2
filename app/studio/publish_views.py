"""送审发布: the page on which a draft is sent in, what those who examine it see, and procedures as ZIP files."""

import secrets
from dataclasses import dataclass
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.cases import service as cases
from app.diagrams import service as diagrams
from app.kernel import clock
from app.kernel.auth import Role, current_actor, roles
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, NotFound, Refused, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, row_number

from . import called, draft_views, publish, publish_acts, service
from .publish_checks import Check, part_title
from .room import ANALYST, room

EXAMINER = roles(Role.OFFICER, Role.ANALYST)
"""Whoever may see the case; the service asks which."""
LEVELS = {level.value: word for level, word in cases.LEVELS.items()}
PLAIN = "text/plain; charset=utf-8"
MOST_UPLOADED = 26_000_000
"""Bytes of a request that brings a ZIP; what is in it is bounded by the reader of packages."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the check list. `state` is yes, warn or no."""

    name: str
    told: str
    state: str


@room.get("/studio/drafts/<int:draft_id>/publish", access=ANALYST)
def publishing(draft_id: int) -> str:
    """Whether the draft may be sent in, what it changes, who examines it, and where it stands."""
    return _publishing(draft_id)


@room.post("/studio/drafts/<int:draft_id>/publish", access=ANALYST)
def send(draft_id: int) -> ResponseReturnValue:
    """Send the draft in; on any error the page comes back with everything that was typed."""
    only_fields("revision", "basis", "reason", "effective_on")
    typed = {name: request.form.get(name, "") for name in ("basis", "reason", "effective_on")}
    key = request.form.get("_key", "")
    try:
        with transaction() as session:
            revision = row_number(request.form.get("revision", "")) or 0
            publish.send(session, current_actor(), draft_id, revision, key, publish.Given(**typed))
    except (Invalid, Refused, Conflict) as error:
        return _publishing(draft_id, typed, error), error.status
    return redirect(url_for("studio.publishing", draft_id=draft_id, done=key), 303)


def _publishing(
    draft_id: int, typed: dict[str, str] | None = None, error: XingquanError | None = None
) -> str:
    session, actor = db.session(), current_actor()
    frame = draft_views.frame(draft_id)
    draft = frame["draft"]
    row = publish.newest(session, draft)
    found = publish_acts.checked(session, draft) if draft.status == "editing" else None
    return render_template(
        "studio/publishing.html",
        **frame,
        check=found,
        checklist=_lines(found, publish.overtaken(session, draft)) if found else [],
        behind=called.behind(service.content(session, draft)) if found else {},
        levels=LEVELS,
        stages=publish.stages(session, actor.agency_id),
        standing=publish.standing(session, actor, row) if row else None,
        typed=typed or {},
        error=error,
        errors=error.errors if isinstance(error, Invalid) else {},
        done=cases.done(session, actor, request.args.get("done", "")),
        today=clock.today().isoformat(),
        key=secrets.token_hex(16),
    )


def _lines(found: Check, overtaken: str) -> list[Line]:
    proven = bool(found.account and found.account["publishable"])
    notes = len(found.account["findings"]) if found.account else 0
    failed = sum(not run.passed for run in found.runs)
    runs = f"{len(found.runs)} 个" if found.runs else "没有保存试运行，建议至少保存一个"
    return [
        Line("内容完整，可以读取", found.problem, "no" if found.problem else "yes"),
        Line("有变化", f"与{found.same}相同" if found.same else "", "no" if found.same else "yes"),
        Line("以最新版本为基础", overtaken, "warn" if overtaken else "yes"),
        Line(
            "流程可以运行：表单、文书、规则齐全",
            "",
            "yes" if found.account is not None else "no",
        ),
        Line("证明合法", found.verdict, "no" if not proven else "warn" if notes else "yes"),
        Line("保存的试运行全部通过", runs, "no" if failed else "yes" if found.runs else "warn"),
    ]


# what is examined


@room.get("/studio/publications/<int:case_id>", access=EXAMINER)
def publication(case_id: int) -> str:
    """What a case is about to publish: changes, diagrams, proof, saved runs, every file."""
    session = db.session()
    row = publish.of_case(session, current_actor(), case_id)
    tree = publish.tree_of(session, row)
    word, tone = publish.STATUS_WORDS[row.status]
    return render_template(
        "studio/publication.html",
        row=row,
        name=publish.name_of(row, tree),
        word=word,
        tone=tone,
        summary=publish.summary(row),
        levels=LEVELS,
        files=[(path, part_title(path, text)) for path, text in tree.items()],
        called_diagrams=[
            (name, diagrams.calls.title(text) or name) for name, text in diagrams.calls.in_tree(tree).items()
        ],
    )


@room.get("/studio/publications/<int:case_id>/<any(external, internal):which>.bpmn", access=EXAMINER)
def publication_diagram(case_id: int, which: str) -> Response:
    """A diagram of what was sent in, for the page's drawing."""
    return Response(_text(case_id, f"{which}.bpmn"), mimetype="application/xml")


@room.get("/studio/publications/<int:case_id>/called/<name>.bpmn", access=EXAMINER)
def publication_called(case_id: int, name: str) -> Response:
    """A called process of what was sent in, for the page's drawing."""
    return Response(_text(case_id, diagrams.calls.path_of(name)), mimetype="application/xml")


@room.get("/studio/publications/<int:case_id>/text", access=EXAMINER)
def publication_text(case_id: int) -> Response:
    """One file of what was sent in, word for word."""
    return Response(_text(case_id, request.args.get("path", "")), content_type=PLAIN)


def _text(case_id: int, path: str) -> str:
    session = db.session()
    row = publish.of_case(session, current_actor(), case_id)
    if path not in row.tree:
        raise NotFound("送审内容中没有这个文件。")
    return diagrams.drafts.texts(session, {path: row.tree[path]})[path]


@room.get("/studio/publications/<int:case_id>/package.zip", access=EXAMINER)
def publication_package(case_id: int) -> Response:
    """All that was sent in, as a file."""
    session = db.session()
    row = publish.of_case(session, current_actor(), case_id)
    tree = publish.tree_of(session, row)
    name = publish.name_of(row, tree)
    return _zip(*cases.package_of_tree(tree, row.key, name, f"case{case_id}-r{row.revision}"))


# between installations


@room.get("/studio/drafts/<int:draft_id>/package.zip", access=ANALYST)
def export_draft(draft_id: int) -> Response:
    """The draft as a file for another installation."""
    session = db.session()
    draft = draft_views.frame(draft_id)["draft"]
    return _zip(*cases.package_of_draft(session, draft))


@room.get("/studio/versions/<int:version_id>/package.zip", access=ANALYST)
def export_version(version_id: int) -> Response:
    """A published version as a file for another installation."""
    return _zip(*cases.package_of_version(db.session(), version_id))


@room.post("/studio/import", access=ANALYST)
def take_in() -> ResponseReturnValue:
    """A file of another installation as a new draft."""
    request.max_content_length = MOST_UPLOADED
    only_fields("file")
    given = request.files.get("file")
    try:
        content = given.read() if given else b""
        if not content:
            raise Invalid("请选择要导入的 ZIP 文件。")
        with transaction() as session:
            draft_id = cases.take_package_in(session, current_actor(), content).id
    except Invalid as error:
        told = error.message or "；".join(m for each in error.errors.values() for m in each)
        return draft_views.index_page(import_error=told), 422
    return redirect(url_for("studio.workbench", draft_id=draft_id), 303)


def _zip(name: str, content: bytes) -> Response:
    headers: dict[str, Any] = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype="application/zip", headers=headers)
