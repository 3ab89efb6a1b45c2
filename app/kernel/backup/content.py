"""Content-addressed files on their way into a backup place and back: every copy is checked against its name."""

import gzip
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

import fsspec

from .. import stored as stored_bytes
from . import durable

LIST = "files.gz"
"""In a backup: the digests of the files it added, one a line."""
SETTLED = 2_000_000_000
"""Nanoseconds after which a folder's time of change can be trusted to show the next change."""

GRAIN = 2.0
"""Seconds by which file systems may round the moments they keep."""

Open = Callable[[str], IO[bytes]]


def is_digest(name: str) -> bool:
    """Whether a file's name is a SHA-256."""
    return len(name) == 64 and set(name) <= set("0123456789abcdef")


def local(url: str) -> Path | None:
    """The folder of a file store, None where it is no local folder."""
    filesystem, root = fsspec.core.url_to_fs(url)
    return Path(root) if "file" in _protocols(filesystem) else None


def _protocols(filesystem: fsspec.AbstractFileSystem) -> tuple[str, ...]:
    named = filesystem.protocol
    return (named,) if isinstance(named, str) else tuple(named)


def stored(url: str) -> Iterator[str]:
    """The digests in a file store."""
    if folder := local(url):
        yield from digests(folder)
        return
    filesystem, root = fsspec.core.url_to_fs(url)
    if filesystem.exists(root):
        yield from (
            name for name in (path.rsplit("/", 1)[-1] for path in filesystem.find(root)) if is_digest(name)
        )


def digests(folder: Path) -> Iterator[str]:
    """The digests in a folder of files."""
    for inner in sorted(folder.iterdir()) if folder.exists() else []:
        if inner.is_dir() and len(inner.name) == 2:
            yield from (name for name in sorted(os.listdir(inner)) if is_digest(name))


def path(folder: Path, digest: str) -> Path:
    """Where a file lies below a folder of files."""
    return folder / digest[:2] / digest


def opener(url: str) -> Open:
    """A function that opens the file with a digest in a file store."""
    filesystem, root = fsspec.core.url_to_fs(url)
    return lambda digest: filesystem.open(f"{root}/{digest[:2]}/{digest}", "rb")


def copy(digest: str, source: Open, folder: Path, stamp: float | None = None) -> int:
    """Copy one file into a folder of files; its size in bytes, or -1 if it is not what its name says (nothing
    is written then). `stamp`: the moment (seconds) at which the source was written, kept with the copy."""
    target = path(folder, digest)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    seen, size = stored_bytes.Check(digest), 0
    try:
        with source(digest) as content, durable.writing(target) as file:
            while chunk := content.read(durable.CHUNK):
                seen.update(chunk)
                size += len(chunk)
                file.write(chunk)
            if not seen.whole():
                raise ValueError(digest)
    except (ValueError, FileNotFoundError):
        return -1
    if stamp is not None:
        os.utime(target, (stamp, stamp))
    return size


def whole(folder: Path, digest: str) -> bool:
    """Whether a file in a folder of files is what its name says."""
    seen = stored_bytes.Check(digest)
    with path(folder, digest).open("rb") as file:
        while chunk := file.read(durable.CHUNK):
            seen.update(chunk)
    return seen.whole()


def stamp_of(folder: Path | None, digest: str) -> float | None:
    """When a file of a local store was written; sealing it anew under another key writes it anew."""
    if folder is None:
        return None
    try:
        return path(folder, digest).stat().st_mtime
    except FileNotFoundError:
        return None


def newer(stamp: float | None, folder: Path, digest: str) -> bool:
    """Whether the source was written anew since it was copied."""
    known = stamp_of(folder, digest)
    return known is None or (stamp is not None and stamp - known > GRAIN)


def write_list(target: Path, names: Iterable[str]) -> None:
    """Write digests as a list."""
    with durable.writing(target) as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        for name in names:
            packed.write(name.encode() + b"\n")


def read_list(source: Path) -> list[str]:
    """Read a list of digests."""
    with gzip.open(source, "rt", encoding="ascii") as file:
        return file.read().split()


class Mirror:
    """Keeps a folder of files the same as a growing one, at little cost while nothing comes."""

    def __init__(self, source: Path, target: Path):
        self.source, self.target = source, target
        self._seen: dict[str, int] = {}
        self.spoilt: set[str] = set()

    def follow(self, now: Callable[[], datetime]) -> datetime:
        """Copy what is new; everything stored before the returned moment has been copied."""
        moment = now()
        for inner in sorted(self.source.iterdir()) if self.source.exists() else []:
            if len(inner.name) != 2 or not inner.is_dir():
                continue
            changed = inner.stat().st_mtime_ns
            if self._seen.get(inner.name) == changed:
                continue
            self._copy(inner)
            if moment.timestamp() * 1e9 - changed > SETTLED:
                self._seen[inner.name] = changed
        return moment

    def _copy(self, inner: Path) -> None:
        there = self.target / inner.name
        known = set(os.listdir(there)) if there.exists() else set()
        for name in os.listdir(inner):
            if not is_digest(name) or name in self.spoilt:
                continue
            stamp = stamp_of(self.source, name)
            if name in known and not newer(stamp, self.target, name):
                continue
            if copy(name, self._open, self.target, stamp) < 0:
                self.spoilt.add(name)

    def _open(self, digest: str) -> IO[bytes]:
        return path(self.source, digest).open("rb")
