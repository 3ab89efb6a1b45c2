"""The pages on which items are drawn up and sent in: nothing typed is lost, whatever is wrong with it."""

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.catalogue.models import Change, ItemVersion, PowerItem
from app.forms import service as forms
from app.kernel import clock
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, Refused, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, posted_key, posted_version, row_number
from app.people.models import Agency

from . import drawing, lead, listing, sending, steps
from .room import KEEPER, for_drawers, room


@room.get("/items/new", access=KEEPER)
def new() -> str:
    """Begin a new item: code, name, kind."""
    for_drawers(current_actor())
    return _new({}, None)


def _new(typed: Mapping[str, str], error: XingquanError | None) -> str:
    return render_template(
        "items/new.html",
        typed=typed,
        error=error,
        errors=error.errors if isinstance(error, Invalid) else {},
        kinds=steps.kinds(),
    )


@room.post("/items/new", access=KEEPER)
def begin_new() -> ResponseReturnValue:
    """The draft of a new item."""
    only_fields("code", "name", "kind")
    typed = {name: request.form.get(name, "") for name in ("code", "name", "kind")}
    try:
        with transaction() as session:
            made = drawing.begin_new(session, current_actor(), **typed).id
    except Invalid as error:
        return _new(typed, error), 422
    return redirect(url_for("items.draw", item_version_id=made, step=steps.STEPS[0]), 303)


@room.get("/items/<int:item_id>/change/<any(adjust, transfer, abolish):change>", access=KEEPER)
def change(item_id: int, change: str) -> str:
    """Before an item is changed, transferred or ended: what will happen."""
    return _change(item_id, change, None)


def _change(item_id: int, change: str, error: XingquanError | None) -> str:
    session, actor = db.session(), current_actor()
    item = drawing.item_of(session, actor, item_id)
    for_drawers(actor)
    agencies = session.execute(
        select(Agency.id, Agency.name)
        .where(Agency.id != actor.agency_id)
        .order_by(Agency.region_code, Agency.code)
    ).all()
    return render_template(
        "items/change.html",
        item=item,
        change=change,
        word=drawing.CHANGES[Change(change)],
        agencies=agencies if change == Change.TRANSFER else [],
        chosen=request.form.get("to_agency", ""),
        error=error,
        errors=error.errors if isinstance(error, Invalid) else {},
    )


@room.post("/items/<int:item_id>/change/<any(adjust, transfer, abolish):change>", access=KEEPER)
def begin_change(item_id: int, change: str) -> ResponseReturnValue:
    """The draft of a change."""
    only_fields("to_agency")
    to = row_number(request.form.get("to_agency", ""))
    try:
        with transaction() as session:
            made = drawing.begin_change(session, current_actor(), item_id, change, to)
            goal = (made.id, made.change in drawing.ELEMENTS)
    except (Invalid, Conflict) as error:
        return _change(item_id, change, error), error.status
    if goal[1]:
        return redirect(url_for("items.draw", item_version_id=goal[0], step=steps.STEPS[0]), 303)
    return redirect(url_for("items.sending_in", item_version_id=goal[0]), 303)


@room.get("/items/versions/<int:item_version_id>/draw/<step>", access=KEEPER)
def draw(item_version_id: int, step: str) -> str:
    """A page of the drawing-up."""
    return _draw(item_version_id, step)


@room.post("/items/versions/<int:item_version_id>/draw/<step>", access=KEEPER)
def save(item_version_id: int, step: str) -> ResponseReturnValue:
    """Keep the page and go on to the next one; what is wrong is kept too, and told."""
    session, actor = db.session(), current_actor()
    drawing.version_of(session, actor, item_version_id)
    for_drawers(actor)
    form = steps.form(session, actor.agency_id, step)
    answers = form.parse(request.form, request.files, drawing.scope(item_version_id, step))
    if forms.partial(request.form):
        return _draw(item_version_id, step, answers)
    try:
        with transaction() as act:
            _, errors = drawing.save(act, actor, item_version_id, step, posted_version(), answers)
    except Conflict as error:
        with transaction() as act:
            forms.save_draft(act, actor.account_id, drawing.scope(item_version_id, step), answers)
        return _draw(item_version_id, step, answers, error=error), error.status
    if errors:
        return _draw(item_version_id, step, answers, errors=errors), 422
    following = steps.STEPS.index(step) + 1
    if following == len(steps.STEPS):
        if answers.get("discretion") == "own":
            return redirect(url_for("items.tiers", item_version_id=item_version_id), 303)
        return redirect(url_for("items.sending_in", item_version_id=item_version_id), 303)
    return redirect(url_for("items.draw", item_version_id=item_version_id, step=steps.STEPS[following]), 303)


