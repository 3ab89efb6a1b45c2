"""培训: who stands how with it, what is asked for, and the table that an administrator brings."""

from typing import Any

from flask import Response, redirect, render_template, request, url_for

from app.kernel import clock, sheets
from app.kernel.auth import Role, current_actor, roles
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, row_number

from . import roster, roster_views, training, training_rules, training_sheet
from .admin_views import ADMIN
from .room import room
from .staff_views import year_asked

READER = roles(Role.OFFICER, Role.SUPERVISOR)
FIELDS = ("what", "kind", "hours", "examination", "bars", "valid_from", "basis", "seen")


@room.get("/staff/training", access=READER)
def training_page() -> str:
    """Who of the own agency stands how with a year's training, and what is asked for."""
    return _page({}, {})


@room.post("/staff/training", access=READER)
def set_training_rule() -> Any:
    """Ask for more than is asked for anyway, for the own agency or region."""
    only_fields(*FIELDS)
    given = {name: request.form.get(name, "") for name in FIELDS}
    new = training.NewRule(
        given["kind"], given["hours"], bool(given["examination"]), bool(given["bars"]),
        given["valid_from"], given["basis"], row_number(given["seen"]) or 0,
    )  # fmt: skip
    try:
        with transaction() as session:
            training.set_rule(session, current_actor(), given["what"], new)
    except (Invalid, Conflict) as error:
        errors = error.errors if isinstance(error, Invalid) else {"kind": [error.message]}
        return _page(errors, given), error.status
    return redirect(url_for("people.training_page", done=1), 303)


def _page(errors: dict[str, list[str]], given: dict[str, str]) -> str:
    session, actor, year = db.session(), current_actor(), year_asked()
    sets = training.sets_for(session, actor)
    return render_template(
        "people/training.html",
        year=year,
        rows=training.rows(session, actor.agency_id, year),
        asked=training.asked(session, actor.agency_id),
        sets=sets,
        newest={what: training.newest(session, actor, what) for what in sets},
        today_year=clock.today().year,
        until=training_rules.figures().counts_until,
        errors=errors,
        given=given,
        done=request.args.get("done", "") == "1",
    )


@room.get("/admin/roster/training.csv", access=ADMIN)
def training_template() -> Response:
    """The columns of a table of training."""
    answer = Response(sheets.as_csv(list(training_sheet.COLUMNS), ()), mimetype="text/csv")
    name = "%E5%9F%B9%E8%AE%AD%E5%90%8D%E5%86%8C%E6%A8%A1%E6%9D%BF.csv"
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer


@room.get("/admin/roster/training", access=ADMIN)
def training_roster() -> str:
    """Where a table of training is brought."""
    return roster_views.page({}, None, False, "training")


@room.post("/admin/roster/training", access=ADMIN, endpoint="import_training")
def import_training() -> Any:
    """Look at a table of training (`mode` check) or enter it (`mode` enter)."""
    actor = current_actor()
    return roster_views.brought(
        "training",
        lambda rows, dry: roster.rehearsed(lambda session: training_sheet.enter(session, actor, rows), dry),
    )
