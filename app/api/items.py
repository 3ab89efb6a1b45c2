"""公开事项 for programs: the same list and content as the public pages, for portals that show them in their own way."""

from collections.abc import Mapping
from typing import Any

from flask import Response, after_this_request, current_app, url_for

from app.kernel.auth import PUBLIC
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.public import service as public

from . import item_answers
from .room import room

CODE = "string(maxlength=60)"
LAST = "~"


def _shared(response: Response) -> Response:
    """What everybody may read may be kept a minute, and read by scripts of any portal."""
    if response.status_code == 200:
        response.headers["Access-Control-Allow-Origin"] = "*"
        return public.shared(response)
    return response


def _line(entry: public.PublicItem) -> dict[str, Any]:
    base = current_app.config["BASE_URL"].rstrip("/")
    place = {"agency": entry.agency_code, "code": entry.code}
    return {
        "agency": entry.agency_code,
        "agency_name": entry.agency,
        "region": entry.region,
        "code": entry.code,
        "name": entry.name,
        "kind": entry.kind,
        "kind_name": public.public_kinds().get(entry.kind, entry.kind),
        "version": entry.number,
        "effective_on": entry.since,
        "digest": entry.digest,
        "page": base + url_for("public.item", **place),
        "embedded": base + url_for("public.embedded_item", **place),
    }


@room.operation(
    "GET", "/public/items", access=PUBLIC, summary="公开事项目录（公开）", tag="公开事项",
    query=item_answers.PublicItemsQuery, answer=item_answers.PublicItems,
)  # fmt: skip
def public_items(query: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that is public, 50 at a time; `next` leads on."""
    after_this_request(_shared)
    wish = public.Wish(**{name: query[name] for name in ("region", "agency", "kind", "q")})
    found = public.find(public.public_items(db.session()), wish)
    page = public.items_after(found.entries, _place(query["after"]))
    more = bool(page) and page[-1] is not found.entries[-1]
    return {
        "items": [_line(entry) for entry in page],
        "total": len(found.entries),
        "next": LAST.join(page[-1].place) if more else None,
    }


def _place(after: str) -> tuple[str, str, str] | None:
    if not after:
        return None
    region, agency, code = [*after.split(LAST, 2), "", ""][:3]
    if not code:
        raise Invalid("请使用上一页答复中的 next。", code="query")
    return region, agency, code


@room.operation(
    "GET", f"/public/items/<{CODE}:agency>/<{CODE}:item_code>", access=PUBLIC, summary="一项公开事项（公开）",
    tag="公开事项", answer=item_answers.PublicItem, errors=(404,),
)  # fmt: skip
def public_item(agency: str, item_code: str) -> dict[str, Any]:
    """All that is made public of one item."""
    after_this_request(_shared)
    session = db.session()
    told = public.told_item(session, public.entry(public.public_items(session), agency, item_code))
    return {
        **_line(told.entry),
        "made_public": told.fields,
        "told_in_advance": told.advance,
        "basis": told.basis,
        "discretion": told.discretion,
        "procedure": told.procedure,
        "steps": told.steps,
        "papers": told.papers,
        "examined": told.examined,
    }
