"""One line of the record: its exact bytes, how lines are chained, and how little of them is stored.

A line is canonical JSON in UTF-8: keys sorted, no blanks, whole numbers without a fraction. `docs/record.md`
describes it for somebody who wants to check a record with other tools.
"""

import hashlib
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .dictionary import DICTIONARIES

FORMAT = 1
"""The first byte of what is stored. A released format stays readable for ever."""
LONGEST = 4_000_000
"""Bytes of one stored line when unpacked: more is no line of ours."""
DIGEST = re.compile(rb'"([0-9a-f]{64})"')
MARK = b'"\0"'
"""Stands for a digest taken out of the text. JSON escapes the control character: no text can contain it."""


_DEFLATE = zlib.compressobj(9, zlib.DEFLATED, -14, zdict=DICTIONARIES[FORMAT])
"""Copied for every line: taking in the dictionary costs more than the line."""


class Unreadable(ValueError):
    """What is stored is no line of the record."""


def canonical(value: Any) -> bytes:
    """The one spelling of a JSON value. A number comes back from the database without its fraction where that
    is zero, so it is written without."""
    text = json.dumps(
        _plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode()


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is float:
        return int(value) if value.is_integer() else value
    if kind is dict or isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if kind is list or isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value


def digest_of(value: Any) -> str:
    """SHA-256 of a value's canonical spelling, in hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def moment(at: datetime) -> str:
    """The one spelling of a moment: UTC, with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def genesis(case_id: int) -> bytes:
    """What stands for "the digest before" in the first entry of a case: no two cases begin alike."""
    return hashlib.sha256(f"xingquan record of case {case_id}".encode()).digest()


def chained(previous: bytes, line: bytes) -> bytes:
    """The digest of an entry: it covers the digest before and the line."""
    return hashlib.sha256(previous + line).digest()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the record as values. `position` is the position's key, as of the act; `documents` are those
    issued by it (id, code, number, digest of the data), `files` the SHA-256 of the files it brought."""

    case_id: int
    seq: int
    at: datetime
    kind: str
    actor_id: int | None = None
    actor_name: str = ""
    position: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)
    documents: Sequence[Mapping[str, Any]] = ()
    files: Sequence[str] = ()

    @property
    def digests(self) -> list[str]:
        """SHA-256 of the documents and files the act produced or brought."""
        return [*(d["digest"] for d in self.documents), *self.files]

    def line(self) -> bytes:
        """The exact bytes that are hashed."""
        actor = {"id": self.actor_id, "name": self.actor_name, "position": self.position}
        told: dict[str, Any] = {
            "case": self.case_id,
            "seq": self.seq,
            "at": moment(self.at),
            "kind": self.kind,
        }
        if self.actor_id is not None:
            told["actor"] = {name: value for name, value in actor.items() if value != ""}
        for name in ("content", "documents", "files"):
            if value := getattr(self, name):
                told[name] = value
        return canonical(told)

    def packed(self) -> bytes:
        """What is stored of the line besides the columns."""
        parts = (self.actor_name, self.position, self.content, self.documents, self.files)
        text = canonical({key: part for key, part in zip("apcdf", parts, strict=True) if part})
        return pack(text)


def pack(text: bytes) -> bytes:
    """Format byte, number of digests, the digests as 32 bytes each, then the text deflated with the dictionary."""
    digests = DIGEST.findall(text)[:255]
    text = DIGEST.sub(MARK, text, count=len(digests)) if digests else text
    squeezed = _DEFLATE.copy()
    head = bytes([FORMAT, len(digests)]) + bytes.fromhex(b"".join(digests).decode())
    return head + squeezed.compress(text) + squeezed.flush()


def unpack(packed: bytes) -> bytes:
    """The text again.

    Raises:
        Unreadable: somebody has changed it.
    """
    try:
        dictionary, end = DICTIONARIES[packed[0]], 2 + 32 * packed[1]
        inflate = zlib.decompressobj(-15, zdict=dictionary)
        text = inflate.decompress(packed[end:], LONGEST)
        if not inflate.eof or inflate.unused_data:
            raise Unreadable("what is stored does not end where it should")
        parts = text.split(MARK)
        if len(parts) - 1 != packed[1]:
            raise Unreadable("the digests do not fit the text")
        for n in range(packed[1]):
            parts[n] += b'"' + packed[2 + 32 * n : 34 + 32 * n].hex().encode() + b'"'
    except (KeyError, IndexError, zlib.error) as error:
        raise Unreadable(str(error)) from error
    return b"".join(parts)


def entry_of(case_id: int, seq: int, at: datetime, kind: str, actor_id: int | None, packed: bytes) -> Entry:
    """The entry that is stored in these columns.

    Raises:
        Unreadable: somebody has changed what is packed.
    """
    try:
        parts = json.loads(unpack(packed))
        return Entry(
            case_id, seq, at, kind, actor_id,
            *(parts.get(key, empty) for key, empty in (("a", ""), ("p", ""), ("c", {}), ("d", ()), ("f", ()))),
        )  # fmt: skip
    except (ValueError, AttributeError) as error:
        raise error if isinstance(error, Unreadable) else Unreadable(str(error)) from error
