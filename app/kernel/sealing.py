"""Seals: a row was written by this platform. The key is not in the database, so who only has the database
cannot make one.

A seal is one byte that names the key, then HMAC-SHA-256 over the row's canonical bytes (`joined`). The key is
derived from SECRET_KEY and a label for each kind of row. When SECRET_KEY is changed, the former ones stay in
XQ_OLD_SECRET_KEYS: what they sealed still holds, and is sealed with the new one when it is next written.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from flask import current_app, has_app_context

from . import settings

LENGTH = 33


@lru_cache(maxsize=32)
def key_of(secret: str, label: str) -> bytes:
    """The key that seals one kind of row."""
    return hmac.digest(secret.encode(), f"xingquan seal 1 {label}".encode(), "sha256")


@lru_cache(maxsize=32)
def key_id(key: bytes) -> bytes:
    """The byte that names a key in a seal: which of several to try, nothing secret."""
    return hashlib.sha256(b"id" + key).digest()[:1]


def make(label: str, material: bytes) -> bytes:
    """The seal over these bytes, by the present key."""
    return _seal(key_of(_secrets()[0], label), material)


def holds(label: str, seal: bytes, material: bytes) -> bool:
    """Whether the seal was made over these bytes, by the present key or a former one. An empty one never holds."""
    return any(hmac.compare_digest(seal, _seal(key_of(s, label), material)) for s in _secrets())


def _seal(key: bytes, material: bytes) -> bytes:
    return key_id(key) + hmac.digest(key, material, "sha256")


def _secrets() -> Sequence[str]:
    if not has_app_context():
        return [settings.secret_key(), *settings.old_secret_keys()]
    return [str(current_app.config["SECRET_KEY"]), *current_app.config.get("OLD_SECRET_KEYS", ())]


def joined(*parts: str | bytes) -> bytes:
    """Each part with its length in bytes before it: `3:abc`. No part can pretend to be two."""
    encoded = [part.encode() if isinstance(part, str) else part for part in parts]
    return b"".join(b"%d:%b" % (len(part), part) for part in encoded)


def canonical(value: Any) -> bytes:
    """A JSON value as bytes, the same before and after it was stored as jsonb.

    A letter for the type, the length in bytes, the content: `n0:`, `b1:t`, `d3:1.5` (no trailing zeros, no
    exponent), `s2:ok`, `a` with its items, `o` with its keys in the order of their bytes, each `s…` and its value.
    """
    if value is False:  # most of what is sealed are attributes, and most of them are not so
        return b"b1:f"
    if value is None:
        return b"n0:"
    if value is True:
        return b"b1:t"
    if isinstance(value, str):
        text = value.encode()
        return b"s%d:%b" % (len(text), text)
    if isinstance(value, int | float | Decimal):
        text = (str(value) if isinstance(value, int) else _number(value)).encode()
        return b"d%d:%b" % (len(text), text)
    if isinstance(value, Mapping):
        named = sorted([(str(key).encode(), inner) for key, inner in value.items()], key=_first)
        body = b"".join([b"s%d:%b%b" % (len(key), key, canonical(inner)) for key, inner in named])
        return b"o%d:%b" % (len(body), body)
    body = b"".join([canonical(inner) for inner in value])
    return b"a%d:%b" % (len(body), body)


def _first(pair: tuple[bytes, Any]) -> bytes:
    return pair[0]


def _number(value: float | Decimal) -> str:
    text = format(Decimal(str(value)), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
