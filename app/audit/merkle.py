"""The tree over the heads of many chains (RFC 6962, section 2.1): one root, and short proofs of inclusion."""

import hashlib
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

LEAF = struct.Struct(">QI32s")
"""Case, number of its newest entry, digest of that entry: 44 bytes, big-endian."""


@dataclass(frozen=True, slots=True, order=True)
class Leaf:
    """The head of one case's chain at the moment of an anchor."""

    case_id: int
    seq: int
    digest: bytes

    def packed(self) -> bytes:
        """The leaf's 44 bytes."""
        return LEAF.pack(self.case_id, self.seq, self.digest)

    def hash(self) -> bytes:
        """What stands in the tree."""
        return hashlib.sha256(b"\0" + self.packed()).digest()


def tuples(packed: bytes) -> Iterator[tuple[int, int, bytes]]:
    """The leaves of one row as tuples; a torn rest is left out (the root will not fit)."""
    return LEAF.iter_unpack(packed[: len(packed) // LEAF.size * LEAF.size])


def unpack(packed: bytes) -> Iterator[Leaf]:
    """The leaves of one row."""
    return (Leaf(*values) for values in tuples(packed))


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def root(hashes: Iterable[bytes]) -> bytes:
    """The root over leaf hashes, in memory for one path only. Without leaves: SHA-256 of nothing."""
    peaks: list[tuple[int, bytes]] = []
    for one in hashes:
        size = 1
        while peaks and peaks[-1][0] == size:
            one, size = _node(peaks.pop()[1], one), size * 2
        peaks.append((size, one))
    if not peaks:
        return hashlib.sha256(b"").digest()
    result = peaks.pop()[1]
    while peaks:
        result = _node(peaks.pop()[1], result)
    return result


def proof(hashes: Sequence[bytes], place: int) -> list[tuple[str, str]]:
    """The way from a leaf to the root: (side of the sibling, its hash in hexadecimal), from below."""
    path: list[tuple[str, str]] = []
    level = list(hashes)
    while len(level) > 1:
        sibling = place ^ 1
        if sibling < len(level):
            path.append(("left" if sibling < place else "right", level[sibling].hex()))
        pairs = range(0, len(level) - 1, 2)
        above = [_node(level[i], level[i + 1]) for i in pairs]
        level, place = above + ([level[-1]] if len(level) % 2 else []), place // 2
    return path
