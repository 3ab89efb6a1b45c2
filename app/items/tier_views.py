"""The page on which the tiers of an item's own baseline are drawn up: every act comes back with all that was typed."""

from typing import Any

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.catalogue import service as catalogue
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, posted_version, row_number

from . import drawing, steps, tiers
from .room import KEEPER, room

FIELDS = (*tiers.HEAD, *tiers.FACTOR_FIELDS, *tiers.ROW, "model", "act")
SAVE, CHECK, ADAPT = "save", "check", "adapt"


def _given() -> tiers.Typed:
    """What stands on the page that was sent.

    Raises:
        Invalid: fields are missing or there are too many rows.
    """
    only_fields(*FIELDS)
    form = request.form
    columns = [form.getlist(name) for name in tiers.ROW]
    length = len(columns[0])
    if length > tiers.MOST_ROWS or any(len(column) != length for column in columns):
        raise Invalid("提交的内容不完整，请刷新页面后重新提交。", code="tiers")
    head = {name: form.get(name, "") for name in (*tiers.HEAD, *tiers.FACTOR_FIELDS)}
    if head["kind"] not in catalogue.discretion.KINDS:
        raise Invalid("请选择法定罚款的种类。", code="tiers")
    return tiers.Typed(head, [dict(zip(tiers.ROW, row, strict=True)) for row in zip(*columns, strict=True)])


@room.get("/items/versions/<int:item_version_id>/tiers", access=KEEPER, endpoint="tiers")
def tiers_page(item_version_id: int) -> str:
    """The tiers as they stand."""
    session, actor = db.session(), current_actor()
    version = tiers.version_of(session, actor, item_version_id)
    given, stale = tiers.standing(session, actor, version)
    row = request.args.get("row", "")
    return _page(
        item_version_id,
        given,
        stale=stale,
        examined=row == CHECK,
        focus=int(row) if row.isascii() and row.isdecimal() and len(row) < 3 else None,
    )


@room.post("/items/versions/<int:item_version_id>/tiers", access=KEEPER)
def save_tiers(item_version_id: int) -> ResponseReturnValue:
    """Add, take away, move, adapt or check, and show the page again; or save, if nothing blocks it."""
    actor, act = current_actor(), request.form.get("act", SAVE)
    tiers.version_of(db.session(), actor, item_version_id)
    given = _given()
    if act != SAVE:
        row = _again(item_version_id, given, act)
        return redirect(url_for("items.tiers", item_version_id=item_version_id, row=row), 303)
    with transaction() as session:
        tiers.keep(session, actor, item_version_id, given, posted_version())
    try:
        with transaction() as session:
            done = tiers.save(session, actor, item_version_id, posted_version(), given)
    except Conflict as error:
        return _page(item_version_id, given, error=error), error.status
    if done.blocked:
        return _page(item_version_id, given, examined=True, refused=True), 422
    return redirect(url_for("items.sending_in", item_version_id=item_version_id), 303)


def _again(item_version_id: int, given: tiers.Typed, act: str) -> str | int | None:
    """Carry an act out on the draft; the row that is to have the focus, or what else the page is to show."""
    actor, row = current_actor(), None
    with transaction() as session:
        if act == ADAPT:
            given = tiers.adapted(session, actor, row_number(request.form.get("model", "")))
        elif act != CHECK:
            given, row = tiers.moved(given, act)
        tiers.keep(session, actor, item_version_id, given, posted_version())
    return CHECK if act == CHECK else row


@room.post("/items/versions/<int:item_version_id>/tiers/check", access=KEEPER)
def check_tiers(item_version_id: int) -> Response:
    """The findings about what is being typed, row by row, for the page to show at once; it is kept as a draft."""
    actor = current_actor()
    version = tiers.version_of(db.session(), actor, item_version_id)
    given = _given()
    done = tiers.checked(tiers.key_of(db.session(), version), given)
    with transaction() as session:
        tiers.keep(session, actor, item_version_id, given, posted_version())
    return jsonify(blocked=done.blocked, findings=[_told(one) for one in done.findings])


def _told(one: tiers.Finding) -> dict[str, Any]:
    return {
        "row": one.row,
        "severity": one.severity,
        "message": one.message + (f"（{one.basis}）" if one.basis else ""),
    }


def _page(
    item_version_id: int,
    given: tiers.Typed,
    *,
    error: XingquanError | None = None,
    stale: bool = False,
    examined: bool = False,
    refused: bool = False,
    focus: int | None = None,
) -> str:
    session, actor = db.session(), current_actor()
    version = drawing.version_of(session, actor, item_version_id)
    done = tiers.checked(tiers.key_of(session, version), given)
    before = tiers.before(session, version)
    lacks = drawing.lacks(session, version)
    vocabulary = catalogue.discretion.VOCABULARY
    after = catalogue.discretion.read(done.written) if done.written else None
    return render_template(
        "items/tiers.html",
        version=version,
        change=drawing.CHANGES[version.change],
        steps=[
            (each, steps.title(each), sum(lack.step == each and lack.blocks for lack in lacks))
            for each in steps.STEPS
        ],
        given=given,
        findings=[(one, _told(one)["message"]) for one in done.findings],
        blocked=done.blocked,
        examined=examined,
        refused=refused,
        error=error,
        stale=stale,
        focus=focus,
        names=catalogue.discretion.TIERS,
        kinds=catalogue.discretion.KINDS,
        factors=list(zip(tiers.FACTOR_FIELDS, tiers.FACTORS, strict=True)),
        needed=vocabulary["needed_factor"],
        facts=[fact["label"] for fact in vocabulary["facts"].values()],
        models=tiers.models(session, actor),
        before=before,
        differences=catalogue.discretion.differences(before, after) if before and after else [],
    )
