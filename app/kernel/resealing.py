"""Seal anew under the newest key whatever an older one sealed, batch by batch, as jobs.

A batch is one short transaction. Rows somebody holds are left for a later round; the work ends when a round
finds nothing under an older key. Old keys stay in the ring: old backups need them.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, func, select, type_coerce, update
from sqlalchemy.orm import Session

from . import clock, files, jobs, keys
from .db import Base
from .sealed import SealedJson, seal, unseal

ROWS_JOB = "keys.reseal"
FILES_JOB = "keys.reseal_files"
BATCH = 200
AGAIN = timedelta(seconds=30)
"""When rows that were in use are looked for again."""


def columns() -> Iterator[tuple[Table, Column[Any]]]:
    """Every sealed column of the loaded tables."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, SealedJson):
                yield table, column


def begin(session: Session) -> int:
    """Ask for all values and files to be sealed under the newest key; the number of jobs."""
    key, asked = keys.ring(fresh=True).sealing().id, 0
    for table, column in columns():
        payload = {"table": table.name, "column": column.name, "key": key, "after": 0}
        asked += jobs.enqueue(session, ROWS_JOB, payload) is not None
    if files.sealing():
        for prefix in range(256):
            payload = {"prefix": f"{prefix:02x}", "key": key}
            asked += jobs.enqueue(session, FILES_JOB, payload) is not None
    return asked


def reseal_rows(session: Session, payload: Mapping[str, Any]) -> None:
    """One batch of one column, and the job for the next one (job handler)."""
    table = Base.metadata.tables[payload["table"]]
    column, key, after = table.c[payload["column"]], payload["key"], payload["after"]
    if key != keys.sealing().id:
        return  # a newer key came: its own jobs do the work
    raw = type_coerce(column, LargeBinary)
    older = func.get_byte(raw, 1) != key
    chosen = select(table.c.id, raw).where(column.is_not(None), older, table.c.id > after)
    rows = session.execute(chosen.order_by(table.c.id).limit(BATCH).with_for_update(skip_locked=True)).all()
    for row_id, blob in rows:
        value = seal(unseal(blob, str(column)), str(column))
        session.execute(
            update(table).where(table.c.id == row_id).values({column: type_coerce(value, LargeBinary)})
        )
    if len(rows) == BATCH:
        jobs.enqueue(session, ROWS_JOB, {**payload, "after": rows[-1][0]})
    elif session.scalar(select(table.c.id).where(column.is_not(None), older).limit(1)) is not None:
        jobs.enqueue(session, ROWS_JOB, {**payload, "after": 0}, run_at=clock.now() + AGAIN)


def reseal_files(_: Session, payload: Mapping[str, Any]) -> None:
    """The files whose digest begins with these two digits (job handler). Doing it twice changes nothing."""
    if payload["key"] == keys.sealing().id:
        for digest in files.digests(payload["prefix"]):
            files.reseal(digest, payload["key"])


def counts(session: Session) -> dict[str, dict[int, int]]:
    """How many values of each sealed column stand under which key."""
    found = {}
    for _, column in columns():
        key = func.get_byte(type_coerce(column, LargeBinary), 1)
        rows = session.execute(
            select(key, func.count()).where(column.is_not(None)).group_by(key).order_by(key)
        )
        found[str(column)] = dict(rows.all())
    return found


jobs.register(ROWS_JOB, reseal_rows)
jobs.register(FILES_JOB, reseal_files)
