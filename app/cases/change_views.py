"""The pages of a document's change: what can be done with it, the request, the decision of a head."""

import secrets
from typing import Any

from flask import redirect, render_template, request, url_for

from app.documents import service as documents
from app.kernel.auth import Role, current_actor, roles
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, Refused, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import only_fields

from . import changes, changing, locking, overview, queries
from .changing import Change
from .models import CaseStatus
from .views import room

OFFICER = roles(Role.OFFICER)
LABELS = {"kind": "处理方式", "pairs": "更正的文字", "reason": "理由", "decision": "审批意见"}
ROWS = 3
"""Empty rows for passages that a page offers at first."""


@room.get("/cases/<int:case_id>/papers/<int:document_id>", access=OFFICER)
def paper(case_id: int, document_id: int) -> str:
    """A document, what became of it, and the form of a request."""
    return _paper(case_id, document_id, None)


@room.post("/cases/<int:case_id>/papers/<int:document_id>", access=OFFICER)
def request_change(case_id: int, document_id: int) -> Any:
    """Ask for a change; on any error the page comes back with everything that was typed."""
    only_fields("kind", "reason", "old", "new", "more")
    post = request.form
    if post.get("more"):
        return _paper(case_id, document_id, None)
    asked = Change(post.get("kind", ""), post.get("reason", ""), _typed())
    try:
        with transaction() as session:
            changes.request(session, current_actor(), case_id, document_id, post.get("_key", ""), asked)
    except (Invalid, Refused, Conflict) as error:
        return _paper(case_id, document_id, error), error.status
    key = post.get("_key", "")
    return redirect(url_for("cases.paper", case_id=case_id, document_id=document_id, done=key), 303)


@room.get("/cases/<int:case_id>/changes/<int:change_id>", access=OFFICER)
def change(case_id: int, change_id: int) -> str:
    """One request, and for a head the form of the decision."""
    return _change(case_id, change_id, None)


@room.post("/cases/<int:case_id>/changes/<int:change_id>", access=OFFICER)
def decide_change(case_id: int, change_id: int) -> Any:
    """Decide on it; on any error the page comes back with everything that was typed."""
    only_fields("decision", "reason")
    post = request.form
    try:
        if post.get("decision") not in ("approve", "reject"):
            raise Invalid(errors={"decision": ["请选择批准还是不批准。"]})
        with transaction() as session:
            changes.decide(
                session,
                current_actor(),
                case_id,
                change_id,
                post.get("_key", ""),
                post.get("decision") == "approve",
                post.get("reason", ""),
            )
    except (Invalid, Refused, Conflict) as error:
        return _change(case_id, change_id, error), error.status
    return redirect(
        url_for("cases.change", case_id=case_id, change_id=change_id, done=post.get("_key", "")), 303
    )


def _typed() -> list[documents.Pair]:
    """The rows of passages that were filled in, in their order."""
    rows = zip(request.form.getlist("old"), request.form.getlist("new"), strict=False)
    return [documents.Pair(old.strip(), new.strip()) for old, new in rows if old.strip() or new.strip()]


def _shown(case_id: int, document_id: int, error: XingquanError | None) -> dict[str, Any]:
    session, actor = db.session(), current_actor()
    found = queries.case(session, actor, case_id)
    document = changes.paper(session, case_id, document_id)
    running = locking.running(session, found)
    return {
        "case": found,
        "document": document,
        "listed": next(d for d in documents.listed(session, case_id) if d.id == document_id),
        "rows": changes.of_document(session, document),
        "choices": changing.choices(session, running, document),
        "fact": changing.outward_fact(running, document),
        "open": found.status == CaseStatus.OPEN,
        "kept_out": actor.officer_id in running.recused,
        "may_ask": changing.may_ask(running, actor),
        "labels": LABELS,
        "error": error,
        "errors": error.errors if isinstance(error, Invalid) else {},
        "post": request.form,
        "longest": changing.LONGEST,
        "done": overview.done(session, actor, request.args.get("done", "")),
        "key": secrets.token_hex(16),
    }


def _paper(case_id: int, document_id: int, error: XingquanError | None) -> str:
    shown = _shown(case_id, document_id, error)
    pairs = _typed()
    empty = max(ROWS - len(pairs), 1 if not request.form.get("more") else 2)
    empty = min(empty, changing.MOST_PAIRS - len(pairs))
    return render_template(
        "cases/paper.html",
        **shown,
        pairs=[*pairs, *(documents.Pair("", "") for _ in range(empty))],
        passages=documents.passages(shown["document"].data),
    )


def _change(case_id: int, change_id: int, error: XingquanError | None) -> str:
    session, actor = db.session(), current_actor()
    queries.case(session, actor, case_id)
    row = changes.find(session, case_id, change_id)
    shown = _shown(case_id, row.document_id, error)
    view = next(r for r in shown["rows"] if r.id == change_id)
    choice = next(c for c in shown["choices"] if c.key == row.kind)
    return render_template(
        "cases/change.html",
        **shown,
        row=view,
        choice=choice,
        barred=changing.may_not_decide(actor, row.requested_by),
        result=next((d for d in documents.listed(session, case_id) if d.id == row.result_id), None),
    )
