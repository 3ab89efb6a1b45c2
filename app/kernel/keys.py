"""The key ring: the keys of data at rest, outside the database.

`keys/data.json` below XQ_HOME, readable by its owner alone; with several machines XQ_DATA_KEYS names a file of
the same form, or is its text:

    {"format": 1, "root": HEX, "keys": [{"id": 1, "from": MOMENT, "key": HEX}, ...]}

All keys open what was sealed under them; the newest one whose moment has come seals. `root` never changes: from
it come the keys of the searchable digests (`derive`) and the fingerprint by which a database knows its ring.
The ring is made by whoever first migrates a database (`app.kernel.migrations`), and never where a database
already knows one: what was sealed under a lost ring is lost, and a new ring would hide it.
"""

import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from . import settings
from .errors import XingquanError

FACT = "data_keys"
"""The fact under which a database keeps the fingerprint of its ring."""
LAST = 255
"""Ids are one byte."""
RELOOK = 1.0
"""Seconds after which a changed file is noticed."""


class KeysError(XingquanError):
    """The ring is missing, open to others, damaged, or another database's. The message says what to do."""

    status = 503
    code = "data_keys"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of 32 bytes; it seals from a moment on, until a newer one does."""

    id: int
    since: datetime
    secret: bytes


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys by id, and the root of all that is derived."""

    keys: Mapping[int, Key]
    root: bytes

    def sealing(self) -> Key:
        """The key that seals now, by the machine's own clock: what is told of the past is sealed today."""
        now = datetime.now(UTC)
        ready = [key for key in self.keys.values() if key.since <= now] or list(self.keys.values())
        return max(ready, key=lambda key: key.id)

    def derive(self, label: str, length: int = 32) -> bytes:
        """A key for one purpose, the same for ever: HKDF-SHA-256 (RFC 5869) of the root."""
        extracted = hmac.digest(b"xingquan", self.root, hashlib.sha256)
        return hmac.digest(extracted, label.encode() + b"\1", hashlib.sha256)[:length]

    @property
    def fingerprint(self) -> str:
        """What a database keeps to know its ring again; says nothing about the keys."""
        return self.derive("fingerprint", 8).hex()


def _given() -> str:
    return os.environ.get("XQ_DATA_KEYS", "").strip()


def path() -> Path | None:
    """The file of the ring; None where its text is in the environment."""
    given = _given()
    if given.startswith("{"):
        return None
    return Path(given) if given else settings.home() / "keys" / "data.json"


def read() -> Ring:
    """The ring as it is now.

    Raises:
        KeysError: codes `keys_missing`, `keys_open` (others may read it), `keys_bad`.
    """
    file = path()
    if file is None:
        return _parsed(_given(), "XQ_DATA_KEYS")
    try:
        mode = file.stat().st_mode
        content = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise KeysError(
            f"没有找到数据密钥文件 {file}。已加密的数据离开它就不能读取：请从密钥备份中恢复该文件，"
            "或者用 XQ_DATA_KEYS 指明它的位置。",
            code="keys_missing",
        ) from None
    except OSError as error:
        raise KeysError(f"读不出数据密钥文件 {file}：{error.strerror}。", code="keys_bad") from None
    if mode & 0o077:
        raise KeysError(
            f"数据密钥文件 {file} 可以被其他用户读取，已拒绝使用。请执行 chmod 600 {file}，"
            "并考虑更换密钥（script/xq keys rotate）。",
            code="keys_open",
        )
    return _parsed(content, str(file))


def _parsed(content: str, place: str) -> Ring:
    try:
        raw = json.loads(content)
        if raw["format"] != 1:
            raise ValueError
        keys = [
            Key(int(k["id"]), datetime.fromisoformat(k["from"]), bytes.fromhex(k["key"])) for k in raw["keys"]
        ]
        root = bytes.fromhex(raw["root"])
        sound = keys and len({k.id for k in keys}) == len(keys) and len(root) == 32
        if not sound or any(not 1 <= k.id <= LAST or len(k.secret) != 32 or not k.since.tzinfo for k in keys):
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise KeysError(
            f"数据密钥（{place}）的内容不完整或者格式不对，请从密钥备份中恢复。", code="keys_bad"
        ) from None
    return Ring({key.id: key for key in keys}, root)


