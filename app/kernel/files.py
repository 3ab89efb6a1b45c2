"""The file store: content-addressed by SHA-256, written before the transaction that refers to it.

A folder by default, anything fsspec knows by URL (an S3-compatible store). A file no row refers to is swept
later; a file a row refers to is never touched.
"""

import hashlib
from typing import BinaryIO

import fsspec
from flask import current_app


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
    path = _path(root, digest)
    if not filesystem.exists(path):
        filesystem.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        part = (
            f"{path}.{hashlib.sha256(digest.encode() + id(content).to_bytes(8, 'big')).hexdigest()[:8]}.part"
        )
        with filesystem.open(part, "wb") as file:
            file.write(content)
        filesystem.mv(part, path)
    return digest


def get(digest: str) -> bytes:
    """The bytes with this SHA-256.

    Raises:
        FileNotFoundError: nothing is stored under it.
    """
    filesystem, root = _store()
    return filesystem.cat_file(_path(root, digest))


def open_read(digest: str) -> BinaryIO:
    """A readable stream of the bytes with this SHA-256."""
    filesystem, root = _store()
    return filesystem.open(_path(root, digest), "rb")
