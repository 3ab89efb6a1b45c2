"""Timers of procedures: the worker lets those fire whose moment has come (告知期满, 催告期满)."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.engine import service as engine
from app.kernel import writes
from app.kernel.errors import XingquanError

from . import late, locking, routing, stepping, switches
from .models import Case

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=10)
"""When a case is asked again whose timer could not fire."""


def fire_due(session: Session, now: datetime, limit: int) -> int:
    """Let the due timers of at most `limit` cases fire; how many cases were taken. A worker's sweep.

    A case that cannot move on (a document of its next step cannot be filled in, say) is asked again later: it
    must not hold up the timers of all others.
    """
    due = session.scalars(
        select(Case.id)
        .where(Case.next_due <= now)
        .order_by(Case.next_due, Case.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for case_id in due:
        try:
            with writes.nested(session):
                fire(session, case_id, now)
        except Exception:
            log.exception("the timers of case %s could not fire", case_id)
            _postpone(session, case_id, now + PATIENCE)
    return len(due)


def _postpone(session: Session, case_id: int, until: datetime) -> None:
    """Ask a case again later. One whose seal is broken is put off too, and stays broken."""
    try:
        case = locking.lock(session, case_id).case
    except XingquanError:
        session.execute(update(Case).where(Case.id == case_id).values(next_due=until))
    else:
        case.next_due = until
        locking.release(session)


def fire(session: Session, case_id: int, at: datetime) -> None:
    """Let those timers of one case fire that are due at a moment."""
    running = locking.lock(session, case_id, at)
    found = late.snapshot(running)
    case = running.case
    attributes = routing.demanded(running, case.attributes, switches.of_case(running))
    state = case.state if attributes is case.attributes else engine.with_attributes(case.state, attributes)
    advance = engine.refresh(running.spec, state, running.at, running.due())
    stepping.settle(running, advance, {**attributes, **advance.attributes})
    late.keep(running, found, advance)
    locking.release(session)
