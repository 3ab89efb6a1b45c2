"""What is typed into a search, and how it travels in an address: an identity number never does.

A number that is one beyond doubt is turned into its keyed digest before it becomes part of an address, which
browsers, proxies and their logs keep.
"""

import re
from collections.abc import Mapping

from app.kernel import searchable
from app.kernel.identity import recognised

from .seeking import PERSON

WORDS = 5
_DIGEST = re.compile(r"[0-9a-f]{32}")


def veiled(typed: str) -> dict[str, str]:
    """The arguments of an address for a search as typed: `q`, the words, and `person`, a number's digest."""
    plain: list[str] = []
    found = {}
    for word in typed.split()[:WORDS]:
        if number := recognised(word):
            found["person"] = searchable.digest(number).hex()
        else:
            plain.append(word)
    return ({"q": " ".join(plain)} if plain else {}) | found


def words(arguments: Mapping[str, str]) -> list[str]:
    """The words to search for (`seeking.matching`) from an address."""
    person = arguments.get("person", "")
    return arguments.get("q", "").split()[:WORDS] + ([PERSON + person] if _DIGEST.fullmatch(person) else [])


def named(typed: str) -> bool:
    """Whether what was typed holds an identity number: the address must be left at once."""
    return any(recognised(word) for word in typed.split())
