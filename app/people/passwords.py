"""Argon2id, and the list of passwords everybody knows.

Parameters: RFC 9106 section 4, second recommended option (64 MiB, 3 passes, 4 lanes), about 0.1 s each.
"""

import secrets
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_ALPHABET = "abcdefghjkmnpqrstuvwxyz"  # without l, i, o: they are read out over the telephone
_DIGITS = "23456789"


def digest(password: str) -> str:
    """The hash to store."""
    return _hasher.hash(password)


def verify(stored: str, password: str) -> bool:
    """Whether the password is the one behind the stored hash."""
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def outdated(stored: str) -> bool:
    """Whether the stored hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


@cache
def decoy() -> str:
    """A hash nobody knows the password of.

    Verified when a login does not exist: the same work, the same time as for one that does.
    """
    return digest(secrets.token_urlsafe(32))


@cache
def common() -> frozenset[str]:
    """Passwords everybody knows, in lower case."""
    lines = (Path(__file__).parent / "data" / "common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip().casefold() for line in lines if line.strip() and not line.startswith("#"))


def one_time() -> str:
    """A password to hand over once: four groups of letters and digits, about 70 bits."""
    while True:
        groups = ["".join(secrets.choice(_ALPHABET + _DIGITS) for _ in range(4)) for _ in range(4)]
        password = "-".join(groups)
        if any(c in _DIGITS for c in password) and any(c in _ALPHABET for c in password):
            return password
