"""Many rows of one kind in one statement: what a sweep writes for a hundred cases at once.

A step writes a row or two of a kind, each by a statement of its own. From `FEW` on, neighbouring inserts into the
same columns, or updates of the same columns, travel as one statement over arrays.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

FEW = 8
DIALECT = PGDialect_psycopg()

Kind = tuple[Table, tuple[str, ...], bool]
"""Table, columns, and whether rows are new (else `id` names the row to change)."""


def runs(kinds: Sequence[Kind | None]) -> Iterator[tuple[Kind | None, int, int]]:
    """Neighbours of one kind that may travel together: kind, first, end. Others come alone, with None."""
    start = 0
    for kind, group in groupby(kinds):
        end = start + len(list(group))
        if kind is not None and end - start >= FEW and _plain(kind[0], kind[1]):
            yield kind, start, end
        else:
            yield from ((None, n, n + 1) for n in range(start, end))
        start = end


def statement(kind: Kind) -> str:
    """One statement for any number of rows: every place holds an array."""
    return _statement(*kind)


def arrays(kind: Kind, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The values of the rows, column by column."""
    names = kind[1] if kind[2] else (*kind[1], "id")
    return {name: [row[name] for row in rows] for name in names}


@cache
def _plain(table: Table, names: tuple[str, ...]) -> bool:
    # arrays of arrays cannot be taken apart, and JSON goes its own way
    return not any("[]" in _type(table, name) or "JSON" in _type(table, name) for name in names)


def _type(table: Table, name: str) -> str:
    return str(table.columns[name].type.compile(DIALECT))


@cache
def _statement(table: Table, names: tuple[str, ...], new: bool) -> str:
    taken = names if new else (*names, "id")
    source = "unnest({}) v({})".format(
        ", ".join(f"%({n})s::{_type(table, n)}[]" for n in taken), ", ".join(f'"{n}"' for n in taken)
    )
    if new:
        own = "overriding system value" if "id" in names else ""
        columns = ", ".join(f'"{n}"' for n in names)
        return f'insert into "{table.name}" ({columns}) {own} select v.* from {source}'  # noqa: S608 - our names
    pairs = ", ".join(f'"{n}" = v."{n}"' for n in names)
    return f'update "{table.name}" t set {pairs} from {source} where t.id = v.id'  # noqa: S608 - our names
