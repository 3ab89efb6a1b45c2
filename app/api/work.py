"""The inbox and its tasks: read, take, hand in, confirm, send back."""

from collections.abc import Mapping
from typing import Any

from flask import request

from app.cases import service as cases
from app.forms import service as forms
from app.inbox import service as inbox
from app.kernel.auth import SIGNED_IN, Role, current_actor, roles
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid
from app.kernel.transaction import transaction
from app.people import service as people

from . import answers, reading, requests
from .room import room

OFFICER = roles(Role.OFFICER)
MOVED_ON = "这项任务已经被办理或发生变化，未作任何处理。请重新读取任务后再提交。"


@room.operation(
    "GET", "/me", access=SIGNED_IN, summary="本人、岗位、证件和登录方式", tag="本人", answer=answers.Me
)
def me() -> dict[str, Any]:
    """Who acts, and by which way the program came in."""
    session, actor = db.session(), current_actor()
    names = people.position_names(session)
    held = people.certificates_of(session, actor.officer_id) if actor.officer_id else []
    return {
        "account_id": actor.account_id,
        "officer_id": actor.officer_id,
        "name": actor.name,
        "agency": {"id": actor.agency_id, "name": actor.agency_name, "region": actor.region},
        "roles": sorted(actor.roles),
        "positions": [{"key": key, "name": names.get(key, key)} for key in sorted(actor.positions)],
        "certificates": [c for c in held if c.revoked_on is None],
        "credential": _credential(),
    }


def _credential() -> dict[str, Any]:
    if token := people.current_bearer():
        return {"kind": "token", "name": token.name, "scope": token.scope, "expires_at": token.expires_at,
                "csrf_token": None}  # fmt: skip
    found = people.current_session()
    return {"kind": "session", "name": "浏览器登录", "scope": "act", "expires_at": None,
            "csrf_token": found.csrf_token if found else None}  # fmt: skip


def due(view: cases.DueView | None) -> dict[str, Any] | None:
    """A due moment with its light."""
    if view is None:
        return None
    return {
        "light": view.light.key,
        "light_word": view.light.word,
        "words": view.words,
        "basis": view.basis,
    }


@room.operation(
    "GET", "/inbox", access=OFFICER, summary="待办、岗位待办和已办列表", tag="任务",
    query=requests.InboxQuery, answer=answers.Inbox,
)  # fmt: skip
def tasks(query: Mapping[str, Any]) -> dict[str, Any]:
    """One page of a box, what is due first on top (done: newest first)."""
    session, actor = db.session(), current_actor()
    box = inbox.Box(query["box"])
    page = inbox.page(session, actor, box, query["q"].split()[:5], query["after"])
    return {
        "box": box,
        "tasks": [_line(row) for row in inbox.rows(session, page.rows, past=True)],
        "counts": {str(one): page.counts[one] for one in (inbox.Box.MINE, inbox.Box.POSITIONS)},
        "next": page.after,
    }


def _line(row: inbox.RowView) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "status": row.status,
        "position": row.position,
        "due_at": row.due_at,
        "done_at": row.done_at,
        "due": due(row.due),
        "case": {"id": row.case_id, "no": row.no, "title": row.title, "status": row.case_status},
    }


@room.operation(
    "GET", "/work-items/<int:work_item_id>", access=OFFICER, summary="一项任务：表单和已填写的内容", tag="任务",
    answer=answers.Task, errors=(404,),
)  # fmt: skip
def task(work_item_id: int) -> dict[str, Any]:
    """A task with its form as JSON Schema and the answers so far (handed in, drafted, or prefilled)."""
    session, actor = db.session(), current_actor()
    draft = forms.load_draft(session, actor.account_id, scope(work_item_id))
    view = inbox.task(session, actor, work_item_id, draft, None)
    work, form = view.work, view.form
    running = cases.running(session, work)
    context = cases.form_context(running, scope(work_item_id))
    so_far = work.pending or draft or form.prefilled(cases.context_of(running))
    return {
        "id": work.id,
        "version": work.version,
        "etag": work.version,
        "name": work.name,
        "status": work.status,
        "mode": view.mode,
        "verb": view.verb,
        "step": work.step,
        "duty": view.duty,
        "basis": view.basis,
        "position": view.position,
        "assignee": view.assignee,
        "second": view.second,
        "due": due(view.due),
        "case": view.case,
        "facts": facts(view.facts),
        "form": {
            "key": form.key,
            "title": form.title,
            "version": form.version,
            "schema": forms.json_schema(form, context),
        },
        "answers": forms.to_json(form, so_far, scope(work_item_id)),
        "documents": [title for _, title in view.previews],
    }