@dataclass(frozen=True, slots=True)
class _Held:
    ring: Ring
    sealing: Key
    mark: tuple[Any, ...]
    looked: float


_held: _Held | None = None


def _look(fresh: bool = False) -> _Held:
    global _held
    held, moment = _held, time.monotonic()
    if held is None or fresh or moment - held.looked >= RELOOK:
        mark = _mark()
        found = held.ring if held is not None and held.mark == mark else read()
        _held = held = _Held(found, found.sealing(), mark, moment)
    return held


def ring(*, fresh: bool = False) -> Ring:
    """The ring of this process; a changed file is noticed within a second, or at once with `fresh`.

    Raises:
        KeysError: as `read`.
    """
    return _look(fresh).ring


def sealing() -> Key:
    """The key that seals now.

    Raises:
        KeysError: as `read`.
    """
    return _look().sealing


def _mark() -> tuple[Any, ...]:
    file = path()
    if file is None:
        return (_given(),)
    with suppress(OSError):
        found = file.stat()
        return str(file), found.st_mtime_ns, found.st_ino, found.st_mode
    return (str(file),)


def check(known: Mapping[str, Any] | None) -> Ring:
    """The ring, which must be the one this database knows (`known`: its fact; None before its first).

    Raises:
        KeysError: as `read`, or code `keys_other`.
    """
    found = ring(fresh=True)
    if known and known.get("fingerprint") != found.fingerprint:
        raise KeysError(
            f"数据密钥（{path() or 'XQ_DATA_KEYS'}）不是这个数据库的密钥：数据库中的内容是用另一套密钥加密的。"
            "请放回原来的密钥文件。",
            code="keys_other",
        )
    return found


def ensure(known: Mapping[str, Any] | None) -> Ring:
    """The ring of this database; made now if there is none and the database knows none.

    Raises:
        KeysError: as `check`.
    """
    file = path()
    if known is None and file is not None and not file.exists():
        _create(file)
    return check(known)


def _create(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = {"format": 1, "root": secrets.token_hex(32), "keys": [_new(1, timedelta())]}
    with suppress(FileExistsError):  # another process was first: its ring is as good
        _write(file, content, new=True)


def _new(number: int, delay: timedelta) -> dict[str, Any]:
    since = (
        (datetime.now(UTC) + delay).isoformat(timespec="seconds")
        if number > 1
        else "2000-01-01T00:00:00+00:00"
    )
    return {"id": number, "from": since, "key": secrets.token_hex(32)}


def _write(file: Path, content: Mapping[str, Any], *, new: bool = False) -> None:
    """Whole or not at all, and on the disk before anything is sealed with it."""
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            json.dump(content, opened, indent=1)
            opened.write("\n")
            opened.flush()
            os.fsync(opened.fileno())
        if new:
            os.link(part, file)  # fails where there is one already
        else:
            owner = file.stat()
            os.chown(part, owner.st_uid, owner.st_gid)
            os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def rotate(delay: timedelta = timedelta()) -> Key:
    """Add a key to the ring's file; it seals from `delay` on. With several machines the delay is the time to
    copy the file to all of them.

    Raises:
        KeysError: as `read`; code `keys_fixed` where the ring is a text in the environment, `keys_full`.
    """
    file = path()
    if file is None:
        raise KeysError(
            "密钥由环境变量 XQ_DATA_KEYS 直接给出，不能在此更换。请在配置中加入新密钥。", code="keys_fixed"
        )
    read()
    content = json.loads(file.read_text(encoding="utf-8"))
    number = max(k["id"] for k in content["keys"]) + 1
    if number > LAST:
        raise KeysError(f"密钥环已有 {LAST} 把密钥，不能再增加。", code="keys_full")
    content["keys"].append(_new(number, delay))
    _write(file, content)
    return ring(fresh=True).keys[number]


def forget() -> None:
    """Read the ring anew at the next use (tests that change the environment)."""
    global _held
    _held = None
