"""The pages on which change orders are drawn up: nothing typed is lost, whatever is wrong with it."""

from collections.abc import Mapping
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.forms import service as forms
from app.kernel import auth, clock
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import posted_version

from . import drafting, finding
from .models import ChangeOrder, Kind
from .room import KEEPER, for_proposers, room
from .sheets import SAID, SHEETS


@room.get("/laws/orders/new", access=KEEPER)
def new_laws() -> str:
    """An empty one; `law`: the statute it is about."""
    return _draw("laws", None)


@room.get("/roster/orders/new", access=KEEPER)
def new_roster() -> str:
    """An empty one."""
    return _draw("roster", None)


@room.get("/<any(laws,roster):place>/orders/<int:order_id>/edit", access=KEEPER)
def edit(place: str, order_id: int) -> str:
    """A draft."""
    return _draw(place, order_id)


@room.post("/<any(laws,roster):place>/orders/new", access=KEEPER)
def make(place: str) -> ResponseReturnValue:
    """Keep a new draft, and go on to what it touches."""
    return _save(place, None)


@room.post("/<any(laws,roster):place>/orders/<int:order_id>/edit", access=KEEPER)
def save(place: str, order_id: int) -> ResponseReturnValue:
    """Keep the draft, and go on to what it touches."""
    return _save(place, order_id)


@room.post("/<any(laws,roster):place>/orders/typed", access=KEEPER)
def typed(place: str) -> Response:
    """Keep what has been typed so far for a new order, unchecked."""
    return _typed(place, None)


@room.post("/<any(laws,roster):place>/orders/<int:order_id>/typed", access=KEEPER)
def typed_more(place: str, order_id: int) -> Response:
    """Keep what has been typed so far, unchecked."""
    return _typed(place, order_id)


def _scope(place: str, order_id: int | None) -> str:
    """The name of what is typed; for an order that is not there yet one of its own."""
    return f"order:{order_id}" if order_id else f"{place}:new"


def _order(session: Session, actor: auth.Actor, place: str, order_id: int | None) -> ChangeOrder | None:
    """The draft of the own agency that a page is about, for who proposes.

    Raises:
        NotFound: there is none. Forbidden: the actor does not propose for the agency. Conflict: it is sent in.
    """
    found = finding.order(session, actor, SHEETS[place].kind, order_id) if order_id else None
    if found is not None:
        drafting.own(actor, found)
    for_proposers(actor)
    if found is not None:
        drafting.open_still(found)
    return found


def _typed(place: str, order_id: int | None) -> Response:
    session, actor = db.session(), auth.current_actor()
    found = _order(session, actor, place, order_id)
    scope = _scope(place, order_id)
    answers = SHEETS[place].form(session, actor, found).parse(request.form, request.files, scope)
    with transaction() as act:
        forms.save_draft(act, actor.account_id, scope, answers)
    return Response(f"已自动保存 {clock.now().astimezone(clock.CHINA):%H:%M}", mimetype="text/plain")


def _save(place: str, order_id: int | None) -> ResponseReturnValue:
    session, actor = db.session(), auth.current_actor()
    sheet, scope = SHEETS[place], _scope(place, order_id)
    form = sheet.form(session, actor, _order(session, actor, place, order_id))
    answers = form.parse(request.form, request.files, scope)
    if forms.partial(request.form):
        return _draw(place, order_id, answers)
    try:
        with transaction() as act:
            made = _kept(act, actor, place, order_id, form.validate(answers, sheet.context(act, actor)))
            forms.drop_draft(act, actor.account_id, scope)
    except (Invalid, Conflict) as error:
        with transaction() as act:
            forms.save_draft(act, actor.account_id, scope, answers)
        return _draw(place, order_id, answers, error=error), error.status
    return redirect(url_for("orders.order", place=place, order_id=made), 303)


def _kept(
    session: Session, actor: auth.Actor, place: str, order_id: int | None, data: Mapping[str, Any]
) -> int:
    sheet = SHEETS[place]
    found = _order(session, actor, place, order_id)
    read = sheet.read(session, actor, found, data)
    said = {name: str(data[name] or "") for name in SAID}
    revision = posted_version() if order_id else 0
    return drafting.save(
        session, actor, sheet.kind, order_id, revision, read.content, said, read.effective_on
    ).id


def _begin(place: str) -> dict[str, Any]:
    """What a new order begins with: the name of a statute, where the page was asked for one."""
    if SHEETS[place].kind != Kind.LAW:
        return {}
    law = catalogue.proposing.named(request.args.get("law", "")[:200].replace("\0", ""))
    return {"law": law} if law else {}


def _draw(
    place: str,
    order_id: int | None,
    answers: Mapping[str, Any] | None = None,
    *,
    error: XingquanError | None = None,
) -> str:
    session, actor = db.session(), auth.current_actor()
    sheet = SHEETS[place]
    found = _order(session, actor, place, order_id)
    if answers is None:
        kept = forms.load_draft(session, actor.account_id, _scope(place, order_id))
        begun = sheet.answers(found) if found else _begin(place)
        answers = kept if kept is not None and not (begun and found is None) else begun
    errors = error.errors if isinstance(error, Invalid) else {}
    form = sheet.form(session, actor, found)
    return render_template(
        "orders/draw.html",
        sheet=sheet,
        place_of=place,
        order=found,
        number=finding.number(found) if found else "",
        form_html=forms.render(form, answers, errors, sheet.context(session, actor)),
        error=None if errors else error,
    )
