"""The record of a copied case, written by PostgreSQL itself: true lines, true digests, a true chain.

A line of the record tells numbers that differ from copy to copy: of the case, its tasks, its documents. They
are the holes in the bytes of the template's line; between them stands what all copies share. PostgreSQL joins
the pieces and hashes them. What is stored is deflated: a piece at a time beforehand, and a hole becomes a
stored block of the deflate stream, so that nothing need be compressed when the copies are made.
"""

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from psycopg import sql

from app.audit.dictionary import DICTIONARIES
from app.audit.lines import DIGEST, FORMAT, MARK, Entry, canonical

NUMBER = 910_000_000_000_000
"""Marks of holes: numbers, texts and digests that stand in no real line."""
_MARK = re.compile(rb'9100000000[0-9]{5}|\xee\x80\x80[0-9]+\xee\x80\x81|"feedfeedfeed[0-9]{52}"')


@dataclass(slots=True)
class Holes:
    """The holes of one template: mark -> the SQL expression (a text) that fills it."""

    fill: dict[bytes, sql.Composable] = field(default_factory=dict)
    digests: dict[bytes, sql.Composable] = field(default_factory=dict)

    def number(self, expression: sql.Composable) -> int:
        """A number that differs from copy to copy."""
        mark = NUMBER + len(self.fill)
        self.fill[str(mark).encode()] = sql.SQL("({})::text").format(expression)
        return mark

    def text(self, expression: sql.Composable) -> str:
        """A text that differs; it needs no escapes in JSON."""
        mark = f"\ue000{len(self.fill)}\ue001"
        self.fill[mark.encode()] = expression
        return mark

    def digest(self, expression: sql.Composable) -> str:
        """A SHA-256 that differs; `expression` gives its 32 bytes."""
        mark = f"feedfeedfeed{len(self.fill):052d}"
        self.fill[f'"{mark}"'.encode()] = sql.SQL("('\"' || encode({}, 'hex') || '\"')").format(expression)
        self.digests[mark.encode()] = expression
        return mark


def marked(entry: Entry, holes: Holes, case: int, other: Mapping[str, Any]) -> Entry:
    """The entry with holes. `case` is the mark of the case; `other` maps `kind:value` of the template
    (`work:17`, `clock:4`, `no:…`, `data:<digest>`, `id:3`, `number:…`) to marks."""

    def of(values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: other.get(f"{name}:{value}", value) for name, value in values.items()}

    return replace(
        entry, case_id=case, content=of(entry.content), documents=[of(one) for one in entry.documents]
    )


def _split(line: bytes, holes: Holes) -> list[bytes | sql.Composable]:
    found: list[bytes | sql.Composable] = []
    last = 0
    for hit in _MARK.finditer(line):
        found += [line[last : hit.start()], holes.fill[hit[0]]]
        last = hit.end()
    return [*found, line[last:]]


def line(entry: Entry, holes: Holes) -> sql.Composable:
    """The bytes of the line, as a SQL expression."""
    return _joined(
        sql.Literal(part) if isinstance(part, bytes) else sql.SQL("convert_to({}, 'UTF8')").format(part)
        for part in _split(entry.line(), holes)
    )


def packed(entry: Entry, holes: Holes) -> sql.Composable:
    """What is stored besides the columns (`app.audit.lines.pack`), as a SQL expression."""
    parts = (entry.actor_name, entry.position, entry.content, entry.documents, entry.files)
    text = canonical({key: part for key, part in zip("apcdf", parts, strict=True) if part})
    digests = DIGEST.findall(text)
    text = DIGEST.sub(MARK, text)
    head: list[sql.Composable] = [sql.Literal(bytes([FORMAT, len(digests)]))]
    head += [holes.digests.get(one) or sql.Literal(bytes.fromhex(one.decode())) for one in digests]
    body: list[sql.Composable] = []
    pieces = _split(text, holes)
    for n, piece in enumerate(pieces):
        if isinstance(piece, bytes):
            body.append(sql.Literal(_deflated(piece, first=n == 0, last=n == len(pieces) - 1)))
        else:
            body.append(_STORED.format(hole=piece))
    return _joined([*head, *body])


_STORED = sql.SQL(
    r"(select set_byte(set_byte('\x000000ffff'::bytea, 1, length(h)), 3, 255 - length(h)) || h"
    " from (select convert_to({hole}, 'UTF8') as h) hole)"
)
"""A stored block of at most 255 bytes."""


def _deflated(piece: bytes, *, first: bool, last: bool) -> bytes:
    # only the first piece may look back into the dictionary: behind a hole the distances are not known
    more = {"zdict": DICTIONARIES[FORMAT]} if first else {}
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15, **more)
    return squeeze.compress(piece) + squeeze.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH)


def _joined(parts: Any) -> sql.Composable:
    return sql.SQL(" || ").join(parts)


def chain(entries: Sequence[Entry], holes: Holes) -> tuple[sql.Composable, sql.Composable]:
    """The digests `d1`, `d2` ... as lateral joins on a row with `case_id`, and the entries as rows of VALUES
    (seq, at, kind, actor_id, digest, packed)."""
    genesis = "sha256(convert_to('xingquan record of case ' || s.case_id, 'UTF8'))"
    joins, rows = [], []
    previous: sql.Composable = sql.SQL(genesis)
    for n, entry in enumerate(entries, 1):
        joins.append(
            sql.SQL("cross join lateral (select sha256({} || {}) as d offset 0) {}").format(
                previous, line(entry, holes), sql.Identifier(f"l{n}")
            )
        )
        previous = sql.SQL("{}.d").format(sql.Identifier(f"l{n}"))
        row = (entry.seq, entry.at, entry.kind, entry.actor_id)
        rows.append(
            sql.SQL("({}, {}::timestamptz, {}, {}::bigint, {}, {})").format(
                *map(sql.Literal, row), sql.Identifier(f"d{n}"), packed(entry, holes)
            )
        )
    return sql.SQL(" ").join(joins), sql.SQL(", ").join(rows)
