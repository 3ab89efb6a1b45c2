"""The legal reviewer's pages: the workbench of one review, and the reviewer's own work."""

import base64
import secrets
from collections.abc import Mapping
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import WorkItem
from app.documents import service as documents
from app.forms import service as forms
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, NotFound, Refused, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, posted_key, posted_version, row_number

from . import legal_bench, legal_home, legal_remarks, legal_statistics
from .legal_keeping import RESPOND, REVIEW
from .room import OFFICER, room


def bench_of(work: WorkItem) -> legal_bench.Bench | None:
    """The workbench of a task, for the page of the task; None: it has none."""
    if work.step == REVIEW:
        return legal_bench.Bench(
            "打开审核工作台",
            "案卷、决定书草案、与告知的差异、同类案件和审核要点在一处办理。",
            url_for("review.legal", work_item_id=work.id),
        )
    if work.step == RESPOND:
        return legal_bench.Bench(
            "查看审核批注",
            "法制审核人员在案卷文字上写的批注。",
            url_for("review.legal_told", case_id=work.case_id),
        )
    return None


@room.get("/review/legal", access=OFFICER)
def legal_index() -> str:
    """The reviewer's own work: what waits, the certificate, and the figures of the last twelve months."""
    session, actor = db.session(), current_actor()
    return render_template(
        "review/legal_index.html",
        waiting=legal_home.waiting(session, actor),
        figures=legal_statistics.of(session, actor),
        qualification=legal_bench.qualification(session, actor),
    )


@room.get("/review/legal/<int:work_item_id>", access=OFFICER)
def legal(work_item_id: int) -> str:
    """The workbench of one review."""
    return _page(work_item_id)


@room.post("/review/legal/<int:work_item_id>", access=OFFICER)
def legal_hand_in(work_item_id: int) -> Any:
    """Hand the review in: the task's own form, the same gates. On any error everything typed comes back."""
    actor = current_actor()
    kept: dict[str, Any] = {}

    def answers(form: forms.Form, _: forms.FormContext) -> dict[str, Any]:
        kept["answers"] = form.parse(request.form, request.files, _scope(work_item_id))
        return kept["answers"]

    if forms.partial(request.form):
        return _page(work_item_id, answers=_typed(work_item_id))
    try:
        with transaction() as session:
            result = cases.hand_in(session, actor, work_item_id, posted_version(), posted_key(), answers)
    except (Invalid, Refused, Conflict) as error:
        return _page(work_item_id, answers=_keep(work_item_id, kept), error=error), error.status
    return redirect(url_for("cases.case", case_id=result.case_id, done=posted_key()), 303)


@room.post("/review/legal/<int:work_item_id>/remarks", access=OFFICER)
def legal_remark(work_item_id: int) -> str:
    """Write a remark beside selected words; the text it stands in comes back with its mark, and the list of remarks."""
    only_fields("source", "passage", "start", "quote", "kind", "point", "text")
    given = {
        name: request.form.get(name, "") for name in ("source", "passage", "quote", "kind", "point", "text")
    }
    key = posted_key()
    if not 16 <= len(key) <= 64 or not key.isalnum():
        raise Invalid("提交的内容不完整，请刷新页面后重新提交。", code="key")
    wanted = legal_remarks.Wanted(key=key, start=row_number(request.form.get("start", "")) or 0, **given)
    with transaction() as session:
        work = legal_remarks.open_task(session, current_actor(), work_item_id)
        desk = legal_bench.desk_of(session, current_actor(), work_item_id)
        source = _texts(session, desk).source(wanted.source)
        remark = legal_remarks.add(session, current_actor(), work, legal_bench.shape(desk), source, wanted)
        session.flush()
        return _marked(session, work_item_id, remark.source)


@room.post("/review/legal/<int:work_item_id>/remarks/<int:remark_id>", access=OFFICER)
def legal_change_remark(work_item_id: int, remark_id: int) -> str:
    """Change what a remark says."""
    only_fields("source", "passage", "start", "quote", "kind", "point", "text")
    kind, point, text = (request.form.get(name, "") for name in ("kind", "point", "text"))
    with transaction() as session:
        work = legal_remarks.open_task(session, current_actor(), work_item_id)
        desk = legal_bench.desk_of(session, current_actor(), work_item_id)
        remark = legal_remarks.change(session, work, legal_bench.shape(desk), remark_id, kind, point, text)
        return _marked(session, work_item_id, remark.source)


