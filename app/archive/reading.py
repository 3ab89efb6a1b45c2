"""Reading much at one moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from app.kernel.db import db


@contextmanager
def one_moment() -> Iterator[Session]:
    """A session that sees the database as it is now, whatever happens meanwhile, and writes nothing."""
    settings = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with db.engine.connect().execution_options(**settings) as connection, Session(connection) as session:
        yield session
