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
from collections.abc import Callable, Sequence
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
SECONDS = 0.4
"""So long the list is walked after the index was asked: no further slice then."""
QUICK = 0.1
"""Seconds. After a slice that took less the next one is twice as large, else half as large."""
PAIRS = 4
"""So many pairs of characters are asked of the index at most, the rarest ones."""

PERSON = "person:"
"""Begins a word that stands for an identity number: what follows is its digest in hexadecimal digits."""
NUMBER = re.compile(r".+〔\d{4}〕\d+号")
"""A whole case number: found by its own index."""

COMMON = """
select pair, share
from pg_stats, unnest(most_common_elems::text::text[], most_common_elem_freqs) as known (pair, share)
where schemaname = current_schema() and tablename = 'case' and attname = 'search' and pair = any(%(pairs)s::text[])
"""
"""The shares of the cases that hold these pairs, of those that the statistics list: the frequent ones."""

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
    began: float | None = None
    size, looked = FIRST, 0
    rows: list[Row] = []
    while True:
        since = time.monotonic()
        part = walk(after, size)
        rows += part.rows
        if part.end is None or len(rows) >= wanted:
            return Found(rows[:wanted], looked + part.looked, None)
        now = time.monotonic()
        if began is None:
            if (every := among()) is not None:
                return Found(every[:wanted], len(every), None)
            began = time.monotonic()
        looked += part.looked
        if looked >= BUDGET or now - began > SECONDS:
            return Found(rows, looked, part.end)
        after = part.end
        size = min(size * 2, LARGEST) if now - since < QUICK else max(size // 2, FIRST)


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
    pattern = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return or_(Case.title.ilike(f"%{pattern}%"), Case.no.ilike(f"%{pattern}%"))


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
    """The condition that the most telling index answers."""
    for word in words:
        if NUMBER.fullmatch(word):
            return "no = %(no)s", {"no": word}
    for word in words:
        if digest := _person(word):
            return "party_keys @> %(keys)s", {"keys": [digest]}
    pairs = list(dict.fromkeys(pair for word in words if len(word) > 1 for pair in bigrams(word)))
    if not pairs:
        return "", {}
    return f"{INDEXED} @> %(words)s::text[]", {"words": [f"@@{agency_id}", *_rarest(session, pairs)]}


def _rarest(session: Session, pairs: Sequence[str]) -> Sequence[str]:
    """At most `PAIRS` of them, the rarest as far as the statistics know: to intersect long lists with one
    another costs time and tells little."""
    if len(pairs) <= PAIRS:
        return pairs
    (known,) = reads.fetch(session, (COMMON, {"pairs": pairs}))
    common = {row["pair"]: row["share"] for row in known}
    return sorted(pairs, key=lambda pair: common.get(pair, 0.0))[:PAIRS]
