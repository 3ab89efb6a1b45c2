"""Documents for programs: what was issued, its PDF, and whether a paper is genuine."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Response

from app.cases import service as cases
from app.documents import service as documents
from app.documents.models import Document
from app.kernel.auth import PUBLIC, Role, current_actor, roles
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.transaction import transaction
from app.public import service as public

from . import answers, requests
from .room import room

OFFICER = roles(Role.OFFICER)


def _visible(session: Any, document_id: int) -> Document:
    found = documents.by_id(session, document_id)
    if found is None:
        raise NotFound("没有找到这份文书。它可能不存在，或者不属于您可以查看的案件。")
    cases.case(session, current_actor(), found.case_id)
    return found


@room.operation(
    "GET", "/documents/<int:document_id>", access=OFFICER, summary="一份文书", tag="文书",
    answer=answers.DocumentOf, errors=(404,),
)  # fmt: skip
def document(document_id: int) -> Document:
    """What the register says of a document."""
    return _visible(db.session(), document_id)


@room.operation(
    "GET", "/documents/<int:document_id>/pdf", access=OFFICER, summary="一份文书的 PDF", tag="文书",
    media="application/pdf", errors=(404,),
)  # fmt: skip
def pdf(document_id: int) -> Response:
    """The document as it was issued; a void one says so on every page."""
    with transaction() as session:
        found = _visible(session, document_id)
        response = Response(documents.pdf(session, found), mimetype="application/pdf")
        response.headers.set("Content-Disposition", "attachment", filename=f"{found.ident_code}.pdf")
    return response


@room.operation(
    "GET", "/verification/<string(maxlength=60):code>", access=PUBLIC, summary="核验文书真伪（公开）", tag="文书",
    query=requests.VerificationQuery, answer=answers.Verdict, errors=(404,),
)  # fmt: skip
def verification(code: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """What the platform says of a paper, from its QR code (with `k`) or its code typed in."""
    found = asdict(public.verify(db.session(), code, query["k"]))
    return {**found, "code": found["code"][:60]}  # full-width signs grow when they are read
