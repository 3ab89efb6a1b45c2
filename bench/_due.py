"""Making clocks and timers of the data due, and having two worker processes drain them."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg

from . import sealing

CHOOSE_CLOCKS = """
select id, case_id from (
    select k.id, k.case_id, row_number() over (partition by k.case_id order by k.id) as n
    from clock k tablesample system (%(percent)s) where k.state = 'running' and k.light <> 'overdue'
) k where n = 1 order by random() limit %(count)s
"""
CHOOSE_CASES = """
select c.id from "case" c tablesample system (%(percent)s) where c.next_due > '9000-01-01'
order by random() limit %(count)s
"""


@dataclass(frozen=True, slots=True)
class Drained:
    """What two workers did with what was due: how many they say they handled, and in how many seconds."""

    handled: int
    seconds: float

    @property
    def per_second(self) -> float:
        """How many a second."""
        return round(self.handled / self.seconds, 1)


def _chosen(connection: psycopg.Connection, query: str, count: int) -> list[tuple[int, ...]]:
    for percent in (2, 20, 100):
        rows = connection.execute(query.encode(), {"percent": percent, "count": count}).fetchall()
        if len(rows) >= count or percent == 100:
            return rows
    return []


def lights(connection: psycopg.Connection, count: int) -> list[int]:
    """Let so many lights of different cases be due now; their clocks."""
    ids = [row[0] for row in _chosen(connection, CHOOSE_CLOCKS, count)]
    connection.execute(
        "update clock set next_light_at = now() - interval '1 second' where id = any(%s)", [ids]
    )
    return ids


def timers(connection: psycopg.Connection, count: int) -> list[int]:
    """Let the timers of so many cases be due now; the cases."""
    ids = [row[0] for row in _chosen(connection, CHOOSE_CASES, count)]
    connection.execute("update \"case\" set next_due = now() - interval '1 second' where id = any(%s)", [ids])
    sealing.seal(connection, ids)
    return ids


ENTERED = """
select case_id, count(*) from record_entry where case_id = any(%s) and kind = %s and at >= %s group by 1
"""
LEFT = {
    "clock.light": "select count(*) from clock where next_light_at <= now() or light = 'normal' and id = any(%s)",
    "timer.fired": 'select count(*) from "case" where next_due <= now() and id = any(%s)',
}


def fired_once(
    connection: psycopg.Connection, kind: str, ids: Sequence[int], handled: int, began: datetime
) -> None:
    """See that each of these clocks (`clock.light`) or cases (`timer.fired`) was handled once since `began`: as
    the workers count, as the record says, and as the rows stand.

    Raises:
        RuntimeError: one was not, or more than once.
    """
    cases = list(ids)
    if kind == "clock.light":
        found = connection.execute("select case_id from clock where id = any(%s)", [cases]).fetchall()
        cases = [row[0] for row in found]
    entered = dict(connection.execute(ENTERED, [cases, kind, began]).fetchall())
    left = connection.execute(LEFT[kind].encode(), [list(ids)]).fetchone() or (0,)
    if handled != len(ids) or entered != dict.fromkeys(cases, 1) or left[0]:
        raise RuntimeError(
            f"{kind}: {len(ids)} were due, {handled} handled, {sum(entered.values())} recorded, {left[0]} left"
        )


@contextmanager
def workers(count: int = 2) -> Iterator[Sequence[subprocess.Popen[str]]]:
    """Worker processes on the site's database, waiting to be told."""
    found = [
        subprocess.Popen(
            [sys.executable, "-m", "bench._worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(count)
    ]
    try:
        for worker in found:
            if _line(worker) != "ready":
                raise RuntimeError("a worker did not start")
        yield found
    finally:
        for worker in found:
            worker.terminate()
            worker.wait(30)
            for end in (worker.stdin, worker.stdout):
                if end:
                    end.close()


def drain(found: Sequence[subprocess.Popen[str]]) -> Drained:
    """Let the workers do all that is due."""
    began = time.perf_counter()
    for worker in found:
        if worker.stdin:
            worker.stdin.write("go\n")
            worker.stdin.flush()
    handled = sum(int(_line(worker)) for worker in found)
    return Drained(handled, time.perf_counter() - began)


def _line(worker: subprocess.Popen[str]) -> str:
    while worker.stdout and (line := worker.stdout.readline()):
        if (told := line.strip()).isdecimal() or told == "ready":
            return told
    raise RuntimeError("a worker ended")
