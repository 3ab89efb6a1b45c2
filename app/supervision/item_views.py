"""The lights of item governance and the completeness of items, which agencies see of their own."""

from flask import Response, render_template, request

from app.kernel import sheets
from app.kernel.auth import Role, current_actor, roles
from app.kernel.db import db
from app.kernel.web import row_number

from . import completeness, foresight, foresight_rules
from .room import room

READER = roles(Role.OFFICER, Role.SUPERVISOR)
COLOURS = {"": "全部", "red": "红灯", "yellow": "黄灯"}


@room.get("/supervision/items", access=READER, endpoint="foresight")
def governance_lights() -> str:
    """The lights that are on about the governance of items."""
    kinds = {key: told["name"] for key, told in foresight_rules.figures()["kinds"].items()}
    kind, colour = request.args.get("kind", ""), request.args.get("colour", "")
    kind, colour = kind if kind in kinds else "", colour if colour in COLOURS else ""
    change_id = row_number(request.args.get("change", "")) or 0
    number = min(max(row_number(request.args.get("page", "")) or 1, 1), 10_000)
    actor = current_actor()
    rows = foresight.lines(db.session(), actor, kind, colour, change_id, number)
    return render_template(
        "supervision/foresight.html",
        rows=rows[: foresight.PAGE],
        more=len(rows) > foresight.PAGE,
        page=number,
        kinds=kinds,
        colours=COLOURS,
        kind=kind,
        colour=colour,
        change=change_id,
    )


@room.get("/supervision/completeness", access=READER, endpoint="completeness")
def item_completeness() -> str:
    """How complete the items in force are; of one agency what is missing."""
    agency_id = row_number(request.args.get("agency", ""))
    rows = completeness.rows(db.session(), current_actor(), agency_id)
    return render_template(
        "supervision/completeness.html",
        rows=rows,
        levels=completeness.levels(rows),
        names=completeness.LEVELS,
        chosen=rows[0] if agency_id is not None else None,
    )


@room.get("/supervision/missing", access=READER)
def missing_list() -> Response:
    """The list of what is missing as a file, XLSX or (`format=csv`) CSV."""
    kind = "csv" if request.args.get("format") == "csv" else "xlsx"
    rows = completeness.rows(db.session(), current_actor(), row_number(request.args.get("agency", "")))
    mimetype = sheets.XLSX_TYPE if kind == "xlsx" else "text/csv"
    answer = Response(completeness.sheet(rows, kind == "xlsx"), mimetype=mimetype)
    answer.headers["Content-Disposition"] = (
        f"attachment; filename*=UTF-8''%E7%BC%BA%E9%A1%B9%E5%88%97%E8%A1%A8.{kind}"
    )
    return answer
