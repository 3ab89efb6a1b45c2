"""The valid documents of a case for a page that reads everything in one round trip."""

from collections.abc import Mapping, Sequence
from typing import Any

ISSUED = """
select id, code, title, number, issued_on from document where case_id = {case} and status <> 'void' order by id
"""
"""The question of `service.issued` about a whole case."""


def issued_in(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The documents among the rows of `ISSUED`, as `service.issued` gives them."""
    return [{**row, "issued_on": row["issued_on"].isoformat()} for row in rows]
