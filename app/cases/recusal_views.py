"""The pages of recusal: what was asked and decided in a case, a request, the decision of the head."""

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import redirect, render_template, request, url_for

from app.kernel import clock
from app.kernel.auth import Role, current_actor, roles
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, NotFound, Refused, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, row_number

from . import locking, overview, queries, recusals, recusing
from .recusing import Decision, Request
from .views import room

OFFICER = roles(Role.OFFICER)
LABELS = {
    "kind": "由谁提出",
    "officer": "应当回避的人员",
    "ground": "情形",
    "facts": "事实理由",
    "brought_by": "当事人一方的提出人",
    "brought_on": "当事人提出的日期",
    "decision": "决定",
    "reason": "理由",
    "minutes": "会议纪要",
    "successor": "接替的承办人",
}


@room.get("/cases/<int:case_id>/recusals", access=OFFICER, endpoint="recusals")
def index(case_id: int) -> str:
    """Every recusal of a case, and the form of a request."""
    return _page(case_id, None)


@room.post("/cases/<int:case_id>/recusals", access=OFFICER)
def request_recusal(case_id: int) -> Any:
    """Ask for a recusal; on any error the page comes back with everything that was typed."""
    only_fields("kind", "officer", "ground", "facts", "brought_by", "brought_on")
    post = request.form
    try:
        asked = Request(
            row_number(post.get("officer", "")) or 0,
            post.get("kind", ""),
            post.get("ground", ""),
            post.get("facts", ""),
            post.get("brought_by", "")[:100],
            _day(post.get("brought_on", "")),
        )
        with transaction() as session:
            result = recusals.request(session, current_actor(), case_id, post.get("_key", ""), asked)
    except (Invalid, Refused, Conflict) as error:
        return _page(case_id, error), error.status
    if asked.kind == "ordered":  # who orders it decides it: the next page
        return redirect(url_for("cases.recusal", case_id=case_id, recusal_id=result.work_item_id), 303)
    return redirect(url_for("cases.recusals", case_id=case_id, done=post.get("_key", "")), 303)


@room.get("/cases/<int:case_id>/recusals/<int:recusal_id>", access=OFFICER)
def recusal(case_id: int, recusal_id: int) -> str:
    """One request, and for who decides the form of the decision."""
    return _one(case_id, recusal_id, None)


@room.post("/cases/<int:case_id>/recusals/<int:recusal_id>", access=OFFICER)
def decide_recusal(case_id: int, recusal_id: int) -> Any:
    """Decide on it; on any error the page comes back with everything that was typed."""
    only_fields("decision", "reason", "minutes", "successor")
    post = request.form
    try:
        if post.get("decision") not in ("approve", "reject"):
            raise Invalid(errors={"decision": ["请选择决定回避还是不回避。"]})
        decision = Decision(
            post.get("decision") == "approve",
            post.get("reason", ""),
            post.get("minutes", ""),
            row_number(post.get("successor", "")),
        )
        with transaction() as session:
            recusals.decide(session, current_actor(), case_id, recusal_id, post.get("_key", ""), decision)
    except (Invalid, Refused, Conflict) as error:
        return _one(case_id, recusal_id, error), error.status
    return redirect(url_for("cases.recusals", case_id=case_id, done=post.get("_key", "")), 303)


@room.post("/cases/<int:case_id>/recusals/<int:recusal_id>/lift", access=OFFICER)
def lift_recusal(case_id: int, recusal_id: int) -> Any:
    """Decide anew that the person need not keep out any longer."""
    only_fields("reason", "minutes")
    post = request.form
    try:
        with transaction() as session:
            recusals.lift(
                session,
                current_actor(),
                case_id,
                recusal_id,
                post.get("_key", ""),
                post.get("reason", ""),
                post.get("minutes", ""),
            )
    except (Invalid, Refused, Conflict) as error:
        return _one(case_id, recusal_id, error), error.status
    return redirect(url_for("cases.recusals", case_id=case_id, done=post.get("_key", "")), 303)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text.strip()).isoformat() if text.strip() else ""
    except ValueError:
        raise Invalid(errors={"brought_on": ["日期应当像 2026-03-05。"]}) from None


def _shown(case_id: int, error: XingquanError | None) -> dict[str, Any]:
    session, actor = db.session(), current_actor()
    found = queries.case(session, actor, case_id)
    return {
        "case": found,
        "rows": recusals.of_case(session, case_id),
        "states": recusals.STATES,
        "law": recusing.law(),
        "labels": LABELS,
        "error": error,
        "errors": error.errors if isinstance(error, Invalid) else {},
        "post": request.form,
        "longest": recusing.LONGEST,
        "today": clock.today(),
        "key": secrets.token_hex(16),
    }


def _page(case_id: int, error: XingquanError | None) -> str:
    shown = _shown(case_id, error)
    session, actor = db.session(), current_actor()
    running = locking.running(session, shown["case"])
    kinds: Mapping[str, str] = recusing.law()["kinds"]
    if not actor.positions & set(recusing.law()["records_collective"]):
        kinds = {key: label for key, label in kinds.items() if key != "ordered"}
    return render_template(
        "cases/recusals.html",
        **shown,
        kinds=kinds,
        persons=recusing.concerned(session, running),
        mine=actor.officer_id,
        out=actor.officer_id in running.recused,
        done=overview.done(session, actor, request.args.get("done", "")),
    )


def _one(case_id: int, recusal_id: int, error: XingquanError | None) -> str:
    shown = _shown(case_id, error)
    session, actor = db.session(), current_actor()
    row = next((r for r in shown["rows"] if r.id == recusal_id), None)
    if row is None:
        raise NotFound(recusals.GONE)
    running = locking.running(session, shown["case"])
    barred = recusing.may_not_decide(session, actor, row.officer_id)
    if not barred and actor.officer_id in running.recused:
        barred = "您在本案已被决定回避，不能再作任何处理。"
    return render_template(
        "cases/recusal.html",
        **shown,
        row=row,
        barred=barred,
        collective=recusing.collective(session, row.officer_id),
        successors=recusing.successors(running, row.officer_id) if not barred else (),
    )
