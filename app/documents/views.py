"""The files of issued documents. Who may see a case decides who may see its documents."""

from collections.abc import Callable
from urllib.parse import quote

from flask import Response, request
from sqlalchemy.orm import Session

from ..kernel.auth import SIGNED_IN, Actor, current_actor
from ..kernel.errors import NotFound
from ..kernel.transaction import transaction
from ..kernel.web import Room
from . import service
from .models import Document, Status

room = Room("documents", __name__)

CaseGuard = Callable[[Session, Actor, int], None]
OFD = "application/ofd"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _nobody_may(session: Session, actor: Actor, case_id: int) -> None:
    raise NotFound()


_guard: CaseGuard = _nobody_may


def install_case_guard(guard: CaseGuard) -> None:
    """Tell this room who may see a case (done once, by `cases`). The guard raises NotFound or Forbidden."""
    global _guard
    _guard = guard


def _visible(session: Session, document_id: int) -> Document:
    document = service.by_id(session, document_id)
    if document is None:
        raise NotFound("没有找到这份文书。它可能不存在，或者不属于您可以查看的案件。")
    _guard(session, current_actor(), document.case_id)
    return document


def _file(content: bytes, mimetype: str, document: Document, suffix: str, digest: str | None) -> Response:
    response = Response(content, mimetype=mimetype)
    name = f"{document.number or document.ident_code} {document.title}.{suffix}"
    response.headers.set("Content-Disposition", "inline", filename=f"{document.ident_code}.{suffix}")
    response.headers["Content-Disposition"] += f"; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Cache-Control"] = "private, no-cache"
    if digest:
        response.set_etag(digest)
    response.make_conditional(request)
    return response


@room.get("/documents/<int:document_id>.pdf", access=SIGNED_IN)
def pdf(document_id: int) -> Response:
    """The document as it was issued, shown in the browser; a void one says so on every page."""
    with transaction() as session:
        document = _visible(session, document_id)
        content = service.pdf(session, document)
        digest = None if document.status != Status.ISSUED else document.pdf_digest
        return _file(content, "application/pdf", document, "pdf", digest)


@room.get("/documents/<int:document_id>/copies.pdf", access=SIGNED_IN)
def copies(document_id: int) -> Response:
    """Every named copy for the printer: the party's, the stub, the archive's, each with its own page numbers."""
    with transaction() as session:
        document = _visible(session, document_id)
        return _file(service.print_pdf(document), "application/pdf", document, "pdf", None)


@room.get("/documents/<int:document_id>.ofd", access=SIGNED_IN)
def ofd(document_id: int) -> Response:
    """The document as OFD (GB/T 33190), to keep or to exchange; a void one says so on every page."""
    with transaction() as session:
        document = _visible(session, document_id)
        content = service.ofd(session, document)
        digest = None if document.status != Status.ISSUED else document.ofd_digest
        return _file(content, OFD, document, "ofd", digest)


@room.get("/documents/<int:document_id>.docx", access=SIGNED_IN)
def docx(document_id: int) -> Response:
    """The editable copy."""
    with transaction() as session:
        document = _visible(session, document_id)
        content = service.docx(session, document)
        return _file(content, WORD, document, "docx", document.docx_digest)