@room.post("/items/versions/<int:item_version_id>/draw/<step>/draft", access=KEEPER)
def draft(item_version_id: int, step: str) -> Response:
    """Keep what has been typed so far, unchecked."""
    session, actor = db.session(), current_actor()
    drawing.version_of(session, actor, item_version_id)
    for_drawers(actor)
    scope = drawing.scope(item_version_id, step)
    answers = steps.form(session, actor.agency_id, step).parse(request.form, request.files, scope)
    with transaction() as act:
        forms.save_draft(act, actor.account_id, scope, answers)
    at = clock.now().astimezone(clock.CHINA)
    return Response(f"已自动保存 {at:%H:%M}", mimetype="text/plain")


def _draw(
    item_version_id: int,
    step: str,
    answers: Mapping[str, Any] | None = None,
    *,
    errors: Mapping[str, list[str]] | None = None,
    error: XingquanError | None = None,
) -> str:
    session, actor = db.session(), current_actor()
    version = drawing.version_of(session, actor, item_version_id)
    for_drawers(actor)
    form = steps.form(session, actor.agency_id, step)
    if error is None:
        drawing.editable(version, elements=True)
    if answers is None:
        typed = forms.load_draft(session, actor.account_id, drawing.scope(item_version_id, step))
        kept = {item.key: version.elements.get(item.key) for item in form.keyed()}
        answers = (
            typed if typed is not None else {key: value for key, value in kept.items() if value is not None}
        )
    lacks = drawing.lacks(session, version)
    return render_template(
        "items/draw.html",
        version=version,
        step=step,
        steps=[
            (each, steps.title(each), sum(lack.step == each and lack.blocks for lack in lacks))
            for each in steps.STEPS
        ],
        form_html=forms.render(form, answers, errors, steps.context()),
        saved=bool(errors),
        error=error,
        change=drawing.CHANGES[version.change],
    )


@room.get("/items/versions/<int:item_version_id>/send", access=KEEPER)
def sending_in(item_version_id: int) -> str:
    """What is missing, what changes, and the way on; then reason, day and the button."""
    return _send(item_version_id, {}, None)


@room.post("/items/versions/<int:item_version_id>/send", access=KEEPER)
def send(item_version_id: int) -> ResponseReturnValue:
    """Send it in; on any error the page comes back with everything that was typed."""
    only_fields("reason", "effective_on")
    typed = {name: request.form.get(name, "") for name in ("reason", "effective_on")}
    try:
        with transaction() as session:
            given = sending.Given(**typed)
            result = sending.send(
                session, current_actor(), item_version_id, posted_version(), posted_key(), given
            )
    except (Invalid, Refused, Conflict) as error:
        return _send(item_version_id, typed, error), error.status
    return redirect(url_for("cases.case", case_id=result.case_id), 303)


def _send(item_version_id: int, typed: Mapping[str, str], error: XingquanError | None) -> str:
    session, actor = db.session(), current_actor()
    version: ItemVersion = drawing.version_of(session, actor, item_version_id)
    for_drawers(actor)
    if error is None:
        drawing.editable(version)
    lacks = drawing.lacks(session, version)
    return render_template(
        "items/send.html",
        version=version,
        item=session.get_one(PowerItem, version.item_id),
        steps=[
            (each, steps.title(each), sum(lack.step == each and lack.blocks for lack in lacks))
            for each in steps.STEPS
        ],
        elements=version.change in drawing.ELEMENTS,
        lacks=lacks,
        blocked=any(lack.blocks for lack in lacks),
        changes=drawing.changes(session, version),
        change=drawing.CHANGES[version.change],
        earliest=lead.earliest(session, actor.region, clock.today()),
        step_title=steps.title,
        typed=typed,
        error=error,
        errors=error.errors if isinstance(error, Invalid) else {},
        key=secrets.token_hex(16),
        states=listing.STATE_WORDS,
    )


@room.post("/items/versions/<int:item_version_id>/drop", access=KEEPER)
def drop(item_version_id: int) -> ResponseReturnValue:
    """Give a draft up that was never sent in."""
    only_fields()
    with transaction() as session:
        item_id = drawing.drop(session, current_actor(), item_version_id)
    return redirect(url_for("items.item", item_id=item_id), 303)
