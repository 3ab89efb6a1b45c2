"""Many cases out of one: the rows of a case copied inside PostgreSQL, in thousands a second.

Every copy is complete (engine state, tasks, submissions, clocks, documents) and has a record of its own whose
chain holds, so that an act on it is an act like any other. Identifiers move by a fixed distance for each copy;
numbers of cases and documents go on where their series stand. With a pool of parties every copy has another
party, and is found by its name and its number. What is the template's in all copies: the text of the
documents, and what it says of numbers and parties.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import psycopg
from psycopg import sql
from sqlalchemy import Table
from sqlalchemy.orm import Session

from app import tables
from app.audit import service as audit
from app.kernel.db import Base, db

from . import _record, sealing
from ._parties import POOL, Pool

SKIPPED = {"act_done", "record_entry", "token_step"}
"""Answers to acts long done: a copy never repeats them. The record is written anew. The trail of a copy begins with its
next act: what its rows say under their seal is true of the template alone."""
CHECK_CHARACTER = """
create or replace function pg_temp.checked(code text) returns text language plpgsql immutable strict as $$
declare product int := 36; total int;
begin
  for place in 1 .. length(code) loop
    total := (product + strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', substr(code, place, 1)) - 1) % 36;
    product := (case total when 0 then 36 else total end) * 2 % 37;
  end loop;
  return code || substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', (37 - product) % 36 + 1, 1);
end $$
"""
"""ISO/IEC 7064 MOD 37,36, as in `app.documents.numbering`."""


def case_tables() -> list[Table]:
    """The case's own tables, those that are referred to first."""
    tables.load()
    return [
        table
        for table in Base.metadata.sorted_tables
        if table.name != "act_done" and (table.name == "case" or "case_id" in table.columns)
    ]


@dataclass(frozen=True, slots=True)
class Range:
    """Where a template's rows of one table go: id -> id + move + n * stride."""

    move: int
    stride: int

    def of(self, value: sql.Composable) -> sql.Composable:
        """The copy's id, as an expression over the template's."""
        return sql.SQL("({} + {} + s.n * {})").format(value, sql.Literal(self.move), sql.Literal(self.stride))


@dataclass(slots=True)
class Plan:
    """All that is needed to copy one case; `statements` may run on any connection, beside those of others."""

    case_id: int
    times: int
    ranges: dict[str, Range]
    pool: Pool | None
    statements: list[sql.Composable] = field(default_factory=list)

    @property
    def ids(self) -> range:
        """The ids of the copies."""
        moved = self.ranges["case"]
        first = self.case_id + moved.move
        return range(first, first + self.times * moved.stride, moved.stride)


class Planner:
    """Hands out places for copies: ids and serial numbers, so that several plans may run at once."""

    def __init__(self, connection: psycopg.Connection, session: Session | None = None):
        self.connection = connection
        self.session = session or db.session()
        self.next: dict[str, int] = {}
        self.series: dict[tuple[int, str, int], int] = {}
        rows = connection.execute("select agency_id, type_char, year, last from document_series").fetchall()
        self.series = {(agency, char, year): last for agency, char, year, last in rows}
        for table in case_tables():
            if "id" in table.columns and table.name not in SKIPPED:
                query = sql.SQL("select coalesce(max(id), 0) + 1 from {}").format(sql.Identifier(table.name))
                self.next[table.name] = _one(connection, query)

    def plan(self, case_id: int, times: int, pool: Pool | None = None, due: str | None = None) -> Plan:
        """How to copy a case so many times. `due`: when the worker looks at the timers of the copies."""
        ranges = {}
        for name in self.next:
            key = sql.Identifier("id" if name == "case" else "case_id")
            query = sql.SQL("select min(id), max(id) from {} where {} = %s").format(sql.Identifier(name), key)
            first, last = self.connection.execute(query, [case_id]).fetchone() or (None, None)
            if first is not None:
                stride = last - first + 1
                ranges[name] = Range(self.next[name] - first, stride)
                self.next[name] += stride * times
        plan = Plan(case_id, times, ranges, pool)
        plan.statements = _Statements(self, plan, due).all()
        return plan

    def serial(self, agency: int, char: str, year: int, times: int) -> int:
        """The first of so many serial numbers of a series."""
        last = self.series.get((agency, char, year), 0)
        self.series[agency, char, year] = last + times
        return last + 1

    def finish(self) -> None:
        """Let sequences and series go on behind the copies."""
        for name, following in self.next.items():
            self.connection.execute(
                "select setval(pg_get_serial_sequence(%s, 'id'), %s, false)", [f'"{name}"', following]
            )
        with self.connection.cursor() as cursor:
            cursor.executemany(
                "insert into document_series (agency_id, type_char, year, last) values (%s, %s, %s, %s)"
                " on conflict (agency_id, type_char, year) do update set last = excluded.last",
                [(*key, last) for key, last in self.series.items()],
            )


class _Statements:
    """The statements that copy one case."""

    def __init__(self, planner: Planner, plan: Plan, due: str | None):
        self.planner, self.plan = planner, plan
        self.own: dict[tuple[str, str, int | None], sql.Composable] = {}
        """Columns that are neither copied nor moved: (table, column, template's id) -> expression."""
        if due:
            self.own["case", "next_due", None] = sql.SQL(
                "case when t.next_due is not null then {}::timestamptz end"
            ).format(sql.Literal(due))
        self.marks: dict[str, int | str] = {}
        self.holes = _record.Holes()
        self.made: dict[str, sql.Composable] = {}
        """Columns of the temporary table `made`, one row a copy."""

    def all(self) -> list[sql.Composable]:
        self._numbers()
        if self.plan.pool:
            self._parties(self.plan.pool)
        entries = audit.of_case(self.planner.session, self.plan.case_id)
        joins, rows = _record.chain(self._marked(entries), self.holes)
        statements: list[sql.Composable] = [sql.SQL(CHECK_CHARACTER), self._made(joins, len(entries))]
        statements += [self._copy(table) for table in case_tables() if table.name not in SKIPPED]
        columns = "case_id, seq, at, kind, actor_id, digest, packed"
        statements.append(
            sql.SQL(
                "insert into record_entry ({}) select s.case_id, v.* from made s"
                " cross join lateral (values {}) v order by s.n"
            ).format(sql.SQL(columns), rows)
        )
        digest = sql.Identifier(f"d{len(entries)}")
        self.own["case", "record_digest", None] = sql.SQL("s.{}").format(digest)
        return [*statements, sql.SQL("drop table made")]

    def _numbers(self) -> None:
        plan, connection = self.plan, self.planner.connection
        agency, no = connection.execute(
            'select agency_id, no from "case" where id = %s', [plan.case_id]
        ).fetchone() or (0, "")
        before, year = no.partition("〔")[0], int(no.partition("〔")[2][:4])
        first = self.planner.serial(agency, "案", year, plan.times)
        self.made["no"] = sql.SQL("{} || (n + {}) || '号'").format(
            sql.Literal(f"{before}〔{year}〕"), sql.Literal(first)
        )
        self.own["case", "no", None] = sql.SQL("s.no")
        self.marks[f"no:{no}"] = self.holes.text(sql.SQL("s.no"))
        documents = connection.execute(
            "select id, agency_id, type_char, year, number, ident_code from document where case_id = %s"
            " order by id",
            [plan.case_id],
        ).fetchall()
        for number_id, agency, char, year, number, code in documents:
            first = self.planner.serial(agency, char, year, plan.times)
            serial = sql.SQL("(s.n + {})").format(sql.Literal(first))
            told = sql.SQL("{} || {} || '号'").format(
                sql.Literal((number or "").partition("〕")[0] + "〕"), serial
            )
            stem = sql.Literal(code[: -1 - len(_digits(code, year))])
            self.own["document", "seq", number_id] = serial
            self.own["document", "number", number_id] = told if number else sql.SQL("null")
            self.own["document", "ident_code", number_id] = sql.SQL(
                "pg_temp.checked({} || case when {serial} < 100000 then lpad({serial}::text, 5, '0')"
                " else {serial}::text end)"
            ).format(stem, serial=serial)
            self.marks[f"id:{number_id}"] = self.holes.number(
                plan.ranges["document"].of(sql.Literal(number_id))
            )
            if number:
                self.marks[f"number:{number}"] = self.holes.text(told)

    def _parties(self, pool: Pool) -> None:
        self.own["case", "title", None] = sql.SQL("p.name || {}").format(sql.Literal(pool.ending))
        self.own["case", "party", None] = sql.SQL("p.party")
        self.own["case", "party_keys", None] = sql.SQL("p.keys")
        self.own["case", "search", None] = sql.SQL(
            "array(select distinct g from unnest(p.grams || array(select lower(substr(s.no, i, 2))"
            " from generate_series(1, length(s.no) - 1) i)) g order by g)"
        )
        for place, (submission, digest) in enumerate(pool.submissions, 1):
            self.own["submission", "data", submission] = sql.SQL("p.data[{}]").format(sql.Literal(place))
            self.marks[f"data:{digest}"] = self.holes.digest(
                sql.SQL("s.digests[{}]").format(sql.Literal(place))
            )
        self.made["p"] = sql.SQL("n % {}").format(sql.Literal(len(pool)))

    def _marked(self, entries: Sequence[audit.Entry]) -> list[audit.Entry]:
        for kind, table in (("work", "work_item"), ("clock", "clock")):
            for number in {e.content[kind] for e in entries if kind in e.content}:
                moved = self.plan.ranges[table].of(sql.Literal(number))
                self.marks[f"{kind}:{number}"] = self.holes.number(moved)
        case = self.holes.number(sql.SQL("s.case_id"))
        return [_record.marked(entry, self.holes, case, self.marks) for entry in entries]

    def _made(self, joins: sql.Composable, entries: int) -> sql.Composable:
        columns = [sql.SQL("{} as {}").format(v, sql.Identifier(k)) for k, v in self.made.items()]
        case = self.plan.ranges["case"].of(sql.Literal(self.plan.case_id))
        inner = sql.SQL(
            "select s.n, {case} as case_id, {columns} from generate_series(0, {last}) s(n) offset 0"
        ).format(case=case, columns=sql.SQL(", ").join(columns), last=sql.Literal(self.plan.times - 1))
        if self.plan.pool:
            inner = sql.SQL(
                "select s.*, q.digests from ({}) s join {} q on q.pool = {} and q.place = s.p offset 0"
            ).format(inner, POOL, sql.Literal(self.plan.case_id))
        digests = [sql.Identifier(f"l{n}", "d") for n in range(1, entries + 1)]
        return sql.SQL("create temp table made as select s.*, {} from ({}) s {}").format(
            sql.SQL(", ").join(
                sql.SQL("{} as {}").format(d, sql.Identifier(f"d{n}")) for n, d in enumerate(digests, 1)
            ),
            inner,
            joins,
        )

    def _copy(self, table: Table) -> sql.Composable:
        name = sql.Identifier(table.name)
        if table.name == "case":
            digest = sql.SQL("(select s.{})").format(sql.Identifier(f"d{self._head()}"))
            self.own["case", "record_digest", None] = digest
        values = [self._value(table, column.name) for column in table.columns]
        pool = sql.SQL("")
        if self.plan.pool:
            pool = sql.SQL("join {} p on p.pool = {} and p.place = s.p").format(
                POOL, sql.Literal(self.plan.case_id)
            )
        return sql.SQL(
            "insert into {name} ({columns}) overriding system value"
            " select {values} from {name} t cross join made s {pool} where t.{key} = {case} order by s.n"
        ).format(
            name=name,
            columns=sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns),
            values=sql.SQL(", ").join(values),
            pool=pool,
            key=sql.Identifier("id" if table.name == "case" else "case_id"),
            case=sql.Literal(self.plan.case_id),
        )

    def _head(self) -> int:
        return _one(
            self.planner.connection,
            sql.SQL('select record_seq from "case" where id = {}').format(sql.Literal(self.plan.case_id)),
        )

    def _value(self, table: Table, column: str) -> sql.Composable:
        if (mine := self.own.get((table.name, column, None))) is not None:
            return mine
        plain = sql.SQL("t.{}").format(sql.Identifier(column))
        if column == "id":
            target = table.name
        else:
            target = column.removesuffix("_id") if column in ("case_id", "work_item_id") else ""
        if target in self.plan.ranges:
            return self.plan.ranges[target].of(plain)
        cases: Mapping[int | None, sql.Composable] = {
            number: value for (t, c, number), value in self.own.items() if (t, c) == (table.name, column)
        }
        if not cases:
            return plain
        return sql.SQL("case t.id {} else {} end").format(
            sql.SQL(" ").join(
                sql.SQL("when {} then {}").format(sql.Literal(number), value)
                for number, value in cases.items()
            ),
            plain,
        )


def _digits(code: str, year: int) -> str:
    """The serial number in an identification code: what follows the year, without the check character."""
    return code[code.rindex(str(year), 0, len(code) - 5) + 4 : -1]


def _one(connection: psycopg.Connection, query: sql.Composable) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def multiply(connection: psycopg.Connection, case_id: int, times: int) -> list[int]:
    """Copy a case so many times; the ids of the copies."""
    ids = _copied(connection, case_id, times)
    connection.execute("analyze")
    return list(ids)


def copied(connection: psycopg.Connection, case_id: int) -> int:
    """One copy of a case."""
    return _copied(connection, case_id, 1)[0]


def _copied(connection: psycopg.Connection, case_id: int, times: int) -> range:
    planner = Planner(connection)
    plan = planner.plan(case_id, times)
    carry_out(connection, [plan])
    planner.finish()
    db.session.remove()
    return plan.ids


def carry_out(connection: psycopg.Connection, plans: Sequence[Plan]) -> None:
    """Make the copies, one transaction a plan."""
    for plan in plans:
        with connection.transaction():
            for statement in plan.statements:
                connection.execute(statement)
            sealing.seal(connection, list(plan.ids))
