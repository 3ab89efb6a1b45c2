"""The case's own pages: list, start, the case itself, its diagrams and files."""

import secrets
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.deadlines import service as deadlines
from app.diagrams import service as diagrams
from app.documents import service as documents
from app.kernel import clock, serving
from app.kernel.auth import Role, current_actor, roles
from app.kernel.db import db
from app.kernel.errors import Invalid, NotFound
from app.kernel.transaction import transaction
from app.kernel.web import Room, only_fields, row_number
from app.people import service as people

from . import acts, changing, finding, following_up, locking, overview, queries, recusals, referring, search
from .models import Case, CaseStatus

room = Room("cases", __name__)
OFFICER = roles(Role.OFFICER)
HANDLER = roles(Role.OFFICER, Role.ANALYST)
"""Analysts too: the publication of a procedure is a case (`handling`)."""


@room.get("/cases", access=HANDLER)
def index() -> Any:
    """The cases this person may see, newest first."""
    q = request.args.get("q", "")
    if search.named(q):
        return redirect(url_for("cases.index", **search.veiled(q)))
    before = row_number(request.args.get("before", ""))
    found = finding.page(db.session(), current_actor(), search.words(request.args), before)
    return render_template(
        "cases/index.html",
        rows=overview.lines(db.session(), found.cases),
        q=" ".join(q.split()[:5]),
        person=request.args.get("person"),
        first=before is None,
        page=found,
    )


@room.post("/cases", access=HANDLER)
def look_for() -> Any:
    """A search as typed: posted, so that an identity number never stands in an address."""
    only_fields("q")
    return redirect(url_for("cases.index", **search.veiled(request.form.get("q", ""))), 303)


@room.get("/cases/new", access=OFFICER)
def choose() -> str:
    """Choose the item on which a case is opened."""
    items = acts.openable(db.session(), current_actor())
    registers = following_up.registers(db.session(), current_actor())
    return render_template("cases/new.html", items=items, registers=registers, key=secrets.token_hex(16))


@room.post("/cases/new", access=OFFICER)
def create() -> Any:
    """Open the case and go to its first task."""
    only_fields("item")
    item = row_number(request.form.get("item", ""))
    if item is None:
        raise Invalid(errors={"item": ["请选择一个事项。"]}, message="请先选择一个事项，再发起办件。")
    with transaction() as session:
        result = acts.open_case(session, current_actor(), item, request.form.get("_key", ""))
    return redirect(url_for("inbox.work", work_item_id=result.work_item_id), 303)


@room.get("/cases/<int:case_id>", access=HANDLER)
def case(case_id: int) -> str:
    """Where the case stands, what happened, what is next."""
    session = db.session()
    actor = current_actor()
    found = queries.case(session, actor, case_id)
    return render_template(
        "cases/case.html",
        view=overview.case(session, actor, found),
        item_version=catalogue.item(session, found.item_id, clock.legal_day(found.opened_at)).version,
        clocks=[c for c in deadlines.of_case(session, found.id) if c.kind == "statutory"],
        documents=documents.listed(session, found.id),
        changeable=_changeable(session, found),
        agency=people.agency(session, found.agency_id),
        done=overview.done(session, actor, request.args.get("done", "")),
        links=referring.links(session, actor, found.id),
        offers=following_up.offers(session, actor, found),
        recusals=recusals.of_case(session, found.id),
        recusal_states=recusals.STATES,
        may_export=bool(actor.positions & queries.OVERSEERS),
        key=secrets.token_hex(16),
    )


@room.post("/cases/<int:case_id>/follow", access=OFFICER)
def follow(case_id: int) -> Any:
    """Open a case on what this one decided, and go to its first task."""
    queries.case(db.session(), current_actor(), case_id)
    only_fields("item")
    item = row_number(request.form.get("item", ""))
    if item is None:
        raise Invalid(errors={"item": ["请选择一个事项。"]}, message="请先选择一个事项，再登记。")
    with transaction() as session:
        result = following_up.open_following(
            session, current_actor(), case_id, item, request.form.get("_key", "")
        )
    return redirect(url_for("inbox.work", work_item_id=result.work_item_id), 303)


def _changeable(session: Session, found: Case) -> frozenset[int] | None:
    """The documents whose change may be asked for; None: whichever, while the case runs."""
    if found.status == CaseStatus.OPEN:
        return None
    return changing.rectifiable(session, locking.running(session, found))


@room.get("/cases/<int:case_id>/<any(external, internal):which>.bpmn", access=HANDLER)
def diagram(case_id: int, which: str) -> Response:
    """The diagram of the version this case runs on."""
    found = queries.case(db.session(), current_actor(), case_id)
    procedure = diagrams.procedure(db.session(), found.procedure_id)
    content = procedure.external if which == "external" else procedure.internal
    return Response(content, mimetype="application/xml", headers={"Cache-Control": "private, max-age=3600"})


@room.get("/cases/<int:case_id>/called/<name>.bpmn", access=HANDLER)
def called_diagram(case_id: int, name: str) -> Response:
    """The diagram of a process that the case's version calls, in the edition it was published with."""
    found = queries.case(db.session(), current_actor(), case_id)
    content = diagrams.procedure(db.session(), found.procedure_id).called.get(name)
    if content is None:
        raise NotFound("这个流程没有调用它。")
    return Response(content, mimetype="application/xml", headers={"Cache-Control": "private, max-age=3600"})


@room.get("/cases/<int:case_id>/files/<digest>", access=HANDLER)
def file(case_id: int, digest: str) -> Response:
    """A file that was handed in with the case; anything but pictures and PDF is offered for saving only."""
    found = queries.case(db.session(), current_actor(), case_id)
    known = overview.files_of(db.session(), found.id).get(digest)
    if known is None:
        raise NotFound("案卷中没有这个文件。")
    try:
        return serving.send(digest, known["name"], known["type"])
    except FileNotFoundError as error:
        raise NotFound("案卷中登记了这个文件，但存储中没有找到，请联系管理员。") from error
