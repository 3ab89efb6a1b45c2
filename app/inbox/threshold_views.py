"""本机关标准: what the heads of an agency have set below the thresholds of the law, version by version."""

from typing import Any

from flask import redirect, render_template, request, url_for

from app.cases import service as cases
from app.kernel import clock
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, posted_version

from .room import OFFICER, room

SPARE = 3
"""Empty lines for single items, beyond those there are."""


@room.get("/inbox/thresholds", access=OFFICER)
def thresholds() -> str:
    """Every table of the agency with its versions."""
    return _page(None, [])


@room.post("/inbox/thresholds/<attribute>", access=OFFICER)
def set_thresholds(attribute: str) -> Any:
    """Set the next version of one; on any error the page comes back with everything that was typed."""
    only_fields("procedure", "most", "amount", "item", "valid_from", "basis", "reason")
    given = request.form
    columns = [given.getlist(name) for name in ("most", "amount", "item")]
    if len({len(column) for column in columns}) > 1:
        raise Invalid("提交的内容不完整，请刷新页面后重新提交。", code="lines")
    lines = list(zip(*columns, strict=True))
    try:
        with transaction() as session:
            new = cases.threshold_editing.NewVersion(
                lines,
                given.get("valid_from", ""),
                given.get("basis", ""),
                given.get("reason", ""),
                posted_version(),
            )
            cases.threshold_editing.set_version(
                session, current_actor(), given.get("procedure", ""), attribute, new
            )
    except (Invalid, Conflict) as error:
        if isinstance(error, Invalid) and not error.errors:
            raise
        return _page(error, lines), error.status
    return redirect(url_for("inbox.thresholds", done="set"), 303)


def _page(error: XingquanError | None, typed: list[tuple[str, str, str]]) -> str:
    return render_template(
        "inbox/thresholds.html",
        tables=cases.threshold_editing.tables(db.session(), current_actor()),
        chosen=(request.form.get("procedure", ""), (request.view_args or {}).get("attribute", "")),
        typed=typed,
        error=error,
        errors=error.errors if isinstance(error, Invalid) else {},
        post=request.form,
        spare=SPARE,
        today=clock.today(),
        done=request.args.get("done", ""),
    )
