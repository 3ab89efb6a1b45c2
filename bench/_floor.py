"""The SQL floor: what a step writes, written by psycopg alone in one transaction.

The rows are not guessed. One real step is carried out, the rows it wrote are found by the transaction that
wrote them (xmin), and the same rows are then written for other cases: an INSERT for each new row, an UPDATE
of the changed columns for each changed one. What a step reads, checks and computes is left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from app import tables
from app.kernel.db import Base


@dataclass(frozen=True, slots=True)
class Write:
    """One row as the step left it. `changed` names the columns an UPDATE sets; None for a new row. `place` is
    a changed row's place among the case's rows of its table."""

    table: str
    row: Mapping[str, Any]
    changed: tuple[str, ...] | None = None
    place: int = 0


def _rows(connection: psycopg.Connection, name: str, xmin: int | None = None) -> list[dict[str, Any]]:
    query = sql.SQL("select * from {} where %(xmin)s::text is null or xmin::text = %(xmin)s::text")
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.format(sql.Identifier(name)), {"xmin": xmin}).fetchall()


def writes_of(connection: psycopg.Connection, act: Callable[[], int]) -> list[Write]:
    """Carry out an act, which returns its transaction's id, and tell what it wrote, in order of the tables."""
    tables.load()
    names = [table.name for table in Base.metadata.sorted_tables]
    before = {name: {row["id"]: row for row in _rows(connection, name) if "id" in row} for name in names}
    number = act()
    found = []
    for name in names:
        for row in _rows(connection, name, number % 2**32):
            old = before[name].get(row.get("id"))
            if old is None:
                found.append(Write(name, row))
                continue
            siblings = [i for i, r in before[name].items() if r.get("case_id") == row.get("case_id")]
            place = 0 if name == "case" else sorted(siblings).index(row["id"])
            found.append(Write(name, row, tuple(c for c in row if row[c] != old[c]), place))
    return found


def _ids(connection: psycopg.Connection, name: str, case_id: int) -> list[int]:
    if name == "case":
        return [case_id]
    query = sql.SQL("select id from {} where case_id = %s order by id").format(sql.Identifier(name))
    return [row[0] for row in connection.execute(query, [case_id])]


class Floor:
    """Writes the rows of one step for any case that stands where the measured one stood."""

    def __init__(self, connection: psycopg.Connection, writes: list[Write]):
        self.connection = connection
        self.writes = writes
        self.serial = 0
        json = {
            (t.name, c.name)
            for t in Base.metadata.sorted_tables
            for c in t.columns
            if c.type.__class__.__name__ == "JSONB"
        }
        self.prepared = [(write, *self._statement(write, json)) for write in writes]

    def _statement(self, write: Write, json: set[tuple[str, str]]) -> tuple[sql.Composed, dict[str, Any]]:
        columns = [c for c in write.row if c != "id"] if write.changed is None else list(write.changed)
        values = {
            c: Jsonb(write.row[c]) if (write.table, c) in json and write.row[c] is not None else write.row[c]
            for c in columns
        }
        name = sql.Identifier(write.table)
        names = [sql.Identifier(c) for c in columns]
        places = [sql.Placeholder(c) for c in columns]
        if write.changed is None:
            text = sql.SQL("insert into {} ({}) values ({})").format(
                name, sql.SQL(", ").join(names), sql.SQL(", ").join(places)
            )
        else:
            pairs = [sql.SQL("{} = {}").format(n, p) for n, p in zip(names, places, strict=True)]
            text = sql.SQL("update {} set {} where id = {}").format(
                name, sql.SQL(", ").join(pairs), sql.Placeholder("id")
            )
        return text, values

    def plan(self, case_id: int, work_item_id: int) -> list[tuple[sql.Composed, dict[str, Any]]]:
        """The statements for one case, made ready outside the measured time."""
        self.serial += 1
        own = {"case_id": case_id, "work_item_id": work_item_id}
        ready = []
        for write, text, values in self.prepared:
            mine = values | {c: own[c] for c in own if c in values}
            if write.changed is not None:
                mine["id"] = _ids(self.connection, write.table, case_id)[write.place]
            if write.table == "act_done":
                mine["key"] = f"floor{self.serial:027d}"
            ready.append((text, mine))
        return ready

    def write(self, plan: list[tuple[sql.Composed, dict[str, Any]]]) -> None:
        """One transaction, one statement a row, one commit."""
        with self.connection.transaction():
            for text, values in plan:
                self.connection.execute(text, values)
