"""The door of backups for the rest of the platform: what runs beside the database, how old the last one is."""

import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .. import companion, settings
from . import content, wal
from .errors import BackupError
from .manifest import Kind
from .place import Place

FULL_EVERY = timedelta(days=7)
ANY_EVERY = timedelta(hours=23)
STALE = timedelta(hours=50)
"""A place whose last backup is older needs somebody to look: two days' backups have failed."""
LAG = timedelta(minutes=5)
"""An archive that is further behind needs somebody to look."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a backup place does. `state` is `ok`, `stale`, `none` (no backup yet) or `unreadable`; `last` and
    `archived` are the moments of the last complete backup and up to which the log is archived."""

    state: str
    last: datetime | None = None
    archived: datetime | None = None


def beside() -> companion.Command | None:
    """The command of the archiver that a supervisor keeps beside its server; None where no place is set.

    Raises:
        BackupError: the place lies in the home, and would be lost with it.
    """
    place = settings.backup_place()
    return archiver_of(place, settings.home(), settings.files()) if place else None


def archiver_of(place: Path, home: Path, files: str) -> companion.Command:
    """The command of the archiver of a home with this file store (URL)."""
    refuse_inside(place, home)
    folder = content.local(files)

    def command(told: companion.Told) -> list[str]:
        given = {"place": place, "sockets": told.sockets, "programs": told.programs, "files": folder or ""}
        options = [part for name, value in given.items() for part in (f"--{name}", str(value))]
        return [sys.executable, "-m", f"{__package__}.archiver", *options]

    return command


def refuse_inside(place: Path, home: Path) -> None:
    """A backup in the folder it protects is none.

    Raises:
        BackupError: the one lies in the other.
    """
    if place == home or home in place.parents or place in home.parents:
        raise BackupError(
            f"备份位置 {place} 与数据目录 {home} 互相包含，数据目录损坏时备份也会丢失；"
            "请把 XQ_BACKUP 设到别处，最好在另一台机器的磁盘上。"
        )


def due(place: Place, now: datetime, incremental: bool = True) -> Kind | None:
    """The backup that is due: a full one a week, otherwise an incremental one a day."""
    known = place.all() if place.identity() else []
    full = [each.moment for each in known if each.kind == Kind.FULL]
    if not full or now - full[-1] > FULL_EVERY:
        return Kind.FULL
    if now - known[-1].moment > ANY_EVERY:
        return Kind.INCREMENTAL if incremental else Kind.FULL
    return None


def health(now: datetime | None = None) -> Health | None:
    """How the configured place does; None where none is set."""
    folder = settings.backup_place()
    if folder is None:
        return None
    present = now or datetime.now(UTC)
    place = Place(folder)
    try:
        known = place.all() if place.identity() else []
        reached = wal.reached(place.wal)
    except (OSError, BackupError):
        return Health("unreadable")
    if not known:
        return Health("none")
    archived = reached.moment if reached else None
    late = present - known[-1].moment > STALE or (archived is not None and present - archived > LAG)
    return Health("stale" if late else "ok", known[-1].moment, archived)


class _Look:
    """One look at the place at a time, in a thread that nobody need wait for."""

    def __init__(self) -> None:
        self.thread: threading.Thread | None = None
        self.found = Health("unreadable")

    def take(self, now: datetime, patience: float) -> Health:
        if self.thread is None or not self.thread.is_alive():
            self.thread = threading.Thread(target=self._run, args=(now,), daemon=True)
            self.thread.start()
        self.thread.join(patience)
        return Health("unreadable") if self.thread.is_alive() else self.found

    def _run(self, now: datetime) -> None:
        self.found = health(now) or Health("none")


_look = _Look()


def health_soon(now: datetime, patience: float = 1.0) -> Health | None:
    """As `health`, but a place that does not answer within so many seconds (a dead mount) is `unreadable`."""
    return _look.take(now, patience) if settings.backup_place() else None


def reach(place: Place) -> tuple[datetime, datetime] | None:
    """The first and the last moment to which the place can restore."""
    known = place.all()
    if not known:
        return None
    reached = wal.reached(place.wal)
    last = known[-1].moment
    return known[0].moment, max(last, reached.moment) if reached else last
