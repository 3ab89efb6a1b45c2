"""The page of the register of documents: by kind and year, with words, the check for gaps, and as a spreadsheet."""

from flask import Response, render_template, request

from app.cases import service as cases
from app.kernel import clock
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.web import row_number

from . import register
from .views import OFFICER, room


def _asked() -> register.Asked:
    year = request.args.get("year", "")
    return register.Asked(
        request.args.get("code", "")[:10],
        int(year) if year.isdecimal() and len(year) == 4 else None,
        request.args.get("q", "")[:100].strip(),
    )


@room.get("/register", access=OFFICER)
def index() -> str:
    """The register of the agency: a head sees all of it, others the documents of the cases they may see."""
    session, actor, asked = db.session(), current_actor(), _asked()
    after = row_number(request.args.get("before", ""))
    found = register.lines(session, actor, asked, after, register.PAGE + 1)
    shown = found[: register.PAGE]
    more = shown[-1].id if len(found) > register.PAGE else None
    whole = cases.is_head(actor)
    return render_template(
        "archive/register.html",
        lines=shown,
        more=more,
        first=after is None,
        asked=asked,
        kinds=register.kinds(session, actor),
        years=register.years(session, actor),
        series=register.series(session, actor.agency_id, asked) if whole else None,
        agency=actor.agency_name,
    )


@room.get("/register.csv", access=OFFICER)
def table() -> Response:
    """The lines that were asked for, as CSV."""
    session, actor, asked = db.session(), current_actor(), _asked()
    content = "".join(register.as_csv(session, actor, asked))
    answer = Response(content, mimetype="text/csv; charset=utf-8")
    name = f"register-{clock.today().isoformat()}.csv"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
