"""Everything a case consists of, as it is: an act that was refused has changed none of it, byte for byte."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from .town import Town

Rows = Mapping[str, Any]


def stored_files() -> list[tuple[str, int]]:
    """The files of the store with their sizes."""
    home = Path(os.environ["XQ_HOME"])
    return sorted((str(p.relative_to(home)), p.stat().st_size) for p in home.rglob("*") if p.is_file())


def everything(town: Town, case_id: int) -> Rows:
    """Every row of every table that belongs to the case, every number series, every job, every file."""
    return {**town.rows(case_id), "files": stored_files()}


@contextmanager
def unchanged(town: Town, case_id: int) -> Iterator[None]:
    """What is tried inside leaves the case as it was."""
    before = everything(town, case_id)
    assert {
        "case",
        "work_item",
        "submission",
        "document",
        "document_series",
        "job",
        "record_entry",
        "clock",
    } <= set(before)
    yield
    assert everything(town, case_id) == before


def sql(town: Town, statement: str, **values: Any) -> int:
    """What somebody with access to the database alone does."""
    with town.app.app_context():
        from app.kernel.db import db

        with db.engine.begin() as connection:
            return connection.execute(text(statement), values).rowcount


@contextmanager
def edited(town: Town, table: str, row_id: int, change: str) -> Iterator[None]:
    """A row as somebody's editor left it, for a while: `change` is what follows `set`."""
    with town.app.app_context():
        from app.kernel.db import Base, db

        found = Base.metadata.tables[table]
        with db.engine.begin() as connection:
            kept = connection.execute(found.select().where(found.c.id == row_id)).one()
            done = connection.execute(text(f'update "{table}" set {change} where id = {row_id}'))  # noqa: S608
            assert done.rowcount == 1
    try:
        yield
    finally:
        values = {name: value for name, value in kept._mapping.items() if name != "id"}
        with town.app.app_context(), db.engine.begin() as connection:
            connection.execute(found.update().where(found.c.id == row_id).values(**values))
