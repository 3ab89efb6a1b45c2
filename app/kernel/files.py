"""The file store: content-addressed by SHA-256, written before the transaction that refers to them.

A folder by default, anything fsspec knows by URL (an S3-compatible store). A file no row refers to is swept
later; a file a row refers to is never touched.

Files hold parties' papers, so they are sealed like the columns (`app.kernel.sealed`, `app.kernel.stored`) unless
XQ_SEAL_FILES=0 (a store that encrypts by itself). The name stays the SHA-256 of the content as it was handed in, and is
authenticated with it. Large ones are sealed in segments (`app.kernel.segments`), so that a film is never read whole to
show a part of it. Files of the first release are read as they are until `script/xq keys reencrypt`.

Beside them lies what is only on its way or made of them (parts of an upload, thumbnails), under names of its own.
"""

import hashlib
import io
import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

import fsspec
from flask import current_app

from . import sealed, segments, stored

LARGE = 1024 * 1024
"""Bytes from which on a file is sealed in segments."""
CHUNK = 1024 * 1024


def sealing() -> bool:
    """Whether this installation seals its files."""
    return bool(current_app.config.get("SEAL_FILES", True))


def _store() -> tuple[fsspec.AbstractFileSystem, str]:
    filesystem, root = fsspec.core.url_to_fs(current_app.config["FILES"])
    return filesystem, root


def _path(root: str, digest: str) -> str:
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise ValueError("not a SHA-256 digest")
    return f"{root}/{digest[:2]}/{digest}"


def put(content: bytes) -> str:
    """Store bytes, once however often they come, and return their SHA-256 as 64 hexadecimal digits."""
    digest = hashlib.sha256(content).hexdigest()
    filesystem, root = _store()
    if not filesystem.exists(_path(root, digest)):
        _write(digest, lambda: iter((content,)), len(content))
    return digest


def put_pieces(content: Callable[[], Iterable[bytes]]) -> tuple[str, int]:
    """The same for a content that is read in pieces, twice: its SHA-256 and size. No more than a piece of it is ever in
    memory."""
    seen, size = hashlib.sha256(), 0
    for piece in content():
        seen.update(piece)
        size += len(piece)
    digest = seen.hexdigest()
    filesystem, root = _store()
    if not filesystem.exists(_path(root, digest)):
        _write(digest, content, size)
    return digest, size


def _write(digest: str, content: Callable[[], Iterable[bytes]], size: int) -> None:
    filesystem, root = _store()
    path = _path(root, digest)
    if not sealing():
        _place(filesystem, path, content())
        return
    if size < LARGE:
        kept = stored.wrapped(sealed.encrypt(b"".join(content()), _where(digest)))
        _place(filesystem, path, (kept,))
        return
    with tempfile.TemporaryFile() as waiting:  # sealed already; its sum stands before it
        seen = hashlib.sha256()
        for piece in segments.seal(content(), size, _where(digest)):
            seen.update(piece)
            waiting.write(piece)
        waiting.seek(0)
        _place(filesystem, path, (stored.MARK + seen.digest(),), waiting)


def _place(
    filesystem: fsspec.AbstractFileSystem, path: str, content: Iterable[bytes], rest: BinaryIO | None = None
) -> None:
    filesystem.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
    part = f"{path}.{secrets.token_hex(4)}.part"
    with filesystem.open(part, "wb") as file:
        for piece in content:
            file.write(piece)
        while rest is not None and (piece := rest.read(CHUNK)):
            file.write(piece)
    filesystem.mv(part, path)


def _where(digest: str) -> str:
    return f"file {digest}"


def get(digest: str) -> bytes:
    """The bytes with this SHA-256.

    Raises:
        FileNotFoundError: nothing is stored under it.
        Unreadable: what is stored under it is not what was put there, or its key is missing.
    """
    filesystem, root = _store()
    return opened(digest, filesystem.cat_file(_path(root, digest)))


def opened(digest: str, kept: bytes) -> bytes:
    """The content of a stored file, checked against its name; `kept` are the store's own bytes (a backup's).

    Raises:
        Unreadable: it is not what was put there, or its key is missing.
    """
    if kept.startswith(stored.MARK):
        rest = kept[stored.HEAD :]
        if rest[:1] == bytes((segments.FORMAT,)):
            return segments.opened(rest, _where(digest))
        return sealed.decrypt(rest, _where(digest))
    if not stored.whole(digest, kept):
        raise sealed.Unreadable("存储中的文件与登记的内容不一致，请联系管理员从备份中恢复。")
    return kept


