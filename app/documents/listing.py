"""The valid documents of a case for a page that reads everything in one round trip."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..kernel.word_digests import BREAK

ISSUED = """
select id, code, title, number, issued_on from document where case_id = {case} and status = 'issued' order by id
"""
"""The question of `service.issued` about a whole case."""


def issued_in(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The documents among the rows of `ISSUED`, as `service.issued` gives them."""
    return [{**row, "issued_on": row["issued_on"].isoformat()} for row in rows]


LAYOUT = frozenset({"t", "align", "style", "indent", "rule", "sticky", "blank", "widths", "height", "link"})
"""What of a block says how it looks."""


def text_of(data: Mapping[str, Any]) -> str:
    """The words of a filled document, its parts set apart (`word_digests.BREAK`)."""
    return BREAK.join(_words(data["blocks"]))


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in LAYOUT:
                yield from _words(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _words(inner)
