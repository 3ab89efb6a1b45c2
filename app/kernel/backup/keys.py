"""The keys of a home (`secret_key`, `keys/`), sealed under a passphrase of their own.

They stay out of a backup unless asked for: beside the data they open, encryption at rest would be worth
nothing. scrypt (RFC 7914) makes the key, AES-256-GCM seals.
"""

import hashlib
import io
import os
import tarfile
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .. import keys as data_keys
from .. import settings
from . import durable
from .errors import BackupError, Damaged

NAME = "keys.sealed"
MAGIC = b"XQKEYS1\n"
RING = "keys/data.json"
SHORTEST = 12
"""Characters of a passphrase."""


def found(home: Path) -> list[tuple[str, Path]]:
    """The files that hold keys of a home, with their names below it: also the ring of data keys elsewhere."""
    paths = [path for path in sorted(home.glob("secret*")) if path.is_file()]
    paths += [path for path in sorted((home / "keys").rglob("*")) if path.is_file()]
    named = [(str(path.relative_to(home)), path) for path in paths]
    ring = data_keys.path()
    elsewhere = ring is not None and home == settings.home() and home not in ring.parents
    if ring is not None and elsewhere and ring.is_file():
        named.append((RING, ring))
    return named


def passphrase(file: Path) -> bytes:
    """The first line of a file.

    Raises:
        BackupError: it is too short to protect anything.
    """
    line = file.read_text(encoding="utf-8").strip().split("\n")[0].strip()
    if len(line) < SHORTEST:
        raise BackupError(f"口令文件 {file} 第一行至少要有 {SHORTEST} 个字符。")
    return line.encode()


def seal(home: Path, target: Path, secret: bytes) -> int:
    """Seal every key of the home into one file; how many there were."""
    paths = found(home)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, path in paths:
            archive.add(path, arcname=name, recursive=False)
    salt, nonce = os.urandom(16), os.urandom(12)
    durable.write(
        target, MAGIC + salt + nonce + AESGCM(_key(secret, salt)).encrypt(nonce, packed.getvalue(), MAGIC)
    )
    return len(paths)


def unseal(source: Path, home: Path, secret: bytes) -> list[str]:
    """Put the sealed keys back into a home; their names.

    Raises:
        Damaged: wrong passphrase, or the file was changed.
    """
    content = source.read_bytes()
    salt, nonce, sealed = content[8:24], content[24:36], content[36:]
    try:
        if not content.startswith(MAGIC):
            raise InvalidTag
        plain = AESGCM(_key(secret, salt)).decrypt(nonce, sealed, MAGIC)
    except InvalidTag:
        raise Damaged("密钥打不开：口令不对，或 keys.sealed 已被改动。") from None
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        names = archive.getnames()
        archive.extractall(home, filter="data")
    for name in names:
        (home / name).chmod(0o600)
    if (home / "keys").exists():
        (home / "keys").chmod(0o700)
    return names


def _key(secret: bytes, salt: bytes) -> bytes:
    return hashlib.scrypt(secret, salt=salt, n=2**15, r=8, p=1, maxmem=64 * 1024 * 1024, dklen=32)
