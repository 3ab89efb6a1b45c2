"""Data to measure with: so many open cases, made in bulk from cases that the engine has driven."""

import argparse
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg import sql

from app.kernel.db import db
from app.kernel.transaction import transaction

from . import _parties, _templates, sealing
from ._copies import Plan, Planner, carry_out, case_tables
from ._site import plain_connection, site

FAST = tuple(
    part
    for setting in (
        "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "wal_level=minimal",
        "max_wal_senders=0", "max_wal_size=8GB", "checkpoint_timeout=1h", "maintenance_work_mem=1GB",
        "work_mem=64MB", "wal_compression=off",
    )
    for part in ("-c", setting)
)  # fmt: skip
"""While the data is made nothing is promised: a crash means beginning anew."""
MADE = "bench.cases"
"""The fact that says how many cases a home holds."""
MANY = 500_000
"""From here on every agency's cases come in several variants."""
PART = 20_000
"""Copies made in one transaction."""
FAR = "9999-01-01"
"""When the timers of copies are looked at: never, until `due` says so."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `script/bench data` takes."""
    parser.add_argument("cases", type=int, help="how many open cases")
    parser.add_argument("--home", type=Path, required=True, help="the folder of the installation to be made")


def figures(cases: int, home: Path) -> dict[str, float | int]:
    """Make the data; how long that took, and how much it is."""
    began = time.perf_counter()
    made = ensure(home, cases)
    with site(home), plain_connection() as connection:
        size = connection.execute("select pg_database_size(current_database())").fetchone()
    return {
        "cases": cases,
        "made": int(made),
        "seconds": round(time.perf_counter() - began, 1),
        "bytes": size[0] if size else 0,
    }


def ensure(home: Path, cases: int, variants: int | None = None) -> bool:
    """See to it that the home holds so many open cases; False where it did already.

    Raises:
        RuntimeError: it holds another number of them.
    """
    from app.kernel import facts

    with site(home, FAST), plain_connection() as connection:
        held = facts.get(db.session(), MADE)
        db.session.remove()
        if held is not None:
            if held != cases:
                raise RuntimeError(f"{home} holds {held} cases, not {cases}: take another folder")
            return False
        generate(connection, cases, variants or (1 if cases < MANY else 3))
        with transaction() as session:
            facts.put(session, MADE, cases)
    return True


def generate(
    connection: psycopg.Connection, cases: int, variants: int, agencies: int | None = None, bulk: bool = True
) -> list[Plan]:
    """Make so many open cases on an installation that has none. `bulk`: without indexes, with two hands."""
    clock = _Clock()
    with transaction() as session:
        _templates.prepare(session)
    found = list(_templates.drive(connection, variants, agencies))
    _templates.turn_lights()
    clock.say(f"{len(found)} cases driven by the engine")
    planner, plans = Planner(connection), []
    connection.execute("set client_min_messages = warning")
    share = cases / sum(template.share for template in found)
    left = cases - len(found)
    for n, template in enumerate(found):
        times = min(left, max(1, round(template.share * share) - 1)) if n < len(found) - 1 else left
        left -= times
        if times:
            size = max(1, min(times, 200, 20 * times))
            pool = _parties.fill(connection, db.session(), template.case_id, size, n)
            while times > 0:
                plans.append(planner.plan(template.case_id, min(times, PART), pool, FAR))
                times -= PART
    db.session.remove()
    clock.say(f"{len(plans)} batches planned")
    dropped = drop_indexes(connection) if bulk else []
    in_two([lambda c, p=p: carry_out(c, [p]) for p in sorted(plans, key=lambda p: -p.times)])
    planner.finish()
    far = 'update "case" set next_due = %s where next_due < %s returning id'  # the templates
    sealing.seal(connection, [row[0] for row in connection.execute(far, [FAR, FAR]).fetchall()])
    connection.execute("drop table if exists bench_party")
    connection.execute("delete from job")  # documents are rendered when somebody asks for them
    clock.say("rows written")
    for stage in dropped:
        in_two([lambda c, s=s: c.execute(s) for s in stage])
    clock.say("indexes made")
    names = [sql.Identifier(table.name) for table in case_tables()]
    in_two([lambda c, t=t: c.execute(sql.SQL("vacuum (freeze, analyze) {}").format(t)) for t in names])
    connection.execute("analyze")
    clock.say("vacuumed and analysed")
    return plans


INDEXES = """
select t.relname, i.relname, pg_get_indexdef(i.oid), c.conname, pg_get_constraintdef(c.oid)
from pg_index x join pg_class t on t.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
left join pg_constraint c on c.conindid = i.oid and c.contype in ('u', 'x')
where t.relname = any(%s) and not x.indisprimary order by pg_relation_size(t.oid) desc
"""


def drop_indexes(connection: psycopg.Connection) -> list[list[sql.Composable]]:
    """Drop every index of the cases' tables but the keys; the statements that make them again, in stages."""
    stages: list[list[sql.Composable]] = [[], []]
    names = [table.name for table in case_tables()]
    for table, index, definition, constraint, text in connection.execute(INDEXES, [names]).fetchall():
        if constraint:
            add = "alter table {} add constraint {} " + text.replace("{", "{{").replace("}", "}}")
            drop = sql.SQL("alter table {} drop constraint {}")
            connection.execute(drop.format(sql.Identifier(table), sql.Identifier(constraint)))
            # of one table only one at a time: each locks it
            stages[1].append(sql.SQL(add).format(sql.Identifier(table), sql.Identifier(constraint)))
        else:
            connection.execute(sql.SQL("drop index {}").format(sql.Identifier(index)))
            stages[0].append(sql.SQL(definition.replace("{", "{{").replace("}", "}}")).format())
    return stages


def in_two(work: Sequence[object]) -> None:
    """Carry out pieces of work, each a function of a connection, on two connections of their own."""
    waiting = list(reversed(work))
    lock, failures = threading.Lock(), []

    def hand() -> None:
        try:
            with plain_connection() as connection:
                connection.execute("set session_replication_role = replica")  # the references are right
                while not failures:
                    with lock:
                        if not waiting:
                            return
                        one = waiting.pop()
                    one(connection)  # type: ignore[operator]
        except Exception as error:
            failures.append(error)

    hands = [threading.Thread(target=hand) for _ in "12"]
    for thread in hands:
        thread.start()
    for thread in hands:
        thread.join()
    if failures:
        raise failures[0]


class _Clock:
    """Tells what took how long."""

    def __init__(self) -> None:
        self.began = time.perf_counter()

    def say(self, what: str) -> None:
        print(f"  {time.perf_counter() - self.began:7.1f} s  {what}", flush=True)
