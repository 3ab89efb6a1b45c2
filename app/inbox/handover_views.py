"""工作移交: what somebody has in hand goes to a successor or to the pool; and cases that need other handlers."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template, request

from app.cases import service as cases
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, posted_key, row_number
from app.people import service as people

from .room import OFFICER, room

handover_ = cases.handover
POOL = "pool"


@room.get("/inbox/handover", access=OFFICER)
def handover() -> str:
    """Whose tasks may have to be handed over; with an officer, that person's tasks."""
    officer_id = row_number(request.args.get("officer", ""))
    if officer_id is not None:
        return _person(officer_id, {}, [])
    actor, session = current_actor(), db.session()
    return render_template(
        "inbox/handover.html",
        busy=handover_.people_with_tasks(session, actor),
        replace=handover_.to_replace(session, actor),
    )


@room.post("/inbox/handover", access=OFFICER)
def hand_over() -> Any:
    """Hand tasks over; each result is reported. On any error the page comes back with everything that was chosen."""
    actor = current_actor()
    handover_.for_heads(actor)
    only_fields("officer", "work", "to", "reason")
    officer_id = row_number(request.form.get("officer", ""))
    if officer_id is None:
        raise Invalid("请从“工作移交”页面选择人员。", code="officer")
    to, chosen = request.form.get("to", ""), [row_number(one) for one in request.form.getlist("work")]
    try:
        if to != POOL and row_number(to) is None:
            raise Invalid(errors={"to": ["请选择接手人员，或者放回公共待办。"]})
        with transaction() as session:
            outcomes = handover_.hand_over(
                session,
                actor,
                officer_id,
                [one for one in dict.fromkeys(chosen) if one],
                None if to == POOL else row_number(to),
                request.form.get("reason", ""),
                posted_key(),
            )
    except Invalid as error:
        return _person(officer_id, error.errors, []), error.status
    return _person(officer_id, {}, outcomes)


def _person(officer_id: int, errors: Mapping[str, Sequence[str]], outcomes: Sequence[Any]) -> str:
    actor, session = current_actor(), db.session()
    card, tasks = handover_.held(session, actor, officer_id)
    loads = cases.loads(session, [c.id for c in people.officers_at(session, actor.agency_id)])
    successors = [
        (c, loads.get(c.id, 0)) for c in people.officers_at(session, actor.agency_id) if c.id != officer_id
    ]
    again = bool(errors)
    return render_template(
        "inbox/handover_person.html",
        whose=card,
        tasks=tasks,
        successors=successors,
        chosen=set(request.form.getlist("work")) if again else {str(t.id) for t in tasks},
        to=request.form.get("to", "") if again else "",
        reason=request.form.get("reason", "") if again else "",
        errors=errors,
        outcomes=outcomes,
        key=secrets.token_hex(16),
    )
