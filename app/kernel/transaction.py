"""One act, one transaction, one commit.

A view or a job opens `transaction()` once; services never commit. Any exception rolls everything back.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from . import writes
from .db import db


@contextmanager
def transaction() -> Iterator[Session]:
    """The session of one act: committed at the end, rolled back on any exception.

    Raises:
        RuntimeError: when an act is opened inside an act; nesting would hide a second commit.
    """
    session = db.session()
    if session.info.get("act"):
        raise RuntimeError("an act is already under way: services take part in it, they do not open one")
    session.rollback()  # a read before the act must not lend it an old snapshot
    session.info.clear()  # what was looked up before the act may have changed since
    session.info["act"] = True
    try:
        yield session
        writes.flush(session)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.clear()
