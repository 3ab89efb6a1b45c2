"""Saved filters: keeping one, choosing which applies by itself, letting go of one."""

from typing import Any

from flask import redirect, render_template, request, url_for

from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import only_fields
from app.people import service as people

from . import addresses, facets, saved
from .addresses import Address
from .boxes import NAMES
from .room import OFFICER, room


@room.get("/inbox/filters", access=OFFICER)
def filters() -> str:
    """The filters this person may use, by box."""
    session, actor = db.session(), current_actor()
    found = saved.of(session, actor)
    names = facets.Names(session, actor)
    told = {}
    for one in found:
        address = Address(one.box, chosen=one.chosen)
        words = {name: names.of(name, values) for name, values in addresses.names(one.chosen).items()}
        told[one.id] = (address, addresses.chips(address, words))
    return render_template("inbox/filters.html", found=found, told=told, names=NAMES)


@room.get("/inbox/filters/new", access=OFFICER)
def new_filter() -> str:
    """Keep the filter of a list under a name."""
    return _page(addresses.read(), {}, None)


@room.post("/inbox/filters", access=OFFICER)
def keep_filter() -> Any:
    """Keep it; one's own of the same name is replaced."""
    only_fields("name", "shared", "position", "default", *request.form.keys() & addresses.FIELDS)
    address, actor = addresses.of_form(request.form), current_actor()
    try:
        with transaction() as session:
            saved.save(session, actor, address.box, request.form, address.chosen)
    except (Invalid, Conflict) as error:
        return _page(address, request.form, error), error.status
    return redirect(address.to(), 303)


@room.post("/inbox/filters/<int:filter_id>/default", access=OFFICER)
def default_filter(filter_id: int) -> Any:
    """Let it apply when its box is opened, or no longer."""
    only_fields("off")
    actor = current_actor()
    with transaction() as session:
        found = saved.one(session, actor, filter_id)
        box = addresses.box_of({"box": found.box})
        if request.form.get("off"):
            saved.no_default(session, actor, box)
        else:
            saved.make_default(session, actor, filter_id)
    return redirect(url_for("inbox.filters"), 303)


@room.post("/inbox/filters/<int:filter_id>/delete", access=OFFICER)
def drop_filter(filter_id: int) -> Any:
    """Delete one's own."""
    only_fields()
    with transaction() as session:
        saved.drop(session, current_actor(), filter_id)
    return redirect(url_for("inbox.filters"), 303)


def _page(address: Address, given: Any, error: XingquanError | None) -> str:
    session, actor = db.session(), current_actor()
    names = facets.Names(session, actor)
    words = {name: names.of(name, values) for name, values in addresses.names(address.chosen).items()}
    return render_template(
        "inbox/save_filter.html",
        address=address,
        names=NAMES,
        chips=addresses.chips(address, words),
        shares=saved.shares(actor),
        sharing=saved.SHARING,
        positions=people.position_names(session),
        given=given,
        most=saved.NAME_MOST,
        error=error,
        errors=error.errors if isinstance(error, Invalid) else {},
    )
