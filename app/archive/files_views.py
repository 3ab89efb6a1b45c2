"""The pages of the register of files: how long each is kept, what is over and waits for an appraisal, and keeping one
longer."""

from datetime import date
from typing import Any

from flask import Response, redirect, render_template, request, url_for

from app.cases import service as cases
from app.kernel import clock
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, row_number

from .retention import keeping, listing, rules
from .views import OFFICER, room


def _asked() -> listing.Asked:
    year, term, state = (request.args.get(name, "") for name in ("year", "term", "state"))
    return listing.Asked(
        term if term in rules.terms() else "",
        int(year) if year.isdecimal() and len(year) == 4 else None,
        state if state in listing.STATES else "",
        request.args.get("q", "")[:100].strip(),
    )


def _before() -> tuple[date, int] | None:
    """The line after which the page begins, as its own link says it: day and case."""
    day, _, case_id = request.args.get("before", "").partition("_")
    number = row_number(case_id)
    try:
        return (date.fromisoformat(day), number) if number else None
    except ValueError:
        return None


@room.get("/register/files", access=OFFICER)
def files() -> str:
    """The register of files of the agency: a head sees all of it, others the cases they may see."""
    session, actor, asked = db.session(), current_actor(), _asked()
    today, after = clock.today(), _before()
    found = listing.lines(session, actor, asked, today, after, listing.PAGE + 1)
    shown = found[: listing.PAGE]
    more = f"{shown[-1].closed_on.isoformat()}_{shown[-1].case_id}" if len(found) > listing.PAGE else None
    return render_template(
        "archive/files.html",
        lines=shown,
        more=more,
        first=after is None,
        asked=asked,
        terms=rules.terms(),
        states=listing.STATES,
        counts=listing.counts(session, actor, today),
        years=listing.years(session, actor),
        counted=rules.data()["counted"],
        appraisal=rules.data()["appraisal"],
        whole=cases.is_head(actor),
        agency=actor.agency_name,
    )


@room.get("/register/files.csv", access=OFFICER)
def files_table() -> Response:
    """The files that were asked for, as CSV."""
    session, actor, today = db.session(), current_actor(), clock.today()
    content = "".join(listing.as_csv(session, actor, _asked(), today))
    answer = Response(content, mimetype="text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=f"files-{today.isoformat()}.csv")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@room.get("/register/files/appraisal", access=OFFICER)
def appraisal() -> str:
    """What is over, as a list for the appraisal by people: to print, with room for what they decide."""
    session, actor, today = db.session(), current_actor(), clock.today()
    asked = listing.Asked(state=listing.OVER)
    return render_template(
        "archive/appraisal.html",
        lines=listing.lines(session, actor, asked, today, most=listing.MOST)[::-1],
        today=today,
        appraisal=rules.data()["appraisal"],
        agency=actor.agency_name,
    )


@room.post("/cases/<int:case_id>/retention", access=OFFICER)
def keep_longer(case_id: int) -> Any:
    """Keep a file longer."""
    only_fields("term", "reason")
    with transaction() as session:
        reason = request.form.get("reason", "").strip()
        keeping.lengthen(session, current_actor(), case_id, request.form.get("term", ""), reason)
    return redirect(url_for("archive.binding", case_id=case_id), 303)
