"""Reading the few rows an act needs, in one round trip.

`fetch` sends several queries at once on the session's own connection; each sees what those before it locked.
`entity` makes a row of a model from what came back. `Fragment` is a part of such a query that a room offers:
what the room will want to know of the case when the act reaches it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import Date, DateTime, inspect
from sqlalchemy.orm import Session

from . import statements, writes
from .db import Base

Row = dict[str, Any]
FOUND = "reads"
T = TypeVar("T", bound=Base)


@dataclass(frozen=True, slots=True)
class Fragment:
    """What a room wants to know of a case: an expression with `{case}` for the case's id, giving JSON."""

    name: str
    sql: str


def fetch(session: Session, *queries: tuple[str, Mapping[str, Any]]) -> list[list[Row]]:
    """The rows of each query, sent together. Sends what the act has kept back first."""
    writes.flush(session)
    connection = writes.driver(session)
    began = time.perf_counter()
    try:
        with connection.pipeline():
            sent = [
                connection.cursor(row_factory=dict_row).execute(*query, prepare=True) for query in queries
            ]
        return [cursor.fetchall() for cursor in sent]  # all have come: asking inside would wait for each
    except psycopg.Error as error:
        raise writes.translated(error) from error
    finally:
        statements.note(queries[-1][0], time.perf_counter() - began, len(queries))


def ask(session: Session, query: str, values: Mapping[str, Any]) -> list[Row]:
    """One query on behalf of the request itself, before anything else: an act that follows goes on in its transaction
    (`app.kernel.transaction`), as long as nothing else was asked or written in it."""
    first = not session.in_transaction()
    (rows,) = fetch(session, (query, values))
    if first:
        session.info[writes.ASKED] = session.get_transaction()
    return rows


def entity(model: type[T], row: Mapping[str, Any]) -> T:
    """A row of a model, not attached to any session, from values as psycopg gives them."""
    made = model()
    made.__dict__.update(
        (name, process(row[name]) if process else row[name])
        for name, process in _results(model).items()
        if name in row
    )
    return made


def from_json(model: type[T], row: Mapping[str, Any]) -> T:
    """A row of a model from its JSON (`to_jsonb`)."""
    made = model()
    made.__dict__.update(
        (name, read(row[name]) if read and row.get(name) is not None else row.get(name))
        for name, read in _readers(model).items()
    )
    return made


def remember(session: Session, case_id: int, found: Mapping[str, Any]) -> None:
    """Keep what the fragments found for the rest of this act."""
    session.info.setdefault(FOUND, {})[case_id] = dict(found)


def found(session: Session, case_id: int, name: str, default: Callable[[], Any]) -> Any:
    """What the fragment of this name found for a case in this act, else what `default` says."""
    known: dict[str, Any] = session.info.get(FOUND, {}).get(case_id, {})
    return known[name] if name in known else default()


def forget(session: Session) -> None:
    """The act on a case is over."""
    session.info.pop(FOUND, None)


def joined(fragments: Sequence[Fragment], case: str) -> str:
    """The fragments as columns of a select list; `case` is the expression for the case's id."""
    return ", ".join(f"({f.sql.replace('{case}', case)}) as {f.name}" for f in fragments)


@cache
def _results(model: type[Base]) -> dict[str, Any]:
    return {
        a.key: a.columns[0].type.dialect_impl(writes.DIALECT).result_processor(writes.DIALECT, None)
        for a in inspect(model).column_attrs
    }


@cache
def _readers(model: type[Base]) -> dict[str, Any]:
    readers: dict[str, Any] = {}
    for column in writes.columns(model):
        moment = isinstance(column.type, DateTime)
        day = isinstance(column.type, Date)
        readers[column.key] = datetime.fromisoformat if moment else date.fromisoformat if day else None
    return readers