class Reader:
    """A stored file of which parts are wanted. Closed after use; `size` is the content's, in bytes.

    Raises:
        FileNotFoundError: nothing is stored under the digest.
        Unreadable: what is stored under it is not what was put there, or its key is missing.
    """

    def __init__(self, digest: str):
        filesystem, root = _store()
        self._file: BinaryIO = filesystem.open(_path(root, digest), "rb")
        head = self._file.read(stored.HEAD + segments.HEAD)
        self._segments: segments.Opened | None = None
        self._whole: bytes | None = None
        if not head.startswith(stored.MARK):
            self.size = self._file.seek(0, io.SEEK_END)
        elif head[stored.HEAD : stored.HEAD + 1] == bytes((segments.FORMAT,)):
            read = segments.read_from(self._file, stored.HEAD)
            self._segments = segments.Opened(head[stored.HEAD :], read, _where(digest))
            self.size = self._segments.size
        else:
            self._file.seek(0)
            self._whole = opened(digest, self._file.read())
            self.size = len(self._whole)

    def pieces(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The content from `start` up to `stop`, piece by piece."""
        stop = self.size if stop is None else min(stop, self.size)
        if self._segments is not None:
            yield from self._segments.pieces(start, stop)
        elif self._whole is not None:
            yield self._whole[start:stop]
        else:
            self._file.seek(start)
            while start < stop and (piece := self._file.read(min(CHUNK, stop - start))):
                start += len(piece)
                yield piece

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def intact(digest: str) -> bool:
    """Whether the content under this digest is there and is what its name says, read to the end."""
    seen = hashlib.sha256()
    try:
        with Reader(digest) as content:
            for piece in content.pieces():
                seen.update(piece)
    except (FileNotFoundError, sealed.Unreadable):
        return False
    return seen.hexdigest() == digest


def open_read(digest: str) -> BinaryIO:
    """A readable stream of the bytes with this SHA-256."""
    return io.BytesIO(get(digest))


def digests(prefix: str) -> Iterator[str]:
    """The digests of the stored files that begin with these two digits."""
    filesystem, root = _store()
    folder = f"{root}/{prefix}"
    if filesystem.isdir(folder):
        for path in sorted(filesystem.ls(folder, detail=False, refresh=True)):
            name = path.rsplit("/", 1)[-1]
            if len(name) == 64:
                yield name


def reseal(digest: str, key: int) -> bool:
    """Seal a file under the newest key unless it is sealed under `key` already; whether anything was done."""
    filesystem, root = _store()
    with filesystem.open(_path(root, digest), "rb") as file:
        head = file.read(stored.HEAD + 2)
    if head.startswith(stored.MARK) and sealed.key_of(head[stored.HEAD :]) == key:
        return False
    with Reader(digest) as content:
        if not intact(digest):
            raise sealed.Unreadable("存储中的文件与登记的内容不一致，请联系管理员从备份中恢复。")
        _write(digest, content.pieces, content.size)
    return True


def put_beside(name: str, content: bytes) -> None:
    """Keep what is on its way or made of a file, sealed, under a name of its own such as `parts/12/3-ab`."""
    filesystem, root = _store()
    kept = sealed.encrypt(content, f"beside {name}") if sealing() else content
    _place(filesystem, f"{root}/{_beside(name)}", (kept,))


def get_beside(name: str) -> bytes | None:
    """What is kept under such a name, or None.

    Raises:
        Unreadable: it was altered or its key is missing.
    """
    filesystem, root = _store()
    try:
        kept = filesystem.cat_file(f"{root}/{_beside(name)}")
    except FileNotFoundError:
        return None
    return sealed.decrypt(kept, f"beside {name}") if kept[:1] == bytes((sealed.FORMAT,)) else kept


def drop_beside(name: str) -> None:
    """Let it go, or everything below it."""
    filesystem, root = _store()
    path = f"{root}/{_beside(name)}"
    if filesystem.exists(path):
        filesystem.rm(path, recursive=True)


def _beside(name: str) -> str:
    parts = name.split("/")
    if len(parts) < 2 or len(parts[0]) < 3 or not all(p and p.replace("-", "").isalnum() for p in parts):
        raise ValueError("not a name of something beside the files")
    return name
