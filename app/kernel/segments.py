"""Large sealed files: encrypted segment by segment, so that any part can be read without the rest.

    0x02 | key id | nonce prefix (7 bytes) | log2 of the segment size | size of the content (8 bytes, big-endian)
    then each segment as AES-256-GCM(nonce prefix | number (4 bytes) | 1 for the last one, else 0), tag included

This is the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015): a segment that is missing, repeated, moved
or cut off does not open. The head is authenticated with every segment, and with it the name of the file.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag

from . import keys, sealed

FORMAT = 2
HEAD = 18
"""Bytes before the first segment."""
TAG = 16
LOG2 = 18
"""Segments of 256 KiB: a seek in a film reads no more than that for nothing."""


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes((last,))


def seal(content: Iterable[bytes], size: int, where: str) -> Iterator[bytes]:
    """The sealed bytes of a content of `size` bytes that comes in pieces, bound to `where`.

    Raises:
        ValueError: the pieces are not `size` bytes.
        KeysError: there is no ring.
    """
    key, step = keys.sealing(), 1 << LOG2
    prefix = os.urandom(7)
    head = bytes((FORMAT, key.id)) + prefix + bytes((LOG2,)) + size.to_bytes(8, "big")
    cipher, bound = sealed.cipher(key.secret), where.encode() + head
    yield head
    count = max(1, -(-size // step))
    held, number, seen = bytearray(), 0, 0
    for piece in content:
        held += piece
        seen += len(piece)
        while len(held) >= step and number < count - 1:
            yield cipher.encrypt(_nonce(prefix, number, False), bytes(held[:step]), bound)
            del held[:step]
            number += 1
    if seen != size or number != count - 1:
        raise ValueError(f"{seen} bytes came, {size} were announced")
    yield cipher.encrypt(_nonce(prefix, number, True), bytes(held), bound)


class Opened:
    """A sealed file of this format: any part of its content. `read(offset, length)` reads its sealed bytes."""

    def __init__(self, head: bytes, read: Callable[[int, int], bytes], where: str):
        if len(head) < HEAD or head[0] != FORMAT or not 10 <= head[9] <= 30:
            raise sealed.damaged(where)
        self.key = head[1]
        self.size = int.from_bytes(head[10:18], "big")
        self._prefix, self._step = head[2:9], 1 << head[9]
        self._count = max(1, -(-self.size // self._step))
        self._bound, self._where, self._read = where.encode() + head[:HEAD], where, read
        self._cipher = sealed.cipher(sealed.secret_of(self.key, where))

    def pieces(self, start: int, stop: int) -> Iterator[bytes]:
        """The content from `start` up to `stop`, a segment at a time; only the segments it lies in are read.

        Raises:
            Unreadable: a segment was altered or is missing.
        """
        stop = min(stop, self.size)
        for number in range(start // self._step, self._count if stop > start else 0):
            begin = number * self._step
            if begin >= stop:
                return
            last = number == self._count - 1
            length = (self.size - begin if last else self._step) + TAG
            kept = self._read(HEAD + number * (self._step + TAG), length)
            try:
                plain = self._cipher.decrypt(_nonce(self._prefix, number, last), kept, self._bound)
            except (InvalidTag, ValueError):
                raise sealed.damaged(self._where) from None
            yield plain[max(0, start - begin) : stop - begin]


def opened(kept: bytes, where: str) -> bytes:
    """The whole content of sealed bytes at hand.

    Raises:
        Unreadable: its key is missing, or it was altered or belongs elsewhere.
    """
    found = Opened(kept[:HEAD], lambda offset, length: kept[offset : offset + length], where)
    return b"".join(found.pieces(0, found.size)) if found.size else b""


def read_from(file: BinaryIO, base: int) -> Callable[[int, int], bytes]:
    """A reader of the sealed bytes that begin at `base` of an open file."""

    def read(offset: int, length: int) -> bytes:
        file.seek(base + offset)
        return file.read(length)

    return read
