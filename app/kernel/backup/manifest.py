"""What is known of one backup. Its file is written last: a backup without it does not exist."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from . import durable
from .errors import Damaged

FORMAT = 1
NAME = "manifest.json"


class Kind(StrEnum):
    """How the database was taken."""

    FULL = "full"  # every page
    INCREMENTAL = "incremental"  # the pages changed since the parent
    DUMP = "dump"  # a logical copy of a database that somebody else runs


WORDS = {Kind.FULL: "全量", Kind.INCREMENTAL: "增量", Kind.DUMP: "逻辑导出"}


@dataclass(frozen=True, slots=True)
class Manifest:
    """One backup.

    `begun`, `moment`: everything committed before `begun` is in it, nothing committed after `moment` (the
    database alone can be restored to no earlier moment). `start_lsn`, `end_lsn`: its reach in the
    write-ahead log. `parts`: size in bytes and SHA-256 of each file. `files`: number and bytes of the
    content-addressed files that belong to it, `added` those that were new, `absent` those the file store
    itself had lost or spoilt.
    """

    id: str
    kind: Kind
    parent: str | None
    begun: datetime
    moment: datetime
    system: str
    timeline: int
    start_lsn: int
    end_lsn: int
    postgres: int
    software: str
    revision: tuple[str, ...]
    parts: Mapping[str, Mapping[str, Any]]
    files: Mapping[str, Any]
    facts: Mapping[str, Any] = field(default_factory=dict)
    keys: bool = False

    @property
    def words(self) -> str:
        """The kind, as people call it."""
        return WORDS[self.kind]


def save(manifest: Manifest, folder: Path) -> None:
    """Write the manifest into the backup's folder; the backup is complete with it."""
    content = {"format": FORMAT, **asdict(manifest)}
    content["begun"], content["moment"] = manifest.begun.isoformat(), manifest.moment.isoformat()
    durable.write(folder / NAME, json.dumps(content, ensure_ascii=False, indent=1).encode())


def load(folder: Path) -> Manifest:
    """Read a backup's manifest.

    Raises:
        FileNotFoundError: there is none: the folder is what an interrupted backup left.
        Damaged: it cannot be understood.
    """
    text = (folder / NAME).read_text(encoding="utf-8")
    try:
        content = json.loads(text)
        if content.pop("format") > FORMAT:
            raise Damaged(f"备份 {folder.name} 由更新版本的平台写成，请用该版本的平台恢复。")
        content["kind"] = Kind(content["kind"])
        content["begun"] = datetime.fromisoformat(content["begun"])
        content["moment"] = datetime.fromisoformat(content["moment"])
        content["revision"] = tuple(content["revision"])
        return Manifest(**content)
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(f"备份 {folder.name} 的清单 {NAME} 已损坏（{error}）。") from error
