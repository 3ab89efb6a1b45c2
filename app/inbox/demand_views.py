"""制作文书: the page on which a document is made that a task lets its officer make when it is needed."""

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Response, redirect, render_template, request, url_for

from app.cases import service as cases
from app.documents import service as documents
from app.forms import service as forms
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Invalid, Refused, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import posted_key

from .room import OFFICER, room


@room.get("/work/<int:work_item_id>/documents/<code>", access=OFFICER)
def document(work_item_id: int, code: str) -> str:
    """The document's own form."""
    return _page(work_item_id, code)


@room.post("/work/<int:work_item_id>/documents/<code>", access=OFFICER)
def make_document(work_item_id: int, code: str) -> Any:
    """Issue it; on any error the page comes back with everything that was typed."""
    kept: dict[str, Any] = {}

    def answers(form: forms.Form, context: forms.FormContext) -> Mapping[str, Any]:
        kept["answers"] = form.parse(request.form, None, context.scope)
        return kept["answers"]

    if forms.partial(request.form):
        return _page(work_item_id, code, answers=_typed(work_item_id, code))
    try:
        with transaction() as session:
            cases.on_demand.make(session, current_actor(), work_item_id, posted_key(), code, answers)
    except (Invalid, Refused) as error:
        return _page(work_item_id, code, answers=kept.get("answers"), error=error), error.status
    return redirect(url_for("inbox.work", work_item_id=work_item_id, done=posted_key()), 303)


@room.post("/work/<int:work_item_id>/documents/<code>/preview", access=OFFICER)
def look_at_document(work_item_id: int, code: str) -> Response:
    """The document as it would print with what is typed so far; nothing is kept."""

    def answers(form: forms.Form, context: forms.FormContext) -> Mapping[str, Any]:
        return form.parse(request.form, None, context.scope)

    pdf = cases.on_demand.preview(db.session(), current_actor(), work_item_id, code, answers)
    return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": "inline"})


def _page(work_item_id: int, code: str, *, answers: Any = None, error: XingquanError | None = None) -> str:
    session = db.session()
    found, work, paper = cases.on_demand.desk(session, current_actor(), work_item_id, code)
    form = cases.on_demand.form_of(found, work, paper)
    if answers is None:
        answers = form.prefilled(cases.context_of(found))
    errors = error.errors if isinstance(error, Invalid) else {}
    known = {item.key for item in form.keyed()}
    elsewhere = [told[0] for name, told in errors.items() if name.partition(".")[0] not in known]
    context = cases.form_context(found, cases.on_demand.scope_of(work, paper))
    return render_template(
        "inbox/document.html",
        work=work,
        case=found.case,
        paper=paper,
        form_html=forms.render(form, answers, errors, context),
        issued=[d for d in documents.issued(session, found.case.id) if d["code"] == code],
        error=error if error and (elsewhere or not errors) else None,
        key=secrets.token_hex(16),
    )


def _typed(work_item_id: int, code: str) -> Any:
    """What the page has posted, read by the document's form and not yet checked."""
    found, work, paper = cases.on_demand.desk(db.session(), current_actor(), work_item_id, code)
    form = cases.on_demand.form_of(found, work, paper)
    return form.parse(request.form, None, cases.on_demand.scope_of(work, paper))
