"""Finding texts by any part of them: power items by name or code, articles by their words.

A frequent word fills the list from the first rows. Else the index of pairs names what is rare; the planner has no choice
then, since it takes the pairs of a word for independent of each other: it would read the whole table, or start helpers
that cost more than the answer. Case is not looked at where a word has none: `ilike` spells every text in small letters.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.kernel import reads

FOUND = 50
LONGEST = 60
FIRST = 1_000
"""Rows in which a word is looked for before the index is asked."""
INDEX_ALONE = """
select set_config('xq.helpers', current_setting('max_parallel_workers_per_gather'), true),
    set_config('max_parallel_workers_per_gather', '0', true), set_config('enable_seqscan', 'off', true)
"""
AS_BEFORE = """
select set_config('max_parallel_workers_per_gather', current_setting('xq.helpers'), true),
    set_config('enable_seqscan', 'on', true)
"""
COLUMNS = "id, agency_id, code, name, kind, status"
HOLDS = "(name {like} %(like)s escape '!' or code {like} %(like)s escape '!')"
NAMED = """
select f.id, f.agency_id, a.name as agency, f.code, f.name, f.kind, f.status from found f
join agency a on a.id = f.agency_id order by a.region_code, a.code, f.code
"""
AMONG_FIRST = f"""
with first as materialized (
    select {COLUMNS} from power_item where agency_id = any(%(agencies)s) limit %(first)s
), found as materialized (select * from first where {HOLDS} limit %(most)s) {NAMED}
"""  # noqa: S608 - our own text
BY_PAIRS = f"""
with found as materialized (
    select {COLUMNS} from power_item where text_pairs(code || '¶' || name) @> text_pairs(%(word)s) and {HOLDS}
    and agency_id + 0 = any(%(agencies)s) limit %(most)s
) {NAMED}
"""  # noqa: S608
"""`+ 0`: the index of agencies would name too many rows, each with its pairs to be told."""
BY_READING = f"""
with found as materialized (
    select {COLUMNS} from power_item where {HOLDS} and agency_id = any(%(agencies)s) limit %(most)s
) {NAMED}
"""  # noqa: S608
"""A single character is in no pair: the items are read until there are enough."""
Rows = list[reads.Row]


@dataclass(frozen=True, slots=True)
class FoundItem:
    """An item as a list of finds shows it."""

    id: int
    agency_id: int
    agency: str
    code: str
    name: str
    kind: str
    status: str


def items(session: Session, word: str, agencies: Collection[int], most: int = FOUND) -> list[FoundItem]:
    """Items of these agencies whose name or code holds the word."""
    word = "".join(word.replace("\0", "").split())[:LONGEST]
    if not word:
        return []
    values = {"agencies": list(agencies), "most": most}
    if len(word) > 1:
        rows = rows_with(session, word, AMONG_FIRST, BY_PAIRS, values)
    else:
        (rows,) = reads.fetch(session, (spelled(BY_READING, word), asked(word, values)))
    return [FoundItem(**row) for row in rows]


def rows_with(
    session: Session, word: str, among_first: str, by_pairs: str, values: Mapping[str, Any]
) -> Rows:
    """The rows that hold a word of two characters or more: those of the first ones, if they fill the list, else those
    that the index of pairs names."""
    told = asked(word, values)
    (rows,) = reads.fetch(session, (spelled(among_first, word), told))
    if len(rows) < values["most"]:
        _, rows, _ = reads.fetch(session, (INDEX_ALONE, {}), (spelled(by_pairs, word), told), (AS_BEFORE, {}))
    return rows


def asked(word: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a statement asks for."""
    return {**values, "word": word, "like": like(word), "first": FIRST}


def spelled(query: str, word: str) -> str:
    """A statement with the comparison that the word needs."""
    return query.format(like="like" if word.lower() == word.upper() else "ilike")


def like(word: str) -> str:
    """A pattern that holds the word itself, with `!` as escape."""
    for sign in "!%_":
        word = word.replace(sign, f"!{sign}")
    return f"%{word}%"
