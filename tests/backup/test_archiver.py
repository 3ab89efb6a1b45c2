"""Continuous archiving: it outlives crashes of the server and of itself, and admits what it has lost."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from app.kernel import postgres
from app.kernel.backup import service, verify, wal
from app.kernel.backup.archiver import SLOT
from app.kernel.backup.manifest import Kind
from app.kernel.backup.place import Place
from app.kernel.backup.take import Source, take

from . import drill
from .drill import SMALL

TIGHT = (*SMALL, "-c", "max_slot_wal_keep_size=48MB", "-c", "min_wal_size=32MB")


class Machine:
    """A home with its supervisor and the archiver beside it."""

    def __init__(self, root: Path):
        self.home, self.place = root / "home", Place(root / "place")
        self.said: list[str] = []
        self.supervisor = self.new(archived=True)

    def new(self, *, archived: bool) -> postgres.Supervisor:
        beside = service.archiver_of(self.place.folder, self.home, (self.home / "files").as_uri())
        return postgres.Supervisor(self.home, TIGHT, self.said.append, beside if archived else None)

    def tend(self, truth: Callable[[], object], seconds: float = 120.0) -> None:
        """Do what a parent does until something has come true."""
        deadline = time.monotonic() + seconds
        while not truth():
            assert time.monotonic() < deadline, "did not come true in time"
            self.supervisor.tend()
            time.sleep(0.02)

    def tell(self, *statements: str) -> None:
        with psycopg.connect(postgres.address(self.home).replace("+psycopg", ""), autocommit=True) as found:
            for statement in statements:
                found.execute(statement)

    def take(self, kind: Kind) -> None:
        address, files = postgres.address(self.home), (self.home / "files").as_uri()
        take(self.place, Source(address, self.home / "postgres" / "run", self.home, files), kind)

    def archived(self) -> None:
        """Wait until everything committed by now is in the place."""
        now = datetime.now(UTC)
        self.tend(lambda: (reached := wal.reached(self.place.wal)) and reached.moment > now)


@pytest.fixture
def machine() -> Iterator[Machine]:
    with drill.fresh_home() as home:
        made = Machine(home.parent)
        made.supervisor.start()
        yield made
        made.supervisor.stop()


def test_no_crash_leaves_a_gap_and_a_lost_log_is_admitted(machine):
    """One test, because each part needs what the one before left."""
    machine.take(Kind.FULL)
    a_killed_server(machine)
    a_killed_archiver(machine)
    assert verify.verify(machine.place) == []
    a_place_away_for_too_long(machine)
    a_restored_or_foreign_database_is_not_archived_here(machine)


def a_killed_server(machine: Machine) -> None:
    machine.tell("create table probe (n int)")
    os.kill(machine.supervisor.child.pid, signal.SIGKILL)
    machine.supervisor.child.wait()
    machine.tend(lambda: machine.supervisor.child.poll() is None)
    machine.tell("insert into probe values (1)", "select pg_switch_wal()", "insert into probe values (2)")
    machine.archived()


def a_killed_archiver(machine: Machine) -> None:
    killed = machine.supervisor.beside.child
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    machine.tell("insert into probe values (3)", "select pg_switch_wal()", "insert into probe values (4)")
    machine.archived()
    assert machine.supervisor.beside.child is not killed


def a_place_away_for_too_long(machine: Machine) -> None:
    machine.supervisor.stop()
    machine.supervisor = machine.new(archived=False)
    machine.supervisor.start()
    for _ in range(9):
        machine.tell("insert into probe values (5)", "select pg_switch_wal()")
    machine.tell("checkpoint")
    with psycopg.connect(postgres.address(machine.home).replace("+psycopg", "")) as connection:
        question = "select wal_status from pg_replication_slots where slot_name = %s"
        assert connection.execute(question, [SLOT]).fetchone() == ("lost",)
    machine.supervisor.stop()
    machine.supervisor = machine.new(archived=True)
    machine.supervisor.start()
    machine.archived()
    machine.take(Kind.INCREMENTAL)
    machine.archived()
    notices: list[str] = []
    assert verify.verify(machine.place, None, notices.append) == []
    assert [line for line in notices if "曾中断" in line]


def a_restored_or_foreign_database_is_not_archived_here(machine: Machine) -> None:
    machine.supervisor.stop()
    (machine.place.folder / "place.json").write_text('{"system": "1", "timeline": 1}')
    machine.supervisor = machine.new(archived=True)
    machine.supervisor.start()
    machine.tend(lambda: [line for line in machine.said if "连续归档已停止" in line])
    machine.tell("insert into probe values (6)")  # the platform works on
