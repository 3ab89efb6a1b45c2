"""名册导入: the administrator brings a table, looks at what it would do, and enters it."""

import csv
import io
from typing import Any

from flask import Response, render_template, request

from app.kernel import sheets
from app.kernel.auth import current_actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.web import only_fields

from . import roster, roster_rows
from .admin_views import ADMIN
from .room import room


@room.get("/admin/roster", access=ADMIN)
def roster_page() -> str:
    """Where a roster is brought."""
    return _page({}, None, False)


@room.get("/admin/roster/template.csv", access=ADMIN)
def roster_template() -> Response:
    """The columns of a roster, to be filled in with any spreadsheet program."""
    text = io.StringIO()
    csv.writer(text).writerow(roster_rows.COLUMNS)
    answer = Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = (
        "attachment; filename*=UTF-8''%E5%90%8D%E5%86%8C%E6%A8%A1%E6%9D%BF.csv"
    )
    return answer


@room.post("/admin/roster", access=ADMIN, endpoint="import_roster")
def import_roster() -> Any:
    """Look at a roster (`mode` check) or enter it (`mode` enter)."""
    only_fields("mode", "file")
    dry = request.form.get("mode") != "enter"
    brought = request.files.get("file")
    try:
        if brought is None or not brought.filename:
            raise Invalid(errors={"文件": ["请选择 CSV 或者 XLSX 名册文件。"]})
        rows = sheets.rows_of(brought.stream.read(sheets.MOST_BYTES + 1))
        report = roster.carry_out(current_actor(), rows, dry)
    except (Invalid, Conflict) as error:
        told = error.errors if isinstance(error, Invalid) else {}
        return _page(told or {"文件": [error.message]}, None, dry), error.status
    return _page({}, report, dry)


def _page(errors: dict[str, list[str]], report: roster.Report | None, dry: bool) -> str:
    return render_template(
        "people/roster.html", errors=errors, report=report, dry=dry, columns=roster_rows.COLUMNS
    )
