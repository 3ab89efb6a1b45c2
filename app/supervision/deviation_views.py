"""裁量偏离: sums off their tier, to supervisors of the region and to the heads of an agency."""

from datetime import date

from flask import render_template, request

from app.cases import service as cases
from app.kernel.auth import Role, current_actor, roles
from app.kernel.db import db
from app.kernel.web import row_number

from .room import room

OVERSEER = roles(Role.SUPERVISOR, Role.OFFICER)
"""Of officers only heads: the service asks for the position."""


@room.get("/supervision/deviations", access=OVERSEER)
def deviations() -> str:
    """The list with its filter, and how many each agency has."""
    given = request.args
    state = given.get("state", "")
    wanted = cases.deviations.Filter(
        row_number(given.get("agency", "")),
        state if state in cases.deviations.STATES else "",
        given.get("q", "")[:100],
        _day(given.get("since", "")),
        _day(given.get("until", "")),
    )
    session, actor = db.session(), current_actor()
    page = cases.deviations.listed(session, actor, wanted, row_number(given.get("before", "")))
    counts = cases.deviations.counted(session, actor, wanted)
    chosen = {name: given.get(name, "") for name in ("agency", "state", "q", "since", "until")}
    return render_template(
        "supervision/deviations.html",
        page=page,
        counts=counts,
        agencies=cases.deviations.counted(session, actor, cases.deviations.Filter()),
        states=cases.deviations.STATES,
        chosen=chosen,
        filtered=any(chosen.values()),
        own=Role.OFFICER in actor.roles,
    )


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given)
    except ValueError:
        return None
