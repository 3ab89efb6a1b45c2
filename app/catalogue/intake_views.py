"""Pages on which power items are taken over from files, and from which the catalogue is given out."""

from typing import Any

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from app.kernel import auth, clock, files, sheets
from app.kernel.auth import Role, roles
from app.kernel.db import db
from app.kernel.errors import Invalid, NotFound
from app.kernel.transaction import transaction
from app.kernel.web import Room, is_fragment, only_fields, row_number

from . import importing, intake, outflow
from .item_rows import columns
from .law_room import ITEM_READERS, READERS, agencies_of, seen_by

room = Room("intake", __name__)
ENTERING = roles(Role.OFFICER, Role.ANALYST)
STATES = {
    "waiting": "正在检查", "checked": "已检查，待写入", "taking": "正在写入", "taken": "已写入", "refused": "不能读取",
}  # fmt: skip
WHAT = ("catalogue", "elements")
TYPES = {"xlsx": sheets.XLSX_TYPE, "csv": "text/csv; charset=utf-8"}


@room.get("/items/imports", access=ENTERING, endpoint="index")
def index() -> str:
    """The form to hand a file in, and the latest ones."""
    return _index({})


def _index(errors: dict[str, list[str]]) -> str:
    session, actor = db.session(), auth.current_actor()
    scope = importing.scope_of(session, actor)
    return render_template(
        "intake/index.html",
        agencies=importing.agencies(session, scope),
        own=row_number(request.form.get("agency_id", "")) or actor.agency_id,
        rows=importing.recent(session, actor),
        states=STATES,
        errors=errors,
        columns=columns(),
        most=sheets.MOST_ROWS,
    )


@room.post("/items/imports", access=ENTERING)
def hand_in() -> Any:
    """Hand a file in for checking."""
    only_fields("agency_id", "file")
    actor, upload = auth.current_actor(), request.files.get("file")
    name = (upload.filename or "") if upload else ""
    content = upload.stream.read(sheets.MOST_BYTES + 1) if upload else b""
    importing.scope_of(db.session(), actor)  # nothing is stored for who may not
    digest = files.put(content) if 0 < len(content) <= sheets.MOST_BYTES else ""
    try:
        with transaction() as session:
            agency = row_number(request.form.get("agency_id", "")) or 0
            number = importing.hand_in(session, actor, agency, name, content, digest)
    except Invalid as error:
        return _index({error.field or "file": [error.message]}), error.status
    return redirect(url_for("intake.one", import_id=number), 303)


@room.get("/items/imports/<int:import_id>", access=ENTERING, endpoint="one")
def one(import_id: int) -> str:
    """How far an import is, and what is wrong with the file; a part of the page while it is under way."""
    row = importing.found(db.session(), auth.current_actor(), import_id)
    template = "intake/_state.html" if is_fragment() else "intake/one.html"
    may_items = bool(ITEM_READERS.roles & auth.current_actor().roles)
    return render_template(template, row=row, states=STATES, shown=importing.SHOWN, may_items=may_items)


@room.post("/items/imports/<int:import_id>/take", access=ENTERING)
def take(import_id: int) -> Redirect:
    """Take the rows over that have nothing wrong."""
    only_fields()
    with transaction() as session:
        importing.take(session, auth.current_actor(), import_id)
    return redirect(url_for("intake.one", import_id=import_id), 303)


@room.get("/items/imports/<int:import_id>/marked.xlsx", access=ENTERING)
def marked(import_id: int) -> Response:
    """The file with what is wrong marked at the cells."""
    content = importing.marked(db.session(), auth.current_actor(), import_id)
    return _file(content, "xlsx", "需要修改.xlsx")


@room.get("/items/imports/template.xlsx", access=ENTERING)
def template() -> Response:
    """The empty file to be filled in."""
    return _file(intake.template(), "xlsx", "事项导入模板.xlsx")


@room.get("/items/exports", access=READERS)
def exports() -> str:
    """What can be given out, agency by agency."""
    session = db.session()
    agencies = agencies_of(session, seen_by(session, auth.current_actor()))
    return render_template("intake/exports.html", agencies=agencies)


@room.get("/items/exports/file", access=READERS)
def export() -> Response:
    """The catalogue or the list of elements (`what`) of an agency, or of all that the person sees, as XLSX or CSV."""
    session = db.session()
    what, kind = request.args.get("what", ""), request.args.get("kind", "")
    if what not in WHAT or kind not in TYPES:
        raise NotFound("没有这种导出。请从导出页选择。")
    agencies = agencies_of(session, seen_by(session, auth.current_actor()))
    wanted = request.args.get("agency", "")
    if wanted:
        number = row_number(wanted)
        if number not in agencies:
            raise NotFound("没有这个机关，或者您不能查看它的事项。")
        agencies = {number: agencies[number]}
    if what == "catalogue":
        sheet = outflow.catalogue(session, agencies)
    else:
        sheet = outflow.elements(session, agencies, clock.today())
    whose = next(iter(agencies.values())) if len(agencies) == 1 else ""
    content = sheet.as_csv() if kind == "csv" else sheet.as_xlsx()
    return _file(content, kind, f"{whose}{sheet.title}{clock.today()}.{kind}")


def _file(content: bytes, kind: str, name: str) -> Response:
    answer = Response(content, mimetype=TYPES[kind].partition(";")[0])
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
