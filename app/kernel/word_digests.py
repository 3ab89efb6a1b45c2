"""Texts that are found by their words but never read: keyed digests of the pairs of neighbouring characters.

Of what is sealed at rest no text may stand beside it, so the index holds HMAC-SHA-256 of `agency`, a pair, cut to 32
bits, under a key derived from the ring's root for this purpose alone. The agency is part of what is digested: the same
pair has another digest in each, and what is frequent in one tells nothing of another. A digest may belong to several
pairs, so whoever finds a text by it opens the text and looks.

Runs of digits as long as telephone and identity numbers are left out: those are found by `searchable` or not at all.
"""

import hashlib
import hmac
import re
from functools import lru_cache

from . import keys

LABEL = "words of texts, version 1"
BREAK = "¶"
"""Stands between the parts of a text: no word goes across it."""
_LONG_NUMBER = re.compile(r"[0-9]{7,}[xX]?")
_APART = re.compile(r"\s+")


@lru_cache(maxsize=4)
def _key(root: bytes) -> bytes:
    return keys.ring().derive(LABEL)


def plain(text: str) -> str:
    """The text as words are looked for in it: small letters, no blanks, long numbers gone; lines are its parts."""
    return _LONG_NUMBER.sub("\n", _APART.sub("", text).lower().replace(BREAK, "\n")).strip()


def pairs_of(text: str) -> set[str]:
    """Every pair of neighbouring characters of a `plain` text."""
    return {text[at : at + 2] for at in range(len(text) - 1) if "\n" not in text[at : at + 2]}


@lru_cache(maxsize=200_000)
def _digest(key: bytes, agency_id: int, pair: str) -> int:
    found = hmac.digest(key, f"{agency_id} {pair}".encode(), hashlib.sha256)
    return int.from_bytes(found[:4], "big", signed=True)


def digests(agency_id: int, text: str) -> list[int]:
    """The digests of a text of this agency, as numbers of 32 bits, in order.

    Raises:
        KeysError: there is no key ring.
    """
    key = _key(keys.ring().root)
    return sorted({_digest(key, agency_id, pair) for pair in pairs_of(plain(text))})
