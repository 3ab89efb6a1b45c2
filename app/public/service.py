"""The door of the room: is this paper genuine? One pace for the page and for programs."""

from flask import request
from sqlalchemy.orm import Session

from ..documents import service as documents
from ..kernel import clock
from ..kernel.errors import TooOften
from .rules import Pace

_pace = Pace(limit=30, window=60)


def verify(session: Session, code: str, mac: str | None) -> documents.Verification:
    """What the platform says of a document: from its QR code (with `mac`), or from its code typed in.

    Raises:
        TooOften: this address asks faster than a person can read papers.
    """
    if not _pace.allows(request.remote_addr or "", clock.now().timestamp()):
        raise TooOften("查询过于频繁，请一分钟后再试。")
    return documents.verify_code(session, code[:60], mac)
