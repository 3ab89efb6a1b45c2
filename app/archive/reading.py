"""Reading much at one moment, and what is sealed one by one: a value that somebody has spoiled stops nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import LargeBinary, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.kernel import sealed
from app.kernel.db import db

LOST = object()
"""Stands for a sealed value that does not open."""


@contextmanager
def one_moment() -> Iterator[Session]:
    """A session that sees the database as it is now, whatever happens meanwhile, and writes nothing."""
    settings = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with db.engine.connect().execution_options(**settings) as connection, Session(connection) as session:
        yield session


def unsealed(session: Session, column: InstrumentedAttribute[Any], *where: Any) -> dict[int, Any]:
    """The values of a sealed column by the ids of their rows; `LOST` for those that do not open."""
    found: dict[int, Any] = {}
    table = column.class_
    kept: sealed.SealedJson = column.type  # type: ignore[assignment]
    for row_id, blob in session.execute(select(table.id, type_coerce(column, LargeBinary())).where(*where)):
        try:
            found[row_id] = None if blob is None else sealed.unseal(blob, kept.where)
        except sealed.Unreadable:
            found[row_id] = LOST
    return found
