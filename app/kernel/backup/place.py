"""The folder of backups.

    place.json          which database it belongs to
    backups/<id>/       one backup: manifest.json, base.tar.gz, pg_wal.tar.gz, backup_manifest, files.gz
    wal/                the write-ahead log since the first full backup, one file a segment (`wal.py`)
    files/aa/<digest>   content-addressed files, each once for all backups

One place belongs to one history of one database: a restored database writes another history from there on
and needs a place of its own.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from .. import clock
from ..errors import NotFound
from . import content, durable, manifest
from .errors import BackupError, Damaged, OutOfReach, WrongPlace
from .manifest import Manifest

NAME = "place.json"
LOCK = "lock"


class Place:
    """One backup place."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.backups = folder / "backups"
        self.wal = folder / "wal"
        self.files = folder / "files"

    def identity(self) -> dict[str, Any] | None:
        """The database this place belongs to (`system`, `timeline`), None while it belongs to none."""
        try:
            return dict(json.loads((self.folder / NAME).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise WrongPlace(f"{self.folder / NAME} 已损坏，无法确认备份属于哪个数据库。") from error

    def claim(self, system: str, timeline: int) -> None:
        """Make the place that of this database, or check that it is.

        Raises:
            WrongPlace: it holds something else, or another database's backups.
        """
        known = self.identity()
        if known is None:
            if self.folder.exists() and any(self.folder.iterdir()):
                raise WrongPlace(f"{self.folder} 不是空目录，也不是备份位置；请另选一个空目录。")
            for folder in (self.folder, self.backups, self.wal, self.files):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            content = {"system": system, "timeline": timeline}
            durable.write(self.folder / NAME, json.dumps(content).encode())
        elif known["system"] != system:
            raise WrongPlace(f"{self.folder} 存放的是另一个数据库的备份；请另选一个备份位置。")
        elif known["timeline"] != timeline:
            raise WrongPlace(
                f"本数据库是由备份恢复出来的，不能接着写入原来的备份位置 {self.folder}；请另选一个备份位置。"
            )

    def check(self) -> None:
        """Make sure that this is a backup place.

        Raises:
            WrongPlace: it is not.
        """
        if self.identity() is None:
            raise WrongPlace(f"{self.folder} 不是备份位置（没有 {NAME}）；请核对路径。")

    @contextmanager
    def lock(self, *, shared: bool = False) -> Iterator[None]:
        """One backup or pruning at a time; any number of readers, which need no right to write.

        Raises:
            BackupError: somebody else is at work here.
        """
        try:
            # network file systems want a file, and one open for writing for an exclusive lock
            descriptor = os.open(self.folder / LOCK, os.O_RDONLY if shared else os.O_CREAT | os.O_RDWR, 0o600)
        except FileNotFoundError:  # nothing has ever been written here
            yield
            return
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            yield
        except BlockingIOError as taken:
            raise BackupError("这个备份位置正在备份或清理，请稍后再试。", code="backup_busy") from taken
        finally:
            os.close(descriptor)

    def all(self) -> list[Manifest]:
        """The backups that are complete, oldest first."""
        found = []
        for folder in sorted(self.backups.iterdir()) if self.backups.exists() else []:
            if not folder.name.endswith(".part"):
                try:
                    found.append(manifest.load(folder))
                except FileNotFoundError:
                    continue
        return sorted(found, key=lambda each: each.moment)

    def get(self, ident: str) -> Manifest:
        """One backup.

        Raises:
            NotFound: there is none of that name.
        """
        try:
            return manifest.load(self.backups / ident)
        except FileNotFoundError:
            raise NotFound(f"没有备份“{ident}”；用 script/xq backup list 查看。") from None

    def chain(self, of: Manifest) -> list[Manifest]:
        """The full backup and every incremental one up to this.

        Raises:
            Damaged: a link is missing.
        """
        links = [of]
        while links[0].parent is not None:
            try:
                links.insert(0, manifest.load(self.backups / links[0].parent))
            except FileNotFoundError:
                raise Damaged(
                    f"增量备份 {links[0].id} 的上一环 {links[0].parent} 已缺失，这条备份链不能恢复；请改用其他备份。"
                ) from None
        return links

    def best(self, until: datetime | None) -> Manifest:
        """The newest backup from which that moment (None: the latest) can be reached.

        Raises:
            OutOfReach: there is none so early.
        """
        known = self.all()
        if not known:
            raise OutOfReach(f"{self.folder} 中还没有完整的备份。")
        early = [each for each in known if until is None or each.moment <= until]
        if until is not None and not early:
            raise OutOfReach(
                f"{shown(until)} 早于第一份备份（{shown(known[0].moment)}），无法恢复到这个时刻。"
            )
        return early[-1]

    def listed(self, of: Manifest) -> list[str]:
        """The digests of the content-addressed files one backup added to its parent's."""
        return content.read_list(self.backups / of.id / content.LIST)

    def clean(self) -> None:
        """Remove what interrupted backups left. The place is locked."""
        for folder in self.backups.glob("*.part"):
            shutil.rmtree(folder, ignore_errors=True)


def shown(moment: datetime) -> str:
    """A moment as officers read it: China Standard Time, to the second."""
    return moment.astimezone(clock.CHINA).strftime("%Y-%m-%d %H:%M:%S")
