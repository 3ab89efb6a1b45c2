"""The lists of the inbox: boxes, search, filter, columns, the badge in the frame."""

from dataclasses import replace
from typing import Any

from flask import Response, jsonify, redirect, render_template, request, url_for
from sqlalchemy import update

from app.cases import service as cases
from app.cases.models import Involvement, Part, Urging
from app.kernel import clock
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.transaction import transaction
from app.kernel.web import is_fragment, only_fields

from . import addresses, badge, boxes, bulk, columns, facets, lines, preferences, queries, saved, substituting
from .addresses import Address
from .boxes import BY_DUE, NAMES, Box
from .room import OFFICER, room


@room.get("/inbox", access=OFFICER)
def index() -> Any:
    """A list: the box with what narrows it."""
    actor, session = current_actor(), db.session()
    address = addresses.read()
    if cases.named(request.args.get("q", "")):
        return redirect(
            url_for("inbox.index", box=address.box.value, **cases.veiled(request.args.get("q", "")))
        )
    wants = preferences.of(session, actor, address.box)
    used = None
    if not address.chosen and not address.plain and not address.q and not address.person and wants.default:
        used = wants.default
        address = replace(address, chosen=used.chosen)
    asked = queries.Asked(address.words(), address.text(), address.chosen)
    page = queries.page(session, actor, address.box, after=request.args.get("after"), asked=asked)
    names = facets.Names(session, actor)
    words = {name: names.of(name, values) for name, values in addresses.names(address.chosen).items()}
    item = "item" in wants.columns
    return render_template(
        "inbox/inbox.html",
        address=address,
        box=address.box,
        boxes=boxes.of(actor),
        positions_box=Box.POSITIONS,
        names=NAMES,
        counts=page.counts,
        rows=lines.rows(session, page.rows, agency_id=actor.agency_id if item else None),
        snippets=page.found,
        columns=wants.columns,
        labels=columns.COLUMNS,
        by_due=address.box in BY_DUE,
        after=address.to(after=page.after) if page.after else None,
        first="after" not in request.args,
        looked=page.looked,
        chips=addresses.chips(address, words),
        filters=wants.filters,
        used=used,
        panel=facets_of(address) if request.args.get("panel") else None,
        shares=saved.shares(actor),
        acts=bulk.acts(address.box),
        heads=cases.is_head(actor),
        standing_for=substituting.groups(session, actor),
        recusals=cases.recusals.waiting(session, actor),
        paper_changes=cases.changes.waiting(session, actor),
        done=cases.done(session, actor, request.args.get("done", "")),
    )


def facets_of(address: Address) -> facets.Facets:
    """The facets of the list at an address."""
    return facets.count(db.session(), current_actor(), address.box, address.words(), address.chosen)


@room.get("/inbox/facets", access=OFFICER)
def panel() -> Any:
    """The facets of a list alone, for the page that shows it already."""
    address = addresses.read()
    if not is_fragment():
        return redirect(address.to(panel="1"))
    return render_template("inbox/_facets.html", address=address, panel=facets_of(address))


@room.post("/inbox", access=OFFICER)
def search() -> Any:
    """A search as typed: posted, so that an identity number never stands in an address."""
    only_fields("q", "box", "where", *request.form.keys() & addresses.FIELDS)
    typed = request.form.get("q", "")
    address = addresses.of_form(request.form)
    veiled = cases.veiled(typed)
    found = replace(address, q=veiled.get("q", ""), person=veiled.get("person"), plain=True)
    return redirect(found.to(), 303)


@room.get("/inbox/badge", access=OFFICER)
def count() -> Response:
    """How many tasks wait for this person, for the frame of every page."""
    return jsonify(badge.badge(db.session(), current_actor()))


@room.get("/inbox/open/<int:work_item_id>", access=OFFICER)
def look(work_item_id: int) -> Any:
    """Open a task from a list of what others sent: from now on it counts as read. Nobody else's is touched."""
    actor, now = current_actor(), clock.now()
    with transaction() as session:
        work = cases.work_item(session, actor, work_item_id)
        case_id = work.case_id
        copied = session.execute(
            update(Involvement)
            .where(
                Involvement.work_item_id == work_item_id,
                Involvement.officer_id == actor.officer_id,
                Involvement.part == Part.COPY,
                Involvement.read_at.is_(None),
            )
            .values(read_at=now)
            .returning(Involvement.id)
        ).all()
        session.execute(
            update(Urging)
            .where(
                Urging.work_item_id == work_item_id,
                Urging.officer_id == actor.officer_id,
                Urging.seen_at.is_(None),
            )
            .values(seen_at=now)
        )
    if copied or request.args.get("case"):
        return redirect(url_for("cases.case", case_id=case_id), 303)
    return redirect(url_for("inbox.work", work_item_id=work_item_id), 303)


@room.get("/inbox/columns", access=OFFICER)
def choose_columns() -> str:
    """Which columns a box shows, and in which order."""
    return _columns(None, None)


@room.post("/inbox/columns", access=OFFICER)
def keep_columns() -> Any:
    """Keep the chosen columns, or go back to the usual ones."""
    box = addresses.box_of(request.form)
    allowed = columns.possible(box)
    only_fields("box", "columns", "reset", *(f"place.{name}" for name in columns.COLUMNS))
    given = request.form.getlist("columns")
    places = {name: _place(request.form.get(f"place.{name}", ""), allowed, name) for name in given}
    try:
        with transaction() as session:
            if request.form.get("reset"):
                columns.reset(session, current_actor(), box)
            else:
                columns.choose(session, current_actor(), box, places)
    except Invalid as error:
        return _columns(places, error), error.status
    return redirect(url_for("inbox.index", box=box.value), 303)


def _place(text: str, allowed: list[str], name: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 4:
        return int(text)
    return allowed.index(name) if name in allowed else 0


def _columns(places: Any, error: Invalid | None) -> str:
    actor, session = current_actor(), db.session()
    box = addresses.box_of(request.form if request.method == "POST" else request.args)
    shown = (
        list(preferences.of(session, actor, box).columns)
        if places is None
        else sorted(places, key=places.get)
    )
    rest = [name for name in columns.possible(box) if name not in shown]
    return render_template(
        "inbox/columns.html",
        box=box,
        names=NAMES,
        labels=columns.COLUMNS,
        shown=shown,
        order=[name for name in (*shown, *rest) if name in columns.possible(box)],
        error=error,
    )
