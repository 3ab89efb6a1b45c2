"""The page of one clock: how it was counted, what was taken out, and the acts of those who may decide."""

import secrets
from typing import Any

from flask import redirect, render_template, request, url_for

from app.deadlines import service as deadlines
from app.forms import service as forms
from app.kernel import clock as kernel_clock
from app.kernel.auth import Role, current_actor, roles
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, Refused, XingquanError
from app.kernel.transaction import transaction

from . import clock_acts, queries
from .views import room

OFFICER = roles(Role.OFFICER)


@room.get("/cases/<int:case_id>/clocks/<int:clock_id>", access=OFFICER)
def clock(case_id: int, clock_id: int) -> str:
    """One clock with its ledger."""
    return _page(case_id, clock_id)


@room.post("/cases/<int:case_id>/clocks/<int:clock_id>/<any(suspend, resume, extend):act>", access=OFFICER)
def act_on_clock(case_id: int, clock_id: int, act: str) -> Any:
    """Suspend, resume or extend; on any error the page comes back with what was typed."""
    clock_acts.view(
        db.session(), current_actor(), case_id, clock_id
    )  # before anything sent is looked at or kept
    form, scope = clock_acts.form(act), f"clock:{clock_id}"
    answers = form.parse(request.form, request.files, scope)
    try:
        data = form.validate(answers, forms.FormContext([], None, kernel_clock.today(), scope))
        with transaction() as session:
            clock_acts.ACTS[act](
                session, current_actor(), case_id, clock_id, request.form.get("_key", ""), data
            )
    except (Invalid, Refused, Conflict) as error:
        return _page(case_id, clock_id, act, answers, error), error.status
    return redirect(url_for("cases.clock", case_id=case_id, clock_id=clock_id), 303)


def _page(
    case_id: int, clock_id: int, act: str = "", answers: Any = None, error: XingquanError | None = None
) -> str:
    session, actor = db.session(), current_actor()
    view = clock_acts.view(session, actor, case_id, clock_id)
    context = forms.FormContext([], None, kernel_clock.today(), f"clock:{clock_id}")
    errors = error.errors if isinstance(error, Invalid) else {}
    offered = []
    if view.stopped_on is None:
        if actor.positions & clock_acts.SUSPENDERS:
            offered.append("resume" if view.state == "paused" else "suspend")
        stage = view.next_extension
        if stage and (not stage.approver or stage.approver in actor.positions):
            offered.append("extend")
    return render_template(
        "cases/clock.html",
        case=queries.case(session, actor, case_id),
        clock=view,
        error=error,
        errors=errors,
        acts={
            name: forms.render(
                clock_acts.form(name),
                (answers if name == act else None) or {},
                errors if name == act else {},
                context,
            )
            for name in offered
        },
        opened=act,
        key=secrets.token_hex(16),
        causes=deadlines.CAUSE_WORDS,
    )
