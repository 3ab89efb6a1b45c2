"""Public pages: is this paper genuine? `item_views` has those of the catalogue."""

from typing import Any

from flask import redirect, render_template, request, url_for

from ..documents import service as documents
from ..kernel.auth import PUBLIC
from ..kernel.db import db
from . import (
    item_views,  # noqa: F401 - its routes belong to the room
    service,
)
from .room import room

__all__ = ["room"]


@room.get("/v/", access=PUBLIC)
def verify_form() -> Any:
    """The form to look a document up by its identification code."""
    if typed := request.args.get("code", "").strip():
        code = documents.normalised_code(typed)
        if documents.is_code(code):
            return redirect(url_for("public.verify", code=code), 303)
        return render_template("public/verify.html", result=None, typed=typed[:60], wrong=True), 422
    return render_template("public/verify.html", result=None, typed="", wrong=False)


@room.get("/v/<code>", access=PUBLIC)
def verify(code: str) -> Any:
    """What the platform says of a document: from its QR code (with `k`), or from its code typed in."""
    result = service.verify(db.session(), code, request.args.get("k"))
    known = (documents.Verdict.GENUINE, documents.Verdict.VOID, documents.Verdict.REPLACED)
    found = result.verdict in known
    page = render_template("public/verify.html", result=result, typed=result.code, wrong=False)
    return page, 200 if found else 404
