"""The pages of power items: list, one item, one version, coverage. `draw_views` has those on which items are drawn up."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.catalogue import service as catalogue
from app.catalogue.models import Change, PowerItem
from app.kernel import clock
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, row_number
from app.people import service as people

from . import (
    draw_views,  # noqa: F401 - the routes of these two belong to the room
    drawing,
    listing,
    signing,
    steps,
    tier_views,  # noqa: F401
)
from .room import KEEPER, READER, draws, room

__all__ = ["room"]
LEVELS = {"province": "省级", "city": "市级", "county": "县级", "town": "乡镇（街道）级"}


@room.get("/items", access=READER)
def index() -> str:
    """Which items there are, in which state."""
    session, actor = db.session(), current_actor()
    q, state = request.args.get("q", "")[:100], request.args.get("state", "")
    kind = request.args.get("kind", "")
    state = state if state in listing.FILTERS else ""
    number = min(max(row_number(request.args.get("page", "")) or 1, 1), 10_000)
    return render_template(
        "items/index.html",
        page=listing.page(session, actor, q, state, kind, number),
        q=q,
        state=state,
        kind=kind,
        filters=listing.FILTERS,
        kinds=steps.kinds(),
        status=listing.STATUS_WORDS,
        states=listing.STATE_WORDS,
        changes=drawing.CHANGES,
        draws=draws(actor),
    )


@room.get("/items/coverage", access=READER)
def coverage() -> str:
    """How far the agencies are along."""
    rows = listing.coverage(db.session(), current_actor())
    return render_template("items/coverage.html", rows=rows, levels=LEVELS)


@room.get("/items/<int:item_id>", access=READER)
def item(item_id: int) -> str:
    """One item with its versions."""
    session, actor = db.session(), current_actor()
    found, agency = listing.item(session, actor, item_id)
    versions = listing.versions(session, item_id)
    standing = catalogue.versions.counting(versions, clock.today())
    open_ = next((v for v in versions if v.state in listing.OPEN_STATES), None)
    coming = next(
        (v for v in versions if v.state == "approved" and v is not standing and not v.applied_at), None
    )
    shown = standing or open_ or coming
    told = drawing.elements_of(session, shown) if shown else {}
    around = drawing.around(session, found.agency_id, [str(each) for each in found.basis])
    mine = draws(actor) and found.agency_id == actor.agency_id
    return render_template(
        "items/item.html",
        item=found,
        agency=agency,
        versions=versions,
        standing=standing,
        open=open_,
        coming=coming,
        waits=listing.waits(session, open_) if open_ else "",
        returned=listing.returned(session, open_) if open_ else None,
        pages=listing.shown(session, told),
        lacks=catalogue.item_rules.lacks(told, around) if shown else [],
        law_tasks=catalogue.changes_for(session, item_ids=[item_id]),
        today=clock.today(),
        mine=mine,
        may_change=mine
        and open_ is None
        and standing is not None
        and standing.change in (Change.NEW, Change.ADJUST),
        own=found.agency_id == actor.agency_id,
        status=listing.STATUS_WORDS,
        states=listing.STATE_WORDS,
        changes=drawing.CHANGES,
        kinds=steps.kinds(),
    )


@room.get("/items/versions/<int:item_version_id>", access=READER)
def version(item_version_id: int) -> str:
    """What a version says, what it lacks, and where it differs from another one."""
    session, actor = db.session(), current_actor()
    found = listing.version(session, actor, item_version_id)
    others = [v for v in listing.versions(session, found.item_id) if v.id != found.id]
    other = _other(found.id, others)
    if other is None:
        changes = drawing.changes(session, found)
    else:
        changes = catalogue.item_rules.differences(
            drawing.elements_of(session, other),
            drawing.elements_of(session, found),
            steps.wording(session),
        )
    return render_template(
        "items/version.html",
        version=found,
        item=session.get_one(PowerItem, found.item_id),
        agency=people.agency(session, found.agency_id),
        pages=listing.shown(session, drawing.elements_of(session, found)),
        lacks=drawing.lacks(session, found),
        signed=signing.told(found),
        changes=changes,
        other=other,
        others=others,
        base=drawing.standing_of(session, found),
        states=listing.STATE_WORDS,
        change_words=drawing.CHANGES,
        own=found.agency_id == actor.agency_id,
        step_title=steps.title,
    )


def _other(item_version_id: int, others: list) -> object | None:  # type: ignore[type-arg]
    wanted = row_number(request.args.get("with", ""))
    if wanted is None or wanted == item_version_id:
        return None
    found = next((v for v in others if v.id == wanted), None)
    if found is None:
        raise NotFound(drawing.NO_VERSION)
    return found


@room.post("/items/<int:item_id>/checked", access=KEEPER)
def checked(item_id: int) -> ResponseReturnValue:
    """Somebody has looked at the item again."""
    only_fields("note")
    with transaction() as session:
        listing.check(session, current_actor(), item_id, request.form.get("note", ""))
    return redirect(url_for("items.item", item_id=item_id), 303)
