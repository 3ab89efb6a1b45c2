"""The connections of the pool: what they have prepared outlives a page.

psycopg has the server forget every prepared statement at a ROLLBACK, because a table that was made and rolled back
may come again in another shape. Every page that only reads ends with a ROLLBACK, and so an act would find nothing
prepared and pay for planning each time. Tables change in migrations alone, before anybody serves: a transaction in
which nothing went wrong is rolled back here without forgetting.

Prepared are the few statements of `app.kernel.reads` and `app.kernel.writes`, at their first use, and what an act
repeats through the mapper. The lists and searches of the pages are not: how they are best answered depends on what
is asked for.
"""

from typing import Any

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

IN_ACTS = 5
"""In acts the mapper's statements are prepared at their sixth use, which is psycopg's own rule."""
PREPARED_MOST = 200
"""How many statements a connection keeps prepared; beyond, the one unused for longest is forgotten."""


class Connection(psycopg.Connection[Any]):
    """A connection that keeps its prepared statements when a transaction in good order is rolled back."""

    def rollback(self) -> None:
        """End the transaction without a trace. After an error the server forgets what is prepared, too."""
        if self.pgconn.transaction_status == TransactionStatus.INTRANS:
            with self.lock:
                if self.pgconn.exec_(b"ROLLBACK").status == ExecStatus.COMMAND_OK:
                    return
        super().rollback()


@event.listens_for(Engine, "do_connect")
def _connect(dialect: Any, _: Any, arguments: Any, options: Any) -> Any:
    if dialect.driver != "psycopg":
        return None
    connection = Connection.connect(*arguments, **options)
    connection.prepared_max = PREPARED_MOST
    return connection


@event.listens_for(Session, "after_begin")
def _begun(session: Session, _: Any, connection: Any) -> None:
    prepare_in(connection.connection.driver_connection, act=bool(session.info.get("act")))


def prepare_in(connection: Any, act: bool) -> None:
    """Whether statements are prepared that do not ask for it: in an act, and not on a page."""
    if isinstance(connection, Connection):
        connection.prepare_threshold = IN_ACTS if act else 2**31
