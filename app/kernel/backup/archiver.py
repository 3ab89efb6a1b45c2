"""The process beside a supervised database that keeps the backup place up to date, second by second.

`pg_receivewal` streams the write-ahead log through a replication slot, so that nothing is lost while this
process or the place is away (up to `max_slot_wal_keep_size`); complete segments are compressed and sealed;
new files are copied; `reached.json` says how far all that has come.

Run by the supervisor of the database (`service.companion`), ended with it.
"""

import argparse
import fcntl
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from .. import postgres, postgres_software, processes
from . import content, wal
from .errors import BackupError
from .place import Place, shown

SLOT = "xingquan_archive"
BEAT = 1.0
"""Seconds between two looks."""
TELL = 2.0
"""Seconds between two entries of how far the archive reaches: what a total loss of the machine may cost."""
LOST = "预写日志曾中断：中断期间的时刻无法恢复，请立即做一次备份 · the log was interrupted, take a backup now"
HOPELESS = 3
"""Exit code: starting again would not help; a person must act."""


class Archiver:
    """Feeds one backup place from one server."""

    def __init__(self, place: Place, sockets: str, programs: Path, files: Path | None):
        self.place = place
        self.address = f"host={sockets} user={postgres.USER} dbname=postgres"
        self.programs = programs
        self.mirror = content.Mirror(files, place.files) if files else None
        self.incoming = place.wal / wal.INCOMING
        self.timeline = 1
        self.receiver: subprocess.Popen[bytes] | None = None
        self.connection: psycopg.Connection[Any] | None = None
        self._sampled: tuple[datetime, int] | None = None
        self._told = 0.0

    def open(self) -> None:
        """Claim the place and the slot.

        Raises:
            BackupError: the place is another database's.
        """
        connection = self._connected()
        system, self.timeline = identity(connection)
        self.place.claim(system, self.timeline)
        self.incoming.mkdir(mode=0o700, exist_ok=True)
        self._mend(connection)

    def _mend(self, connection: psycopg.Connection[Any]) -> None:
        """Make sure of the slot; where the server has thrown away what was not archived, begin anew."""
        if ensure_slot(connection):
            return
        say(LOST)
        connection.execute("select pg_drop_replication_slot(%s)", [SLOT])
        for raw in wal.complete(self.incoming):
            wal.seal(raw, self.place.wal)
        for left in self.incoming.glob("*.partial"):
            left.unlink()
        ensure_slot(connection)
        row = connection.execute(
            "select restart_lsn - '0/0'::pg_lsn from pg_replication_slots where slot_name = %s", [SLOT]
        ).fetchone()
        wal.interrupt(self.place.wal, self.timeline, wal.number_at(int(row[0])) if row else 0)

    def beat(self) -> None:
        """One look at everything."""
        if self.receiver is None or self.receiver.poll() is not None:
            with suppress(psycopg.Error):  # a server that is away: the next look may find it
                self._mend(self._connected())
                self.receiver = self._receive()
        for raw in wal.complete(self.incoming):
            wal.seal(raw, self.place.wal)
        sample = self._sample()
        files = self.mirror.follow(_now) if self.mirror else datetime.max.replace(tzinfo=UTC)
        if sample is not None:
            wal.tell(self.place.wal, wal.Reached(*sample, files))

    def close(self) -> None:
        """Stop receiving and seal what is complete."""
        if self.receiver is not None:
            processes.stop(self.receiver, [(signal.SIGINT, 5.0)])
        with suppress(OSError, BackupError):
            for raw in wal.complete(self.incoming):
                wal.seal(raw, self.place.wal)
            if self.mirror:
                self.mirror.follow(_now)

    def _receive(self) -> subprocess.Popen[bytes]:
        """Start `pg_receivewal`; it ends when the server goes, and is started again at the next look."""
        command = [self.programs / "pg_receivewal", "-D", self.incoming, "-S", SLOT, "-s", "1", "--no-loop"]
        with (self.incoming / "receive.log").open("wb") as log:
            return processes.spawn(
                [str(part) for part in command] + ["-d", f"{self.address} application_name={SLOT}"],
                end_with=signal.SIGINT,
                output=log.fileno(),
                env=postgres_software.environment(),
            )

    def _sample(self) -> tuple[datetime, int] | None:
        """The moment up to which everything was received, when it is time to tell again."""
        if self._sampled is None:
            row = self._ask("select clock_timestamp(), pg_current_wal_lsn() - '0/0'::pg_lsn")
            self._sampled = (row[0], int(row[1])) if row else None
            return None
        row = self._ask(
            "select write_lsn - '0/0'::pg_lsn from pg_stat_replication where application_name = %s", SLOT
        )
        if row is None or row[0] is None or int(row[0]) < self._sampled[1]:
            return None
        sampled = self._sampled
        if sampled[0].timestamp() - self._told < TELL:
            self._sampled = None
            return None
        self._sampled, self._told = None, sampled[0].timestamp()
        return sampled

    def _ask(self, question: str, *values: Any) -> Sequence[Any] | None:
        try:
            return self._connected().execute(question, values or None).fetchone()
        except psycopg.Error:
            self.connection = None
            return None

    def _connected(self) -> psycopg.Connection[Any]:
        if self.connection is not None and self.connection.broken:
            self.connection = None
        if self.connection is None or self.connection.closed:
            self.connection = psycopg.connect(self.address, autocommit=True, connect_timeout=10)
        return self.connection


def identity(connection: psycopg.Connection[Any]) -> tuple[str, int]:
    """Which database this is: its system identifier and its timeline."""
    row = connection.execute(
        "select (select system_identifier::text from pg_control_system()),"
        " (select timeline_id from pg_control_checkpoint())"
    ).fetchone()
    assert row is not None  # noqa: S101 - a select without from has a row
    return row[0], row[1]


def ensure_slot(connection: psycopg.Connection[Any]) -> bool:
    """Make sure that the server keeps the log until it is archived. False: it has already thrown some away."""
    known = connection.execute(
        "select wal_status from pg_replication_slots where slot_name = %s", [SLOT]
    ).fetchone()
    if known is None:
        connection.execute("select pg_create_physical_replication_slot(%s, true)", [SLOT])
        return True
    return bool(known[0] != "lost")


def say(line: str) -> None:
    """One line for the supervisor's terminal."""
    print(f"{shown(_now())} {line}", flush=True)


def _now() -> datetime:
    return datetime.now(UTC)


def main() -> int:
    """Archive until asked to end."""
    parser = argparse.ArgumentParser()
    for name in ("place", "sockets", "programs", "files"):
        parser.add_argument(f"--{name}", required=True)
    given = parser.parse_args()
    end = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: end.set())
    archiver = Archiver(
        Place(Path(given.place)),
        given.sockets,
        Path(given.programs),
        Path(given.files) if given.files else None,
    )
    try:
        archiver.open()
        with open(archiver.incoming / "lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            while not end.wait(BEAT):
                archiver.beat()
            archiver.close()
        return 0
    except BlockingIOError:
        say("另一个进程正在向这个备份位置归档 · another process archives into this place")
        return 1
    except BackupError as error:
        say(error.message)
        return HOPELESS
    except (OSError, psycopg.Error) as error:
        say(f"归档中断，稍后重试 · archiving interrupted: {error}")
        return 1
    finally:
        archiver.close()


if __name__ == "__main__":
    sys.exit(main())
