"""The formats of an issued document: PDF, DOCX and OFD, each made once, kept by its digest."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from ..kernel import files
from . import render_docx, render_pdf
from .models import Document, Status

RENDER_JOB, OFD_JOB = "documents.render", "documents.ofd"
TRIAL = "试运行"
MARKS = {Status.VOID: "作废", Status.CORRECTED: "已更正", Status.SUPERSEDED: "已被替代"}
"""What stands across every page of a document that does not hold any more."""

Enqueue = Callable[..., Any]


def enqueue_job(session: Session, kind: str, payload: dict[str, Any], key: str) -> None:
    """Ask for a job in the caller's transaction."""
    from ..kernel import jobs  # the job table needs models, which must not load with this module

    jobs.enqueue(session, kind, payload, key=key)


def specimen(document: Document) -> bytes:
    """The PDF of a document that a try of its procedure issued: marked 试运行, kept nowhere."""
    return render_pdf.pdf(document.data, TRIAL)


def pdf(session: Session, document: Document) -> bytes:
    """The PDF, rendered now if the job has not run yet. One that does not stand any more is
    rendered anew, marked as what it is."""
    if document.status != Status.ISSUED:
        return render_pdf.pdf(document.data, MARKS[document.status])
    if document.pdf_digest is None:
        content = render_pdf.pdf(document.data)
        document.pdf_digest = files.put(content)
        return content
    return files.get(document.pdf_digest)


def print_pdf(document: Document) -> bytes:
    """The PDF for printing: every named copy (当事人联, 存根联 …) in order. Set anew each time and kept nowhere."""
    return render_pdf.every_copy(document.data, MARKS.get(document.status, ""))


def render(document: Document) -> bytes:
    """The PDF as it was issued, set anew and not stored: the same program and fonts give the same bytes."""
    return render_pdf.pdf(document.data)


def docx(session: Session, document: Document) -> bytes:
    """The editable copy, rendered now if it has not been asked for before."""
    if document.docx_digest is None:
        content = render_docx.docx(document.data)
        document.docx_digest = files.put(content)
        return content
    return files.get(document.docx_digest)


def ofd(session: Session, document: Document) -> bytes:
    """The OFD (GB/T 33190): what the PDF says at the same places; rendered now if the job has not run yet. One
    that does not stand any more is rendered anew, marked as what it is."""
    from . import render_ofd  # reads PDFs: only whoever makes an OFD pays for that

    if document.status != Status.ISSUED:
        return render_ofd.ofd(document.data, pdf(session, document))
    if document.ofd_digest is None:
        content = render_ofd.ofd(document.data, pdf(session, document))
        document.ofd_digest = files.put(content)
        return content
    return files.get(document.ofd_digest)


def render_job(session: Session, payload: Mapping[str, Any], *, enqueue: Enqueue = enqueue_job) -> None:
    """The job that renders the PDF of a document just issued, and asks for its OFD. Doing it twice does nothing more."""
    document = session.get(Document, payload["document_id"], with_for_update=True)
    if document is not None:
        pdf(session, document)
        enqueue(session, OFD_JOB, {"document_id": document.id}, key=f"ofd:{document.id}")


def ofd_job(session: Session, payload: Mapping[str, Any]) -> None:
    """The job that makes the OFD of a document. Doing it twice does nothing more."""
    document = session.get(Document, payload["document_id"], with_for_update=True)
    if document is not None:
        ofd(session, document)
