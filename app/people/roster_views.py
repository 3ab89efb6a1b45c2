"""名册导入: the administrator brings a table, looks at what it would do, and enters it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Response, render_template, request

from app.kernel import sheets
from app.kernel.auth import current_actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.web import only_fields

from . import roster, roster_rows, training_sheet
from .admin_views import ADMIN
from .room import room

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "people": roster_rows.COLUMNS,
    "training": training_sheet.COLUMNS,
}
"""What may be brought, with its columns."""


@room.get("/admin/roster", access=ADMIN)
def roster_page() -> str:
    """Where a roster is brought."""
    return page({}, None, False)


@room.get("/admin/roster/template.csv", access=ADMIN)
def roster_template() -> Response:
    """The columns of a roster, to be filled in with any spreadsheet program."""
    answer = Response(sheets.as_csv(list(roster_rows.COLUMNS), ()), mimetype="text/csv")
    answer.headers["Content-Disposition"] = (
        "attachment; filename*=UTF-8''%E5%90%8D%E5%86%8C%E6%A8%A1%E6%9D%BF.csv"
    )
    return answer


@room.post("/admin/roster", access=ADMIN, endpoint="import_roster")
def import_roster() -> Any:
    """Look at a roster (`mode` check) or enter it (`mode` enter)."""
    actor = current_actor()
    return brought("people", lambda rows, dry: roster.carry_out(actor, rows, dry))


def brought(what: str, enter: Callable[[Sequence[Sequence[str]], bool], roster.Report]) -> Any:
    """The table of a post, looked at or entered; what is wrong with it on the page."""
    only_fields("mode", "file")
    dry = request.form.get("mode") != "enter"
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise Invalid(errors={"文件": ["请选择 CSV 或者 XLSX 名册文件。"]})
        report = enter(sheets.rows_of(file.stream.read(sheets.MOST_BYTES + 1)), dry)
    except (Invalid, Conflict) as error:
        told = error.errors if isinstance(error, Invalid) else {}
        return page(told or {"文件": [error.message]}, None, dry, what), error.status
    return page({}, report, dry, what)


def page(errors: dict[str, list[str]], report: roster.Report | None, dry: bool, what: str = "people") -> str:
    """The page where a table is brought."""
    return render_template(
        "people/roster.html", errors=errors, report=report, dry=dry, columns=COLUMNS[what], what=what
    )
