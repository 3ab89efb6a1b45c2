"""The database: one PostgreSQL, one session, one naming convention.

Rooms declare their tables on `Base`. `db.session` is Flask-SQLAlchemy's scoped session; who may commit is
decided by `app.kernel.transaction` alone.
"""

import select
from datetime import datetime
from typing import Any

import psycopg
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Identity, MetaData, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.pool import Pool

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table. `datetime` columns hold aware UTC moments, `int` columns 64 bits, `dict` and `list` columns JSON
    documents."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            datetime: DateTime(timezone=True),
            dict: JSONB,
            list: JSONB,
            int: BigInteger,
        },
    )


db = SQLAlchemy(model_class=Base)


def identity() -> Mapped[int]:
    """A surrogate key that PostgreSQL alone hands out."""
    return mapped_column(BigInteger, Identity(always=True), primary_key=True)


@event.listens_for(Pool, "checkout")
def _alive(connection: Any, *_: Any) -> None:
    """Replace a pooled connection that the server has closed meanwhile (restart, fail-over).

    Asking the server would cost a round trip at every use. A server that goes away closes its end, and nothing
    is ever unread on an idle connection, so that the socket itself tells, for microseconds.

    Raises:
        DisconnectionError: it is closed; the pool takes another.
    """
    if not isinstance(connection, psycopg.Connection):
        return
    try:
        waiting = select.poll()
        waiting.register(connection.pgconn.socket, select.POLLIN)
        if waiting.poll(0):
            connection.pgconn.consume_input()  # a notice of the server is no reason to leave
            if waiting.poll(0):
                raise DisconnectionError("the server has closed the connection")
    except psycopg.Error as error:
        raise DisconnectionError("the server has closed the connection") from error
