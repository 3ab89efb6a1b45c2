"""在办案件迁移: analysts propose, heads look and decide. Not part of a draft."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.diagrams import service as diagrams
from app.kernel.auth import Actor, Role, current_actor, roles
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, row_number
from app.people import service as people

from .room import room

MOVERS = roles(Role.ANALYST, Role.OFFICER)
"""Officers too: the service lets heads of an agency pass and refuses the others."""
TONES = {
    "checking": "info",
    "proposed": "warn",
    "released": "info",
    "paused": "warn",
    "done": "ok",
    "withdrawn": "",
}
PARTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "ready": ("可以迁移", ("ready", "waiting", "left_out")),
    "blocked": ("不能迁移", ("blocked", "refused")),
    "moved": ("已迁移", ("moved",)),
}
"""The lists of cases: title and what became of them."""
HISTORY = {
    "proposed": "提出",
    "checked_again": "要求重新核对",
    "released": "决定执行",
    "paused": "暂停",
    "resumed": "继续执行",
    "stopped": "自动暂停",
    "ended": "终止",
    "withdrawn": "撤回",
    "done": "执行完毕",
}
DONE_WORDS = {
    "propose": "已提出。平台正在逐件核对，核对完毕后由本机关负责人审阅并决定。",
    "revert": "已提出移回。平台正在逐件核对，核对完毕后由本机关负责人审阅并决定。",
    "recheck": "正在重新核对。",
    "release": "已决定执行。后台正在逐件迁移，可以离开本页。",
    "pause": "已暂停。正在办理的一件办完为止。",
    "resume": "继续执行。",
    "end": "已终止。已迁移的案件不变，其余仍在原版本上办理。",
    "withdraw": "已撤回，没有改变任何案件。",
}


@room.get("/studio/moving", access=MOVERS)
def moving() -> ResponseReturnValue:
    """How many cases run on which version, the form to propose a batch, and the batches."""
    return _moving({}, {})


def _moving(errors: Mapping[str, list[str]], typed: Mapping[str, str]) -> str:
    session, actor = db.session(), current_actor()
    before = row_number(request.args.get("before", ""))
    running = cases.moving_preview.running(session, actor)
    chosen = typed.get("cases") or request.args.get("cases", "")
    picked = next((line for line in running if f"{line.agency_id}-{line.procedure.id}" == chosen), None)
    found = cases.moving.batches(session, actor, before)
    return render_template(
        "studio/moving.html",
        running=running,
        picked=picked,
        targets=[
            one
            for one in (cases.moving_preview.versions(session, picked.procedure.key) if picked else ())
            if picked and one.id != picked.procedure.id
        ],
        batches=[_line(session, one) for one in found[:30]],
        before=found[29].id if len(found) > 30 else None,
        head=cases.moving.is_head(actor),
        words=cases.moving.STATUS_WORDS,
        tones=TONES,
        errors=errors,
        typed=typed,
        key=typed.get("_key") or secrets.token_hex(16),
        chosen=chosen,
    )


def _line(session: Session, batch: cases.MoveBatch) -> Mapping[str, Any]:
    source = diagrams.procedure(session, batch.source_id)
    target = diagrams.procedure(session, batch.target_id)
    agency = people.agency(session, batch.agency_id).name
    return {"batch": batch, "source": source, "target": target, "agency": agency}


@room.post("/studio/moving", access=MOVERS)
def propose_move() -> ResponseReturnValue:
    """Propose a batch."""
    only_fields("cases", "target", "reason")
    typed = {name: request.form.get(name, "") for name in ("cases", "target", "reason", "_key")}
    agency, _, source = typed["cases"].partition("-")
    numbers = [row_number(text) for text in (agency, source, typed["target"])]
    try:
        if None in numbers[:2]:
            raise Invalid(errors={"cases": ["请先在上表中选择要迁移的案件。"]})
        if numbers[2] is None:
            raise Invalid(errors={"target": ["请选择迁移到哪个版本。"]})
        with transaction() as session:
            found = cases.moving.propose(
                session, current_actor(), *(n or 0 for n in numbers), typed["reason"], typed["_key"]
            )
            session.flush()
            number = found.id
    except Invalid as error:
        if not error.errors:
            raise
        return _moving(error.errors, typed), 422
    return redirect(url_for("studio.move_batch", batch_id=number, done="propose"), 303)


@room.get("/studio/moving/<int:batch_id>", access=MOVERS)
def move_batch(batch_id: int) -> ResponseReturnValue:
    """A batch: what it would do or has done, and what can be decided."""
    return _batch(batch_id, {}, {})


def _batch(batch_id: int, errors: Mapping[str, list[str]], typed: Mapping[str, str]) -> str:
    session, actor = db.session(), current_actor()
    view = cases.moving_preview.preview(session, actor, batch_id)
    decides = cases.moving.is_head(actor) and actor.agency_id == view.batch.agency_id
    part = request.args.get("part", "")
    shown = {
        name: sum(view.counts.get(status, 0) for status in statuses) for name, (_, statuses) in PARTS.items()
    }
    if not shown.get(part):
        part = next((name for name in ("ready", "moved", "blocked") if shown[name]), "ready")
    lines, more = (), None
    if decides:
        after = row_number(request.args.get("after", "")) or 0
        lines, more = cases.moving_preview.lines(session, actor, batch_id, PARTS[part][1], after)
    return render_template(
        "studio/move_batch.html",
        view=view,
        decides=decides,
        part=part,
        parts={name: (title, shown[name]) for name, (title, _) in PARTS.items()},
        lines=lines,
        more=more,
        words=cases.moving.STATUS_WORDS,
        move_words=cases.moving.MOVE_WORDS,
        tones=TONES,
        history=[{**line, "at": datetime.fromisoformat(line["at"])} for line in view.batch.history],
        history_words=HISTORY,
        done=DONE_WORDS.get(request.args.get("done", "")),
        errors=errors,
        typed=typed,
        key=secrets.token_hex(16),
    )


@room.get("/studio/moving/<int:batch_id>/progress", access=MOVERS)
def move_progress(batch_id: int) -> ResponseReturnValue:
    """How far the work under way is; where none is, the page is loaded anew."""
    view = cases.moving_preview.preview(db.session(), current_actor(), batch_id)
    answer: Response = make_response(render_template("studio/_move_progress.html", view=view))
    if view.batch.status not in ("checking", "released"):
        answer.headers["HX-Refresh"] = "true"
    return answer


Decide = Callable[[Session, Actor, int, str], Any]
ACTS: Mapping[str, Decide] = {
    "recheck": lambda session, actor, number, _: cases.moving.check_again(session, actor, number),
    "release": cases.moving.release,
    "pause": lambda session, actor, number, _: cases.moving.pause(session, actor, number),
    "resume": lambda session, actor, number, _: cases.moving.resume(session, actor, number),
    "end": lambda session, actor, number, _: cases.moving.end(session, actor, number),
    "withdraw": cases.moving.withdraw,
}


@room.post(
    "/studio/moving/<int:batch_id>/<any(recheck, release, pause, resume, end, withdraw):act>", access=MOVERS
)
def decide_move(batch_id: int, act: str) -> ResponseReturnValue:
    """Look again, decide, pause, go on, end, or take back."""
    only_fields("reason")
    reason = request.form.get("reason", "")
    try:
        with transaction() as session:
            ACTS[act](session, current_actor(), batch_id, reason)
    except Invalid as error:
        if not error.errors:
            raise
        return _batch(batch_id, error.errors, {"reason": reason}), 422
    return redirect(url_for("studio.move_batch", batch_id=batch_id, done=act), 303)


@room.post("/studio/moving/<int:batch_id>/revert", access=MOVERS)
def revert_move(batch_id: int) -> ResponseReturnValue:
    """Propose that what a batch has moved goes back."""
    only_fields("reason")
    reason = request.form.get("reason", "")
    try:
        with transaction() as session:
            found = cases.moving.propose_revert(
                session, current_actor(), batch_id, reason, request.form.get("_key", "")
            )
            session.flush()
            number = found.id
    except Invalid as error:
        if not error.errors:
            raise
        return _batch(batch_id, error.errors, {"reason": reason}), 422
    return redirect(url_for("studio.move_batch", batch_id=number, done="revert"), 303)
