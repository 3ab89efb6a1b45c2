"""The write-ahead log in a backup place: one compressed file a segment, its SHA-256 in its name.

`wal/<segment>.<sha256>.gz` are complete segments; `wal/incoming/` is where `pg_receivewal` writes, its newest
segment ends in `.partial`; `wal/reached.json` says up to which moment everything is here,
`wal/interrupted.jsonl` what was lost while the place was away for too long.
"""

import gzip
import hashlib
import json
import os
import re
import shutil
import zlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from . import durable
from .errors import Damaged

SEGMENT = 16 * 1024 * 1024
"""Bytes of a segment: our clusters are made with PostgreSQL's own default."""
PER_FILE = 2**32 // SEGMENT
INCOMING = "incoming"
REACHED = "reached.json"
INTERRUPTED = "interrupted.jsonl"
_RAW = re.compile(r"[0-9A-F]{24}")
_SEALED = re.compile(r"([0-9A-F]{24})\.([0-9a-f]{64})\.gz")


@dataclass(frozen=True, slots=True)
class Segment:
    """A complete segment in the place. `number` counts segments of a timeline from 0."""

    path: Path
    timeline: int
    number: int
    digest: str

    @property
    def name(self) -> str:
        return name_of(self.timeline, self.number)


@dataclass(frozen=True, slots=True)
class Reached:
    """Every commit before `moment` is in the place, up to `lsn`, with the files stored before `files`."""

    moment: datetime
    lsn: int
    files: datetime


def name_of(timeline: int, number: int) -> str:
    """PostgreSQL's name of a segment."""
    return f"{timeline:08X}{number // PER_FILE:08X}{number % PER_FILE:08X}"


def number_of(name: str) -> int:
    """The number of a segment by its name."""
    return int(name[8:16], 16) * PER_FILE + int(name[16:24], 16)


def number_at(lsn: int) -> int:
    """The number of the segment that holds a position."""
    return lsn // SEGMENT


def position(text: str) -> int:
    """A log sequence number such as `0/4000028`."""
    high, low = text.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def sealed(folder: Path) -> list[Segment]:
    """The complete segments, in order."""
    found = [
        Segment(entry, int(match[1][:8], 16), number_of(match[1]), match[2])
        for entry in (folder.iterdir() if folder.exists() else ())
        if (match := _SEALED.fullmatch(entry.name))
    ]
    return sorted(found, key=lambda each: (each.timeline, each.number))


def seal(raw: Path, folder: Path) -> Segment:
    """Move a complete segment from `incoming` into the place; one that is there already is never replaced.

    Raises:
        Damaged: another content has this name already.
    """
    digest = durable.digest(raw)
    made = Segment(folder / f"{raw.name}.{digest}.gz", int(raw.name[:8], 16), number_of(raw.name), digest)
    others = [path for path in folder.glob(f"{raw.name}.*.gz") if path != made.path]
    if others:
        raise Damaged(f"预写日志段 {raw.name} 已有内容不同的一份，没有覆盖；请另设备份位置并做一次全量备份。")
    if not made.path.exists():
        with (
            raw.open("rb") as source,
            durable.writing(made.path) as file,
            gzip.GzipFile("", "wb", 1, file, mtime=0) as packed,
        ):
            shutil.copyfileobj(source, packed, durable.CHUNK)
    raw.unlink()
    return made


def complete(incoming: Path) -> list[Path]:
    """The segments `pg_receivewal` has finished, in order."""
    return sorted(entry for entry in incoming.iterdir() if _RAW.fullmatch(entry.name))


def unpack(segment: Segment, target: Path | None) -> None:
    """Decompress a segment, checking it; None only checks.

    Raises:
        Damaged: its content is not what was written.
    """
    seen = hashlib.sha256()
    try:
        with gzip.open(segment.path, "rb") as packed, open(target or os.devnull, "wb") as file:
            while chunk := packed.read(durable.CHUNK):
                seen.update(chunk)
                file.write(chunk)
    except (zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise Damaged(f"预写日志段 {segment.path.name} 已损坏。") from error
    if seen.hexdigest() != segment.digest:
        raise Damaged(f"预写日志段 {segment.path.name} 的内容与登记的摘要不符。")


def gaps(folder: Path, timeline: int, first: int, reached: Reached | None) -> list[str]:
    """The names of the segments missing from number `first` up to the newest, in order.

    The newest is the one `reached` speaks of, so that a cut tail is a gap too.
    """
    # what is being received first: a segment moves from there to the sealed ones, never back
    there = {number_of(raw.name) for raw in loose(folder, timeline)}
    there |= {each.number for each in sealed(folder) if each.timeline == timeline}
    newest = max(there, default=first - 1)
    if reached is not None and reached.lsn:
        newest = max(newest, number_at(reached.lsn - 1))
    return [name_of(timeline, number) for number in range(first, newest + 1) if number not in there]


def loose(folder: Path, timeline: int) -> list[Path]:
    """The segments not yet sealed: those just received and the one being received."""
    incoming = folder / INCOMING
    names = sorted(os.listdir(incoming)) if incoming.exists() else []
    raw = [name for name in names if _RAW.fullmatch(name.removesuffix(".partial"))]
    return [incoming / name for name in raw if int(name[:8], 16) == timeline]


def gather(folder: Path, timeline: int, first: int, target: Path) -> int:
    """Lay every segment from number `first` out for recovery, checked; how many there are.

    Raises:
        Damaged: one of them is not what was written.
    """
    for raw in loose(folder, timeline):
        if number_of(raw.name) >= first:
            with suppress(FileNotFoundError):  # sealed in this moment
                shutil.copyfile(raw, target / raw.name.removesuffix(".partial"))
    for each in sealed(folder):
        if each.timeline == timeline and each.number >= first:
            unpack(each, target / each.name)
    return sum(1 for _ in target.iterdir())


def interrupted(folder: Path, timeline: int) -> set[int]:
    """The segments the server is known to have thrown away before they could be archived."""
    try:
        lines = (folder / INTERRUPTED).read_text().splitlines()
    except FileNotFoundError:
        return set()
    spans = [json.loads(line) for line in lines]
    return {n for span in spans if span["timeline"] == timeline for n in range(span["first"], span["next"])}


def interrupt(folder: Path, timeline: int, following: int) -> None:
    """Write down that the log goes on with segment number `following`, and what came before it is lost."""
    there = [each.number for each in sealed(folder) if each.timeline == timeline]
    first = max(there) + 1 if there else following
    before = (folder / INTERRUPTED).read_text() if (folder / INTERRUPTED).exists() else ""
    line = json.dumps({"timeline": timeline, "first": first, "next": following})
    durable.write(folder / INTERRUPTED, f"{before}{line}\n".encode())


def reached(folder: Path) -> Reached | None:
    """How far the log in the place reaches, None while nothing was received."""
    try:
        told = json.loads((folder / REACHED).read_text())
        return Reached(
            datetime.fromisoformat(told["moment"]), int(told["lsn"]), datetime.fromisoformat(told["files"])
        )
    except (FileNotFoundError, ValueError, KeyError):
        return None


def tell(folder: Path, moment: Reached) -> None:
    """Write down how far the log reaches."""
    content = {"moment": moment.moment.isoformat(), "lsn": moment.lsn, "files": moment.files.isoformat()}
    durable.write(folder / REACHED, json.dumps(content).encode())
