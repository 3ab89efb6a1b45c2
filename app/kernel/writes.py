"""What an act writes, kept back and sent in one go.

The way of one step writes a dozen rows. One after the other, each waits for the network and for the ORM; here
they are collected and sent through psycopg's pipeline on the session's own connection, in its transaction.

* `hold(session, row)`: a row the act has read and may change. What changed is written by itself.
* `insert(session, row)`: a new row. `run(session, ...)`: any other statement.
* `flush(session)` sends: changed rows first, then the rest in order. Whoever asks the database anything
  through the session flushes first without knowing it, and so does the end of the act.

Held rows are plain instances of the models, never attached to the session.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Any

import psycopg
from sqlalchemy import Column, Identity, Table, event, inspect
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from . import many, statements
from .db import Base

DIALECT = PGDialect_psycopg()
PENDING = "writes"
ASKED = "asked"
"""The transaction that has done nothing but one question (`reads.ask`); forgotten with whatever comes next."""
Check = Callable[[int], None]
"""Looks at the number of rows a statement touched and may refuse."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """One statement as it is sent. `kind` says which others may travel with it (`many`)."""

    text: str
    values: Mapping[str, Any]
    check: Check | None = None
    kind: many.Kind | None = None


_Insert = tuple[Base, Callable[[Any], None] | None]


@dataclass(slots=True)
class _Held:
    row: Base
    before: dict[str, Any]
    prepare: Callable[[Any], None] | None


@dataclass(slots=True)
class _Pending:
    held: dict[tuple[type, Any], _Held] = field(default_factory=dict)
    statements: list["_Statement | _Insert"] = field(default_factory=list)


def _pending(session: Session) -> _Pending:
    if PENDING not in session.info:
        session.info[PENDING] = _Pending()
    found: _Pending = session.info[PENDING]
    return found


def hold(session: Session, row: Base, prepare: Callable[[Any], None] | None = None) -> None:
    """A row this act has read under a lock: its changes are written when the act ends.

    `prepare` is called with a changed row just before it is written.
    """
    key = (type(row), row.id)  # type: ignore[attr-defined] - rows that are held have a surrogate key
    _pending(session).held[key] = _Held(row, dict(_values(row)), prepare)


def held(session: Session, model: type, key: Any) -> Any:
    """The held row with this key, or None."""
    found = session.info[PENDING].held.get((model, key)) if PENDING in session.info else None
    return found.row if found else None


def insert(session: Session, row: Base, prepare: Callable[[Any], None] | None = None) -> None:
    """A new row; columns without a value get their default. It is read when it is sent, after `prepare` has seen
    it, and with an id of its own it is held from then on."""
    _pending(session).statements.append((row, prepare))


def run(session: Session, statement: str, values: Mapping[str, Any], check: Check | None = None) -> None:
    """Any statement with `%(name)s` places; `check` gets the number of rows it touched."""
    _pending(session).statements.append(_Statement(statement, values, check))


def flush(session: Session) -> None:
    """Send everything that is kept back. On an error the transaction is lost, as with any statement.

    Raises:
        DBAPIError: as SQLAlchemy raises it for its own statements.
    """
    session.info.pop(ASKED, None)
    pending: _Pending | None = session.info.get(PENDING)
    if pending is None:
        return
    ready = [statement for one in list(pending.held.values()) if (statement := _changed(session, one))]
    ready += [_new(session, *s) if isinstance(s, tuple) else s for s in pending.statements]
    if not ready:
        return
    pending.statements = []
    ready = _together(ready)
    connection = driver(session)
    began = time.perf_counter()
    try:
        with connection.pipeline():
            cursors = [connection.execute(one.text, one.values, prepare=True) for one in ready]
    except psycopg.Error as error:
        raise translated(error) from error
    finally:
        statements.note(ready[-1].text, time.perf_counter() - began, len(ready))
    for cursor, one in zip(cursors, ready, strict=True):
        if one.check:
            one.check(cursor.rowcount)


def _together(ready: list[_Statement]) -> list[_Statement]:
    """Many rows of one kind as one statement."""
    if len(ready) < many.FEW:
        return ready
    found = []
    for kind, first, end in many.runs([one.kind for one in ready]):
        if kind is None:
            found.append(ready[first])
            continue
        rows = [one.values for one in ready[first:end]]
        check = None if kind[2] else _rows(end - first)
        found.append(_Statement(many.statement(kind), many.arrays(kind, rows), check))
    return found


def release(session: Session) -> None:
    """Send what is kept back and let go of the rows that are held: an act that goes on to many other cases must
    not look through those of all before at every turn."""
    flush(session)
    if PENDING in session.info:
        session.info[PENDING].held.clear()


def translated(error: psycopg.Error) -> Exception:
    """An error of psycopg as SQLAlchemy raises it. Its values are not told: they may be personal data."""
    found: Exception = DBAPIError.instance(
        "", None, error, psycopg.Error, hide_parameters=True, dialect=DIALECT
    )
    return found


@contextmanager
def nested(session: Session) -> Iterator[None]:
    """A savepoint: what is kept back before it is sent before it. What fails inside is forgotten."""
    flush(session)
    with session.begin_nested():
        yield
        flush(session)


def driver(session: Session) -> psycopg.Connection[Any]:
    """psycopg's own connection below the session, in the session's transaction."""
    return session.connection().connection.driver_connection  # type: ignore[return-value]


def bound(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as psycopg takes them, by the types of their columns."""
    ready = {}
    for name, value in values.items():
        process = _binders(table)[name]
        if isinstance(value, Enum):
            value = value.value
        ready[name] = process(value) if process is not None and value is not None else value
    return ready


