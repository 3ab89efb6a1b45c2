"""The file store: content-addressed by SHA-256, written before the transaction that refers to them.

A folder by default, anything fsspec knows by URL (an S3-compatible store). A file no row refers to is swept
later; a file a row refers to is never touched.

Files hold parties' papers, so they are sealed like the columns (`app.kernel.sealed`, `app.kernel.stored`) unless
XQ_SEAL_FILES=0 (a store that encrypts by itself). The name stays the SHA-256 of the content as it was handed in, and is
authenticated with it. Files of the first release are read as they are until `script/xq keys reencrypt`.
"""

import hashlib
import io
import secrets
from collections.abc import Iterator
from typing import BinaryIO

import fsspec
from flask import current_app

from . import sealed, stored


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
        _write(digest, content)
    return digest


def _write(digest: str, content: bytes) -> None:
    filesystem, root = _store()
    path = _path(root, digest)
    kept = stored.wrapped(sealed.encrypt(content, _where(digest))) if sealing() else content
    filesystem.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
    part = f"{path}.{secrets.token_hex(4)}.part"
    with filesystem.open(part, "wb") as file:
        file.write(kept)
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
        return sealed.decrypt(kept[stored.HEAD :], _where(digest))
    if not stored.whole(digest, kept):
        raise sealed.Unreadable("存储中的文件与登记的内容不一致，请联系管理员从备份中恢复。")
    return kept


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
    kept = filesystem.cat_file(_path(root, digest))
    if kept.startswith(stored.MARK) and sealed.key_of(kept[stored.HEAD :]) == key:
        return False
    _write(digest, opened(digest, kept))
    return True
