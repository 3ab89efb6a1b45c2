"""Finding power items by any part of their name or code."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from .library import like

FOUND = 50
LONGEST = 60
FIRST = 1_000
"""Items in which a word is looked for before the index is asked: a frequent one fills the list from them."""
NAMED = """
select f.id, f.agency_id, a.name as agency, f.code, f.name, f.kind, f.status from found f
join agency a on a.id = f.agency_id order by a.region_code, a.code, f.code
"""
COLUMNS = "id, agency_id, code, name, kind, status"
HOLDS = "(name ilike :like escape '!' or code ilike :like escape '!')"
AMONG_FIRST = text(f"""
with first as materialized (
    select {COLUMNS} from power_item where agency_id = any(cast(:agencies as bigint[])) limit :first
), found as materialized (select * from first where {HOLDS} limit :most) {NAMED}
""")  # noqa: S608 - our own text
BY_PAIRS = text(f"""
with found as materialized (
    select {COLUMNS} from power_item where text_pairs(code || '¶' || name) @> text_pairs(:word) and {HOLDS}
    and agency_id = any(cast(:agencies as bigint[])) limit :most
) {NAMED}
""")  # noqa: S608
BY_READING = text(f"""
with found as materialized (
    select {COLUMNS} from power_item where {HOLDS} and agency_id = any(cast(:agencies as bigint[])) limit :most
) {NAMED}
""")  # noqa: S608
"""A single character is in no pair: the items are read until there are enough."""


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
    values = {"word": word, "like": like(word), "agencies": list(agencies), "most": most, "first": FIRST}
    rows = session.execute(AMONG_FIRST, values).all()
    if len(rows) < most:
        rows = session.execute(BY_PAIRS if len(word) > 1 else BY_READING, values).all()
    return [FoundItem(*row) for row in rows]
