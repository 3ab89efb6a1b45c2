"""What the worker does for this room. Importing the module registers it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.kernel import jobs
from app.kernel.models import Job, JobState
from app.kernel.transaction import transaction

from . import anchors

FILE = "audit.anchor_file"


def anchor(session: Session, now: datetime) -> None:
    """The daily anchor; the file is written once it is committed."""
    number = anchors.take(session).told["anchor"]
    jobs.enqueue(session, FILE, {"anchor": number}, key=f"{FILE}:{number}")


def _into_the_file(payload: Mapping[str, Any], key: str) -> None:
    with transaction() as session:
        anchors.store(session)


def file_is_due(session: Session) -> bool:
    """Whether an anchor is still to be written into the file by a worker."""
    waiting = exists().where(Job.kind == FILE, Job.state.in_((JobState.QUEUED, JobState.LEASED)))
    return bool(session.scalar(select(waiting)))


jobs.register_effect(FILE, _into_the_file)
jobs.periodic("audit.anchor", 24 * 3600, anchor)