def facts(pairs: Any) -> list[dict[str, str]]:
    """Label and text."""
    return [{"label": label, "text": words} for label, words in pairs]


def scope(work_item_id: int) -> str:
    """The name under which a task's draft and stored files are kept: that of its page."""
    return f"work:{work_item_id}"


@room.operation(
    "POST", "/work-items/<int:work_item_id>/files/<string(maxlength=60):field>", access=OFFICER,
    summary="为表单的一个栏目上传附件", tag="任务", upload=True,
    answer=answers.StoredFile, status=201, errors=(404, 409, 413, 415),
)  # fmt: skip
def upload(work_item_id: int, field: str) -> dict[str, Any]:
    """Keep a file for a task of one's own; the answer's token goes into the answers."""
    session, actor = db.session(), current_actor()
    work = cases.work_item(session, actor, work_item_id)
    if request.mimetype != "multipart/form-data":
        raise reading.WrongType("附件请以 multipart/form-data 提交，栏目名为 file。")
    given = [name for name in (*request.form, *request.files) if name != "file"]
    sent = request.files.getlist("file")
    if given or len(sent) != 1 or not sent[0].filename:
        raise Invalid("请在 file 栏目中提交一个文件，不带其他内容。", code="unknown_field")
    waits = (cases.WorkStatus.OPEN, cases.WorkStatus.LATE)
    if work.status not in waits or work.assignee_id not in (None, cases.officer_of(actor)):
        raise Conflict(MOVED_ON, code="moved_on")
    form = cases.form_of(cases.running(session, work), work)
    return forms.store(form, field, sent[0], scope(work_item_id))


ACT = {
    "access": OFFICER,
    "tag": "任务",
    "answer": answers.Result,
    "keyed": True,
    "errors": (404, 409, 413, 415),
}


@room.operation("POST", "/work-items/<int:work_item_id>/claim", summary="签收一项岗位待办", **ACT)
def claim(work_item_id: int, key: str) -> cases.ActResult:
    """Take a task of one of my positions."""
    with transaction() as session:
        return cases.claim(session, current_actor(), work_item_id, key)


@room.operation(
    "POST", "/work-items/<int:work_item_id>/hand-in", summary="提交办理", body=requests.HandIn,
    versioned=True, **ACT,
)  # fmt: skip
def hand_in(work_item_id: int, body: Mapping[str, Any], key: str) -> cases.ActResult:
    """Hand a task in; with two officers asked for, it then waits for the second one."""
    version = reading.version(body["version"])

    def given(form: forms.Form, _: forms.FormContext) -> Mapping[str, Any]:
        return forms.from_json(form, body["answers"], scope(work_item_id))

    return act_on(cases.hand_in, work_item_id, version, key, given)


@room.operation(
    "POST", "/work-items/<int:work_item_id>/confirm", summary="以协办人员身份确认", body=requests.Confirm,
    versioned=True, **ACT,
)  # fmt: skip
def confirm(work_item_id: int, body: Mapping[str, Any], key: str) -> cases.ActResult:
    """Confirm as the second officer."""
    return act_on(cases.confirm, work_item_id, reading.version(body["version"]), key)


@room.operation(
    "POST", "/work-items/<int:work_item_id>/send-back", summary="以协办人员身份退回", body=requests.SendBack,
    versioned=True, **ACT,
)  # fmt: skip
def send_back(work_item_id: int, body: Mapping[str, Any], key: str) -> cases.ActResult:
    """Give a task back to the first officer with a reason."""
    return act_on(cases.send_back, work_item_id, reading.version(body["version"]), key, body["reason"])


def act_on(act: Any, *given: Any) -> cases.ActResult:
    """Carry out an act in a transaction of its own."""
    try:
        with transaction() as session:
            return act(session, current_actor(), *given)
    except Conflict as conflict:
        if conflict.code == "moved_on":  # a program keeps its own draft
            raise Conflict(MOVED_ON, code="moved_on") from None
        raise
