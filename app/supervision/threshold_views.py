"""本地区标准: what the supervising office of a region has set below the thresholds of the law, for all its agencies."""

from typing import Any

from flask import redirect, render_template, request, url_for

from app.cases import service as cases
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, posted_version
from app.people import service as people

from .room import SUPERVISOR, room


@room.get("/supervision/thresholds", access=SUPERVISOR)
def thresholds() -> str:
    """Every table of the region with its versions."""
    return _page(None, [])


@room.post("/supervision/thresholds/<attribute>", access=SUPERVISOR)
def set_thresholds(attribute: str) -> Any:
    """Set the next version of one; on any error the page comes back with everything that was typed."""
    only_fields("procedure", "most", "amount", "valid_from", "valid_to", "basis", "reason")
    given = request.form
    most, amounts = given.getlist("most"), given.getlist("amount")
    if len(most) != len(amounts):
        raise Invalid("提交的内容不完整，请刷新页面后重新提交。", code="lines")
    try:
        with transaction() as session:
            new = cases.threshold_editing.NewVersion(
                [(one, amount, "") for one, amount in zip(most, amounts, strict=True)],
                given.get("valid_from", ""),
                given.get("basis", ""),
                given.get("reason", ""),
                posted_version(),
                given.get("valid_to", ""),
            )
            cases.threshold_editing.set_for_region(
                session, current_actor(), given.get("procedure", ""), attribute, new
            )
    except (Invalid, Conflict) as error:
        if isinstance(error, Invalid) and not error.errors:
            raise
        return _page(error, amounts), error.status
    return redirect(url_for("supervision.thresholds", done="set"), 303)


def _page(error: XingquanError | None, typed: list[str]) -> str:
    session, actor = db.session(), current_actor()
    return render_template(
        "supervision/thresholds.html",
        tables=cases.threshold_editing.region_tables(session, actor),
        region=people.agency(session, actor.agency_id).region_name,
        chosen=(request.form.get("procedure", ""), (request.view_args or {}).get("attribute", "")),
        typed=typed,
        error=error,
        errors=error.errors if isinstance(error, Invalid) else {},
        post=request.form,
        done=request.args.get("done", ""),
        longest=cases.threshold_editing.longest_years(),
    )