@room.post("/review/legal/<int:work_item_id>/remarks/<int:remark_id>/remove", access=OFFICER)
def legal_remove_remark(work_item_id: int, remark_id: int) -> str:
    """Take a remark back."""
    only_fields()
    with transaction() as session:
        work = legal_remarks.open_task(session, current_actor(), work_item_id)
        source = legal_remarks.remove(session, work, remark_id)
        return _marked(session, work_item_id, source)


@room.get("/review/legal/cases/<int:case_id>/remarks", access=OFFICER)
def legal_told(case_id: int) -> str:
    """The remarks of the reviews that were handed in, for everybody who sees the case."""
    session, actor = db.session(), current_actor()
    case = cases.case(session, actor, case_id)
    return render_template("review/legal_told.html", case=case, rounds=legal_home.told(session, case))


@room.get("/review/legal/<int:work_item_id>/draft", access=OFFICER)
def legal_draft(work_item_id: int) -> str:
    """The draft decision page by page as it will print."""
    running, ahead = _ahead(work_item_id)
    own = running.procedure.templates
    shown = [
        (
            documents.kind(code, own).name,
            [base64.b64encode(page).decode() for page in documents.preview_pages(code, ahead.context, own)],
        )
        for code in ahead.codes
    ]
    return render_template(
        "review/legal_draft.html", case=running.case, work_item_id=work_item_id, drafts=shown
    )


@room.get("/review/legal/<int:work_item_id>/draft/<code>.pdf", access=OFFICER)
def legal_draft_pdf(work_item_id: int, code: str) -> Response:
    """The draft decision as a PDF, marked as a draft."""
    running, ahead = _ahead(work_item_id)
    if code not in ahead.codes:
        raise NotFound("本案目前的意见不产生这份文书。")
    pdf = documents.preview(code, ahead.context, running.procedure.templates)
    return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": "inline"})


def _ahead(work_item_id: int) -> tuple[cases.Running, cases.Ahead]:
    desk = legal_bench.desk_of(db.session(), current_actor(), work_item_id)
    return desk.running, cases.decision_ahead(desk.running)


def _page(work_item_id: int, *, answers: Any = None, error: XingquanError | None = None) -> str:
    view = legal_bench.bench(db.session(), current_actor(), work_item_id, answers, error)
    return render_template("review/legal.html", view=view, key=secrets.token_hex(16), error=error)


def _texts(session: Session, desk: cases.Desk) -> legal_bench.Texts:
    ahead = cases.decision_ahead(desk.running)
    remarks = legal_remarks.of_case(session, desk.running.case.id)
    return legal_bench.texts(session, desk, ahead, legal_bench.shape(desk), remarks)


def _marked(session: Session, work_item_id: int, source: str) -> str:
    """The parts of the page that a remark changes."""
    view = legal_bench.bench(session, current_actor(), work_item_id, {}, None)
    return render_template("review/legal_marked.html", view=view, source=view.texts.source(source))


def _scope(work_item_id: int) -> str:
    """The name under which a task's draft is kept: the same as on the task's own page."""
    return f"work:{work_item_id}"


def _typed(work_item_id: int) -> Any:
    desk = legal_bench.desk_of(db.session(), current_actor(), work_item_id)
    return cases.form_of(desk.running, desk.work).parse(request.form, request.files, _scope(work_item_id))


def _keep(work_item_id: int, kept: Mapping[str, Any]) -> Any:
    """Save what was typed as the draft, also where the act was refused before it was read; give it back."""
    actor = current_actor()
    try:
        answers = kept["answers"] if kept else _typed(work_item_id)
        with transaction() as session:
            forms.save_draft(session, actor.account_id, _scope(work_item_id), answers)
    except Invalid:
        return forms.load_draft(db.session(), actor.account_id, _scope(work_item_id))
    return answers
