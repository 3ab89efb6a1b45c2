"""Is this paper genuine: what the public is told of an identification code."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from . import numbering
from .models import Document, Status
from .numbering import is_code, normalised_code


class Verdict(StrEnum):
    """What the public verification says of a paper."""

    GENUINE = "genuine"
    VOID = "void"
    REPLACED = "replaced"  # corrected or superseded: another document holds
    UNKNOWN = "unknown"  # no such document, or not one that is verified publicly
    FORGED = "forged"  # the code's MAC is not ours


VERDICTS = {Status.ISSUED: Verdict.GENUINE, Status.VOID: Verdict.VOID}


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer, with nothing personal in it. The fields are empty unless the document exists."""

    verdict: Verdict
    code: str
    agency: str = ""
    title: str = ""
    number: str = ""
    issued_on: date | None = None
    by_link: bool = False


def verify_code(session: Session, code: str, mac: str | None) -> Verification:
    """Whether there is such a document. With `mac` (from the QR code) a forged link is told apart first.

    Only sealed documents, those meant for the public's hands, are answered for.
    """
    code = normalised_code(code)
    if mac is not None and not numbering.is_mac(code, mac, current_app.config["SECRET_KEY"]):
        return Verification(Verdict.FORGED, code, by_link=True)
    found = None
    if is_code(code):
        chosen = select(Document).where(Document.ident_code == code).options(undefer(Document.data))
        found = session.scalars(chosen).one_or_none()
    if found is None or not found.data["meta"].get("link"):
        return Verification(Verdict.UNKNOWN, code, by_link=mac is not None)
    return Verification(
        VERDICTS.get(found.status, Verdict.REPLACED),
        code,
        found.data["meta"]["agency"],
        found.title,
        found.number or "",
        found.issued_on,
        mac is not None,
    )
