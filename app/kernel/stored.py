"""What a stored file's bytes say by themselves, without a key: are they whole? Pure.

A sealed file is MARK | SHA-256 of the rest | the rest; any other is its content, whose SHA-256 is its name. So
a backup, a mirror or an object store can check its copies and never needs the ring.
"""

import hashlib

MARK = b"\0xq-sealed\n"
"""What a sealed file begins with; no file type that may be handed in does."""
HEAD = len(MARK) + 32


class Check:
    """Whether bytes that come in pieces are the whole file stored under a digest.

    check = Check(digest); check.update(piece) ...; check.whole()
    """

    def __init__(self, digest: str):
        self.digest = digest
        self._head = b""
        self._seen = hashlib.sha256()
        self._sealed: bool | None = None

    def update(self, piece: bytes) -> None:
        """The next piece."""
        if self._sealed is None:
            self._head += piece
            if len(self._head) < HEAD and MARK.startswith(self._head[: len(MARK)]):
                return
            self._sealed = self._head.startswith(MARK)
            piece = self._head[HEAD:] if self._sealed else self._head
        self._seen.update(piece)

    def whole(self) -> bool:
        """Whether all that came is the file."""
        if self._sealed is None:  # shorter than any sealed file
            self._seen.update(self._head)
            return self._seen.hexdigest() == self.digest
        if self._sealed:
            return self._seen.digest() == self._head[len(MARK) : HEAD]
        return self._seen.hexdigest() == self.digest


def whole(digest: str, kept: bytes) -> bool:
    """Whether these are the bytes stored under a digest."""
    check = Check(digest)
    check.update(kept)
    return check.whole()


def wrapped(rest: bytes) -> bytes:
    """The bytes of a sealed file."""
    return MARK + hashlib.sha256(rest).digest() + rest
