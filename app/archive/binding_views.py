"""The page of a case's bound file: ask for one, see how far it is, take it away."""

from typing import Any

from flask import Response, redirect, render_template, url_for

from app.kernel import serving
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.transaction import transaction
from app.kernel.web import only_fields
from app.people import service as people

from .binding import keeping
from .retention import kept as retention
from .retention import rules
from .views import OFFICER, room


@room.get("/cases/<int:case_id>/binding", access=OFFICER)
def binding(case_id: int) -> str:
    """The bindings of a case, the newest first."""
    session = db.session()
    case = keeping.allowed(session, current_actor(), case_id)
    rows = keeping.of_case(session, case_id)
    kept = retention.of_case(session, case_id)
    asked = {row.asked_by for row in rows} | {kept.by_id if kept else None}
    names = people.officers(session, {officer for officer in asked if officer})
    return render_template(
        "archive/binding.html",
        case=case,
        rows=rows,
        names={n: card.name for n, card in names.items()},
        kept=kept,
        until=retention.until(kept.term, kept.ends_on) if kept else "",
        longer=rules.longer_than(kept.term) if kept else [],
    )


@room.post("/cases/<int:case_id>/binding", access=OFFICER)
def bind(case_id: int) -> Any:
    """Ask for a new binding."""
    only_fields()
    with transaction() as session:
        keeping.ask(session, current_actor(), case_id)
    return redirect(url_for("archive.binding", case_id=case_id), 303)


@room.get("/cases/<int:case_id>/binding/<int:binding_id>.pdf", access=OFFICER)
def bound(case_id: int, binding_id: int) -> Response:
    """The bound file."""
    session = db.session()
    case = keeping.allowed(session, current_actor(), case_id)
    found = keeping.one(session, case_id, binding_id)
    try:
        return serving.send(str(found.digest), f"{case.no} 电子案卷.pdf", "application/pdf", save=True)
    except FileNotFoundError as error:
        raise NotFound("登记了这份电子案卷，但存储中没有找到，请联系管理员。") from error
