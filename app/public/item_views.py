"""权力事项目录: which powers there are and how they run, for everybody; and the same for portals to embed."""

from typing import Any

from flask import Response, current_app, g, make_response, render_template, request, url_for

from app.diagrams import service as diagrams
from app.kernel.auth import PUBLIC
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.web import framed_in, row_number

from . import freshness, item_content, item_list
from .item_list import Wish
from .room import room

WORD = "string(maxlength=60)"
ITEM = f"/public/items/<{WORD}:agency>/<{WORD}:code>"
EMBEDDED = f"/public/embed/items/<{WORD}:agency>/<{WORD}:code>"
NAMES = ("region", "agency", "kind", "q")


def wish() -> Wish:
    """What the address asks for."""
    return Wish(**{name: request.args.get(name, "").strip()[:60] for name in NAMES})


def page_number() -> int:
    return min(max(row_number(request.args.get("page", "")) or 1, 1), 10_000)


def _listed(template: str) -> str:
    wanted, number = wish(), page_number()
    known = item_list.listing(db.session())
    found = item_list.find(known, wanted)
    start = (number - 1) * item_list.PAGE
    return render_template(
        template,
        wish=wanted,
        found=found,
        rows=found.entries[start : start + item_list.PAGE],
        number=number,
        more=len(found.entries) > start + item_list.PAGE,
        total=len(known.entries),
        regions=known.inhabited(),
        kinds=item_list.public_kinds(),
        address=address,
    )


def address(endpoint: str, wanted: Wish, **changed: Any) -> str:
    """The address of a list with some of its choices changed."""
    asked: dict[str, Any] = {name: getattr(wanted, name) for name in NAMES} | changed
    return url_for(endpoint, **{name: value or None for name, value in asked.items()})


@room.get("/public/items", access=PUBLIC)
def items() -> Response:
    """The catalogue."""
    return freshness.own(make_response(_listed("public/items.html")))


@room.get(ITEM, access=PUBLIC)
def item(agency: str, code: str) -> Response:
    """One power, all that is made public of it."""
    return freshness.own(make_response(_item("public/item.html", agency, code)))


@room.get(f"{ITEM}/versions/<int:number>", access=PUBLIC)
def item_version(agency: str, code: str, number: int) -> Response:
    """A version that was public before."""
    return freshness.own(make_response(_item("public/item.html", agency, code, number)))


@room.get(f"{ITEM}/external.bpmn", access=PUBLIC)
def item_diagram(agency: str, code: str) -> Response:
    """The external procedure that the page draws: the published one, to whoever may read the item."""
    session = db.session()
    entry = item_list.entry(item_list.listing(session), agency, code)
    content = diagrams.current(session, entry.procedure).external
    return freshness.shared(Response(content, mimetype="application/xml"))


def _item(template: str, agency: str, code: str, number: int | None = None) -> str:
    session = db.session()
    entry = item_list.entry(item_list.listing(session), agency, code)
    base = current_app.config["BASE_URL"].rstrip("/")
    places = {"agency": agency, "code": code}
    return render_template(
        template,
        told=item_content.told(session, entry, number),
        kinds=item_list.public_kinds(),
        former=item_list.former(session, entry),
        page=base + url_for("public.item", **places),
        embedded=base + url_for("public.embedded_item", **places),
        embedded_list=base + url_for("public.embedded_items", agency=agency),
    )


def _embedded(html: str, status: int = 200) -> Response:
    """A page that other sites may show: no cookie, no form, no session."""
    g.in_frames = True
    response = make_response(html, status)
    response.headers["Content-Security-Policy"] = framed_in(current_app.config["EMBED_ORIGINS"])
    return freshness.shared(response) if status == 200 else response


@room.get("/public/embed/items", access=PUBLIC)
def embedded_items() -> Response:
    """The catalogue, or an agency's or a region's part of it, within another site."""
    return _embedded(_listed("public/embed_items.html"))


@room.get(EMBEDDED, access=PUBLIC)
def embedded_item(agency: str, code: str) -> Response:
    """One power within another site."""
    try:
        return _embedded(_item("public/embed_item.html", agency, code))
    except NotFound as error:
        return _embedded(render_template("public/embed_missing.html", error=error), error.status)
