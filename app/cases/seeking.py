"""Searching a list that may be endless in bounded work.

A small slice of the list is looked through in the list's own order: a frequent word fills the page from it. If
it does not, the index of words (`indexed`) names every matching case of the agency, as long as they are few:
then these are the list. Only where they are many is the list walked on, slice by slice, until the page is full
or as much has been looked through as one request may; then the page says so, and a link goes on from there.

The walk itself never asks the index of words: the planner takes the pairs of characters of one word for
independent of each other, expects next to nothing and reads hundreds of thousands of cases.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from app.kernel import identity, reads, searchable

from .models import INDEXED, Case
from .work_items import bigrams

FIRST = 1_000
"""Entries in the first slice."""
LARGEST = 8_000
"""Entries in the largest slice."""
FEW = 2_000
"""So many matching cases of one agency are looked at one by one."""
BUDGET = 32_000
"""So many entries are looked through for one page; a slice more at most."""
SECONDS = 0.015
"""So long the list is walked after its first slice and the index: no further slice that would take longer. The page
asks for more by itself, so that each answer is quick."""
MANY = 5
"""Words that about so many times `FEW` cases of the agency hold are not asked of the index: it would only say so."""
PAIRS = 4
"""So many pairs of characters are asked of the index at most, the rarest ones."""

PERSON = "person:"
"""Begins a word that stands for an identity number: what follows is its digest in hexadecimal digits."""
NUMBER = re.compile(r".+〔\d{4}〕\d+号")
"""A whole case number: found by its own index."""

COMMON = """
select pair, share, (select greatest(reltuples, 0) from pg_class where oid = '"case"'::regclass) as cases
from pg_stats, unnest(most_common_elems::text::text[], most_common_elem_freqs) as known (pair, share)
where schemaname = current_schema() and tablename = 'ix_case_search' and pair = any(%(pairs)s::text[])
"""
"""The shares of the cases that hold these pairs, or are of this agency, of those that the statistics of the index list:
the frequent ones; and how many cases there are about."""

Key = TypeVar("Key")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row, Key]):
    """What a slice of a list gave: matching rows in order, how many entries it had, and the key of its last
    one; None where the list ends with it."""

    rows: Sequence[Row]
    looked: int
    end: Key | None


@dataclass(frozen=True, slots=True)
class Found(Generic[Row, Key]):
    """The first matching rows after a key. `end` is None if the list has been looked through as far as was
    asked; else it was given up there, after `looked` entries, and the search can go on from that key."""

    rows: Sequence[Row]
    looked: int
    end: Key | None


def seek(
    walk: Callable[[Key | None, int], Slice[Row, Key]],
    among: Callable[[], Sequence[Row] | None],
    after: Key | None,
    wanted: int,
) -> Found[Row, Key]:
    """The first `wanted` matching rows after a key, or as many as bounded work finds.

    `walk` looks through a slice of so many entries after a key; `among` gives the first `wanted` ones if an
    index knows all matches, None if they are too many.
    """
    size, looked, spent = FIRST, 0, 0.0
    rows: list[Row] = []
    while True:
        since = time.monotonic()
        part = walk(after, size)
        took = time.monotonic() - since
        rows += part.rows
        if part.end is None or len(rows) >= wanted:
            return Found(rows[:wanted], looked + part.looked, None)
        if not looked:
            if (every := among()) is not None:
                return Found(every[:wanted], len(every), None)
        else:
            spent += took
        looked += part.looked
        larger = min(size * 2, LARGEST)
        if looked >= BUDGET or spent + took * larger / size > SECONDS:
            return Found(rows, looked, part.end)
        after, size = part.end, larger


def matching(words: Sequence[str]) -> ColumnElement[bool]:
    """Whether a case's number or title holds every word; an identity number finds the cases that name it, by
    its keyed digest."""
    return and_(true(), *map(_matches, words))


def fits(number: Any, words: Sequence[str], *more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the case of this number matches. Asked case by case: a join might read all cases in order."""
    one = select(true()).where(Case.id == number, matching(words), *more).limit(1)
    return one.correlate(number.table).scalar_subquery().is_(True)


def _matches(word: str) -> ColumnElement[bool]:
    if digest := _person(word):
        return Case.party_keys.contains([digest])
    if NUMBER.fullmatch(word):
        return Case.no == word
    return or_(Case.title.ilike(_anywhere(word)), Case.no.ilike(_anywhere(word)))


def _anywhere(word: str) -> str:
    pattern = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{pattern}%"


def spelled(words: Sequence[str], case: str) -> tuple[str, dict[str, Any]]:
    """`matching` as a text about a case row of this name, with its values; empty without words."""
    parts, values = [], {}
    for n, word in enumerate(words):
        place = f"word{n}"
        if digest := _person(word):
            parts.append(f"{case}.party_keys @> %({place})s")
            values[place] = [digest]
        elif NUMBER.fullmatch(word):
            parts.append(f"{case}.no = %({place})s")
            values[place] = word
        else:
            parts.append(f"({case}.title ilike %({place})s or {case}.no ilike %({place})s)")
            values[place] = _anywhere(word)
    return " and ".join(parts), values


def _person(word: str) -> bytes | None:
    if code := identity.recognised(word):
        return searchable.digest(code)
    return bytes.fromhex(word.removeprefix(PERSON)) if word.startswith(PERSON) else None


def indexed(session: Session, agency_id: int, words: Sequence[str]) -> list[int] | None:
    """Numbers of at most `FEW` cases, in no order, among which are all of the agency's that match the words;
    None if there are more, or if no index knows these words.

    A sequential scan is forbidden meanwhile: the planner prefers it for the first of many, and reads on to
    the end of the table where they are elsewhere.
    """
    condition, values = _condition(session, agency_id, words)
    if not condition:
        return None
    query = f'select id from "case" where {condition} limit {FEW + 1}'  # noqa: S608 - texts of this module
    _, found, _ = reads.fetch(
        session,
        ("select set_config('enable_seqscan', 'off', true)", {}),
        (query, values),
        ("select set_config('enable_seqscan', 'on', true)", {}),
    )
    return [row["id"] for row in found] if len(found) <= FEW else None


def _condition(session: Session, agency_id: int, words: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """The condition that the most telling index answers; empty where none does, or where it would name too many."""
    for word in words:
        if NUMBER.fullmatch(word):
            return "no = %(no)s", {"no": word}
    for word in words:
        if digest := _person(word):
            return "party_keys @> %(keys)s", {"keys": [digest]}
    pairs = list(dict.fromkeys(pair for word in words if len(word) > 1 for pair in bigrams(word)))
    if not pairs:
        return "", {}
    own = f"@@{agency_id}"
    (known,) = reads.fetch(session, (COMMON, {"pairs": [own, *pairs]}))
    shares = {row["pair"]: row["share"] for row in known}
    least = min(shares.get(pair, 0.0) for pair in pairs)
    if known and least * shares.get(own, 0.0) * known[0]["cases"] > MANY * FEW:
        return "", {}
    return f"{INDEXED} @> %(words)s::text[]", {"words": [own, *_rarest(shares, pairs)]}


def _rarest(shares: Mapping[str, float], pairs: Sequence[str]) -> Sequence[str]:
    """At most `PAIRS` of them, the rarest as far as the statistics know: to intersect long lists with one
    another costs time and tells little."""
    return sorted(pairs, key=lambda pair: shares.get(pair, 0.0))[:PAIRS]
