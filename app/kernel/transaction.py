"""One act, one transaction, one commit.

A view or a job opens `transaction()` once; services never commit. Any exception rolls everything back.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from psycopg.pq import TransactionStatus
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from . import metrics, writes
from .connections import prepare_in
from .db import db
from .errors import Refused

log = logging.getLogger(__name__)


@contextmanager
def transaction() -> Iterator[Session]:
    """The session of one act: committed at the end, rolled back on any exception.

    Where the connection breaks while COMMIT is under way nobody knows the outcome: the error goes on, and the
    caller repeats the act with the same idempotency key.

    Raises:
        RuntimeError: when an act is opened inside an act; nesting would hide a second commit.
    """
    session = db.session()
    if session.info.get("act"):
        raise RuntimeError("an act is already under way: services take part in it, they do not open one")
    if _only_asked(session):
        prepare_in(writes.driver(session), act=True)
    else:
        session.rollback()  # what was loaded before the act may have changed since
    session.info.clear()  # what was looked up before the act may have changed since
    session.info["act"] = True
    session.info["began"] = time.perf_counter()
    try:
        yield session
        writes.flush(session)
        afterwards = session.info.get("afterwards", ())
        session.commit()
        for told in afterwards:
            told()
    except BaseException as error:
        _give_up(session)
        if isinstance(error, Refused):
            metrics.REFUSALS.labels(error.code).inc()
            _note(session, error)
        raise
    finally:
        session.info.clear()


Note = Callable[[Session, Refused], None]
_noted: list[Note] = []


def note_refusals(note: Note) -> None:
    """Call this whenever a gate of law has refused an act, in a transaction of its own after everything of the act is
    rolled back: what was refused leaves no trace in the case, that it was tried may be kept."""
    if note not in _noted:
        _noted.append(note)


def _note(session: Session, error: Refused) -> None:
    """The refusal is told in any case: where it cannot be kept the log says so."""
    session.info.clear()
    try:
        for note in _noted:
            note(session, error)
        session.commit()
    except DBAPIError:
        log.exception("the refusal %s could not be kept", error.code)
        _give_up(session)


def _only_asked(session: Session) -> bool:
    """Whether this transaction has so far done nothing but ask past the mapper (who is it that sends this request?):
    nothing is loaded that could be old, and at READ COMMITTED every statement sees what is there by then. The act
    goes on in it, and is spared a round trip."""
    asked = session.info.get(writes.ASKED)
    if asked is None or asked is not session.get_transaction() or not asked.is_active:
        return False
    return writes.driver(session).info.transaction_status == TransactionStatus.INTRANS


def _give_up(session: Session) -> None:
    try:
        session.rollback()
    except (
        DBAPIError
    ):  # the connection is gone, and the transaction with it: the first error is the one to tell
        session.invalidate()


def afterwards(session: Session, told: Callable[[], None]) -> None:
    """Call this once the act is committed, never if it is not: for counters. It must not fail."""
    session.info.setdefault("afterwards", []).append(told)


def elapsed(session: Session) -> float:
    """Seconds since the act began."""
    return time.perf_counter() - session.info.get("began", time.perf_counter())
