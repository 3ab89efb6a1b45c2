"""Identity numbers that are found but never read: keyed digests of what is sealed.

The key is derived from the ring's root for this purpose alone. It is not rotated with the data keys, else
nothing would be found again.
"""

import hashlib
import hmac
from functools import lru_cache
from typing import Any

from . import keys
from .identity import numbers_in

LABEL = "identity number, version 1"


@lru_cache(maxsize=4)
def _key(root: bytes) -> bytes:
    return keys.ring().derive(LABEL)


def digest(number: str) -> bytes:
    """The keyed digest (HMAC-SHA-256, its first 16 bytes) under which a normalised number is found.

    Raises:
        KeysError: there is no key ring.
    """
    return hmac.digest(_key(keys.ring().root), number.encode(), hashlib.sha256)[:16]


def digests_in(value: Any) -> set[bytes]:
    """The digests of every identity number in submitted data."""
    return {digest(number) for number in numbers_in(value)}
