"""Evidence of a case: the list as a page to print, and its files to look at."""

from collections.abc import Mapping
from typing import Any

from flask import Response, render_template, request

from app.kernel import files, pictures, serving
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.people import service as people

from . import overview, queries
from .evidence import listing, register
from .models import Case
from .views import HANDLER, room

GONE = "案卷中登记了这个文件，但存储中没有找到，请联系管理员。"
TEXT = 512 * 1024
"""Bytes of a text that are shown; the rest is for saving."""


@room.get("/cases/<int:case_id>/evidence", access=HANDLER)
def evidence(case_id: int) -> str:
    """The evidence list."""
    session = db.session()
    case = queries.case(session, current_actor(), case_id)
    return render_template(
        "cases/evidence.html",
        case=case,
        agency=people.agency(session, case.agency_id),
        view=listing.of_case(session, case, check=request.args.get("check") == "1"),
        origins=register.ORIGINS,
    )


@room.get("/cases/<int:case_id>/files/<digest>/view", access=HANDLER)
def look(case_id: int, digest: str) -> str:
    """A file in a frame of its own: pictures to turn and enlarge, films to play, texts and PDF to read."""
    case, known = _known(case_id, digest)
    entry = listing.entries_of(db.session(), case.id).get(digest)
    text, cut = _text(known) if known["type"] == "text/plain" else (None, False)
    return render_template(
        "cases/file.html", case=case, file=known, entry=entry, text=text, cut=cut, origins=register.ORIGINS
    )


@room.get("/cases/<int:case_id>/files/<digest>/content", access=HANDLER)
def content(case_id: int, digest: str) -> Response:
    """The file itself, whole or in ranges, for the page above and for saving."""
    _, known = _known(case_id, digest)
    try:
        response = serving.send(digest, known["name"], known["type"], save=request.args.get("save") == "1")
    except FileNotFoundError as error:
        raise NotFound(GONE) from error
    if known["type"] == "application/pdf":
        response.headers["Content-Security-Policy"] = serving.PAPER
    return response


@room.get("/cases/<int:case_id>/files/<digest>/thumbnail.png", access=HANDLER)
def thumbnail(case_id: int, digest: str) -> Response:
    """A small picture of a picture."""
    _, known = _known(case_id, digest)
    try:
        made = pictures.thumbnail(digest, known["type"])
    except FileNotFoundError as error:
        raise NotFound(GONE) from error
    if made is None:
        raise NotFound("这个文件没有缩略图。")
    response = Response(made, mimetype="image/png", headers={"Cache-Control": "private, max-age=3600"})
    response.headers["Content-Security-Policy"] = serving.INERT
    return response


def _known(case_id: int, digest: str) -> tuple[Case, Mapping[str, Any]]:
    case = queries.case(db.session(), current_actor(), case_id)
    known = overview.files_of(db.session(), case.id).get(digest)
    if known is None:
        raise NotFound("案卷中没有这个文件。")
    return case, known


def _text(known: Mapping[str, Any]) -> tuple[str, bool]:
    try:
        with files.Reader(known["digest"]) as reader:
            raw, cut = b"".join(reader.pieces(0, TEXT)), reader.size > TEXT
    except FileNotFoundError as error:
        raise NotFound(GONE) from error
    try:
        return raw.decode("utf-8", "ignore" if cut else "strict"), cut
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace"), cut
