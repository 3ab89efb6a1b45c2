"""The connections of the pool: what they have prepared outlives a page.

psycopg has the server forget every prepared statement at a ROLLBACK, because a table that was made and rolled back
may come again in another shape. Every page that only reads ends with a ROLLBACK, and so an act would find nothing
prepared and pay for planning each time. Tables change in migrations alone, before anybody serves: a transaction in
which nothing went wrong is rolled back here without forgetting.

Prepared are the few statements of `app.kernel.reads` and `app.kernel.writes`, at their first use, and what an act
repeats through the mapper. The lists and searches of the pages are not: how they are best answered depends on what
is asked for.

These few also travel together. psycopg's own pipeline gives the server each statement as soon as it has it, and waits
for the answer to BEGIN: one wake-up of the server for each. A `batch` is one message there and one answer back.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
from psycopg import generators
from psycopg.abc import PQGen
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

IN_ACTS = 5
"""In acts the mapper's statements are prepared at their sixth use, which is psycopg's own rule."""
PREPARED_MOST = 200
"""How many statements a connection keeps prepared; beyond, the one unused for longest is forgotten."""


class _Batch(psycopg.Pipeline):
    """A pipeline that keeps what it is given until it ends, and then sends it all at once."""

    begun = False

    def _communicate_gen(self) -> PQGen[None]:
        return
        yield  # a generator, as psycopg expects, that asks for nothing

    def _exit_gen(self) -> PQGen[None]:
        try:
            self._enqueue_sync()
            while self.command_queue:
                self.command_queue.popleft()()  # into the buffer of libpq
            yield from generators.send(self.pgconn)  # and what the server says meanwhile is taken in
        finally:
            yield from self._fetch_gen(flush=False)


class Connection(psycopg.Connection[Any]):
    """A connection that keeps its prepared statements when a transaction in good order is rolled back, and that
    can send statements together."""

    @contextmanager
    def batch(self) -> Iterator[None]:
        """What is executed within goes to the server together at the end, with BEGIN before it where no transaction
        is open. Results are there afterwards; the first error is raised then."""
        if self._pipeline is not None:
            raise RuntimeError("a batch cannot stand inside a pipeline")
        self._check_connection_ok()
        batch = self._pipeline = _Batch(self)
        try:
            with batch:
                yield
        finally:
            self._pipeline = None

    def _start_query(self) -> PQGen[None]:
        batch = self._pipeline
        if not isinstance(batch, _Batch):
            yield from super()._start_query()
        elif not batch.begun:
            batch.begun = True
            if not self.autocommit and self.pgconn.transaction_status == TransactionStatus.IDLE:
                yield from self._exec_command(self._get_tx_start_command())

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


def together(connection: psycopg.Connection[Any]) -> AbstractContextManager[object]:
    """Statements executed within travel together: as a batch on a connection of the pool, else as a pipeline."""
    return connection.batch() if isinstance(connection, Connection) else connection.pipeline()
