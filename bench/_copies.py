"""Many cases out of one: the rows of a case copied inside PostgreSQL, in thousands a second.

Every copy is complete (engine state, tasks, submissions, clocks, documents, record), so that an act on it is
an act like any other. Identifiers move by a fixed distance for each copy; serial numbers of documents go on
where the series stands.
"""

from dataclasses import dataclass

import psycopg
from psycopg import sql
from sqlalchemy import Table

from app import tables
from app.kernel.db import Base

from . import sealing

SKIPPED = {"act_done"}
"""Answers to acts long done: a copy never repeats them."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table that belongs to cases, and the table its numbers point to (itself for a key)."""

    name: str
    points_to: str | None


def case_tables() -> list[Table]:
    """The case's own tables, those that are referred to first."""
    tables.load()
    return [
        table
        for table in Base.metadata.sorted_tables
        if table.name not in SKIPPED and (table.name == "case" or "case_id" in table.columns)
    ]


def _columns(table: Table) -> list[Column]:
    found = []
    for column in table.columns:
        if column.name == "id":
            target = table.name
        elif column.name in ("case_id", "work_item_id"):
            target = column.name.removesuffix("_id")
        else:
            target = None
        found.append(Column(column.name, target))
    return found


def multiply(connection: psycopg.Connection, case_id: int, times: int) -> list[int]:
    """Copy a case so many times; the ids of the copies."""
    own = case_tables()
    distance: dict[str, tuple[int, int]] = {}
    with connection.transaction():
        for table in own:
            if "id" not in table.columns:
                continue
            key = sql.Identifier("id" if table.name == "case" else "case_id")
            name = sql.Identifier(table.name)
            first, last = connection.execute(
                sql.SQL("select min(id), max(id) from {} where {} = %s").format(name, key), [case_id]
            ).fetchone() or (None, None)
            top = connection.execute(sql.SQL("select max(id) from {}").format(name)).fetchone()
            if first is not None and top is not None:
                distance[table.name] = (top[0] + 1 - first, last - first + 1)
        for table in own:
            _copy(connection, table, case_id, times, distance)
        connection.execute(
            "update document_series s set last = d.last from"
            " (select agency_id, type_char, year, max(seq) as last from document group by 1, 2, 3) d"
            " where (s.agency_id, s.type_char, s.year) = (d.agency_id, d.type_char, d.year) and s.last < d.last"
        )
    move, stride = distance["case"]
    copies = [case_id + move + n * stride for n in range(times)]
    sealing.seal(connection, copies)
    connection.execute("analyze")
    return copies


def _copy(
    connection: psycopg.Connection,
    table: Table,
    case_id: int,
    times: int,
    distance: dict[str, tuple[int, int]],
) -> None:
    name = sql.Identifier(table.name)
    columns = _columns(table)
    values = [_value(table, column, distance) for column in columns]
    connection.execute(
        sql.SQL(
            "insert into {name} ({columns}) overriding system value"
            " select {values} from {name} t cross join generate_series(0, {times}) n where t.{key} = {case}"
        ).format(
            name=name,
            columns=sql.SQL(", ").join(sql.Identifier(column.name) for column in columns),
            values=sql.SQL(", ").join(values),
            times=sql.Literal(times - 1),
            key=sql.Identifier("id" if table.name == "case" else "case_id"),
            case=sql.Literal(case_id),
        )
    )
    if "id" in table.columns:
        connection.execute(
            sql.SQL("select setval(pg_get_serial_sequence({text}, 'id'), max(id)) from {name}").format(
                text=sql.Literal(f'"{table.name}"'), name=name
            )
        )


def _value(table: Table, column: Column, distance: dict[str, tuple[int, int]]) -> sql.Composable:
    own = sql.SQL("t.{}").format(sql.Identifier(column.name))
    if column.points_to in distance:
        move, stride = distance[column.points_to]
        return sql.SQL("{} + {} + n * {}").format(own, sql.Literal(move), sql.Literal(stride))
    if (table.name, column.name) == ("case", "no"):
        return sql.SQL("{} || '-' || (select max(id) from \"case\") || '-' || n").format(own)
    if (table.name, column.name) == ("document", "seq"):
        last = sql.SQL(
            "(select max(d.seq) from document d"
            " where (d.agency_id, d.type_char, d.year) = (t.agency_id, t.type_char, t.year))"
        )
        return sql.SQL("{} + {} * (n + 1)").format(own, last)
    if (table.name, column.name) == ("document", "ident_code"):
        return sql.SQL("{} || '-' || (select max(id) from document) || '-' || n").format(own)
    return own