def _values(row: Base) -> dict[str, Any]:
    there = row.__dict__
    return {column.key: there[column.key] for column in row.__table__.columns if column.key in there}


def _changed(session: Session, one: _Held) -> _Statement | None:
    row, now = one.row, _values(one.row)
    if now == one.before:
        return None
    if one.prepare:
        one.prepare(row)
        now = _values(row)
    changed = {k: v for k, v in now.items() if k not in one.before or one.before[k] != v}
    one.before = now
    table = row.__table__
    known = session.identity_map.get(identity_key(type(row), row.id))  # type: ignore[attr-defined]
    if known is not None:
        session.expire(known)
    names = tuple(changed)
    values = bound(table, changed | {"id": row.id})  # type: ignore[attr-defined]
    return _Statement(_update(table, names), values, _rows(1), (table, names, False))


def _new(session: Session, row: Base, prepare: Callable[[Any], None] | None) -> _Statement:
    table = row.__table__
    for column in table.columns:
        if row.__dict__.get(column.key) is None and column.default is not None:
            argument = column.default.arg
            row.__dict__[column.key] = argument if column.default.is_scalar else argument(None)
    if prepare:
        prepare(row)
    values = _values(row)
    values = {k: v for k, v in values.items() if v is not None}
    if "id" in values:
        row.__dict__.update(values)
        hold(session, row, prepare)
    names = tuple(values)
    return _Statement(_insert(table, names), bound(table, values), None, (table, names, True))


@cache
def _rows(expected: int) -> Check:
    def check(count: int) -> None:
        if count != expected:
            raise RuntimeError("a held row is gone: it was not locked")

    return check


@cache
def _binders(table: Table) -> dict[str, Any]:
    return {c.key: c.type.dialect_impl(DIALECT).bind_processor(DIALECT) for c in table.columns}


def _quoted(name: str) -> str:
    return f'"{name}"'


@cache
def _insert(table: Table, names: tuple[str, ...]) -> str:
    own = any(isinstance(table.columns[n].server_default, Identity) for n in names)
    return "insert into {} ({}) {} values ({})".format(  # noqa: S608 - names of our tables
        _quoted(table.name),
        ", ".join(map(_quoted, names)),
        "overriding system value" if own else "",
        ", ".join(f"%({n})s" for n in names),
    )


@cache
def _update(table: Table, names: tuple[str, ...]) -> str:
    pairs = ", ".join(f"{_quoted(n)} = %({n})s" for n in names)
    return f"update {_quoted(table.name)} set {pairs} where id = %(id)s"  # noqa: S608 - names of our tables


# every question asked through a session sees what the act has written so far
event.listen(Session, "do_orm_execute", lambda state: flush(state.session))
event.listen(Session, "before_flush", lambda session, *_: flush(session))
# and what was kept back in a transaction or savepoint that is rolled back never happened
event.listen(Session, "after_soft_rollback", lambda session, _: session.info.pop(PENDING, None))


def columns(model: type[Base]) -> tuple[Column[Any], ...]:
    """The columns of a model in the order of its table."""
    return tuple(inspect(model).local_table.columns)  # type: ignore[union-attr]
