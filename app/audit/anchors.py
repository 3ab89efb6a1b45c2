"""The daily anchor: one line over the heads of all chains that changed, kept in the database and in a file.

Whoever rewrites a case's chain, even consistently, contradicts an anchor. Whoever rewrites the anchors as well
contradicts the file beside the database, and cannot sign a new one: the key is outside the database.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from app.kernel import clock

from . import anchor_file, merkle
from .lines import canonical
from .models import RecordAnchor, RecordLeaves

LOCK = 0x51AB0003
PART = 500
"""Leaves in one row: a case's leaf is found without reading a whole city's."""
SETTLED = timedelta(hours=1)
"""No act lasts longer. What was written under an anchor's mark but committed after it, the next one still finds."""
CHANGED = text("""
select c.case_id, e.seq, e.digest
from (select distinct case_id from record_entry where id > :mark) c
cross join lateral (
    select seq, digest from record_entry r where r.case_id = c.case_id order by seq desc limit 1
) e
order by c.case_id
""")
WRITTEN = text("select pg_sequence_last_value(pg_get_serial_sequence('record_entry', 'id')::regclass)")


@dataclass(frozen=True, slots=True)
class Anchor:
    """One anchor: the line that is signed, its MAC, and what the line says."""

    line: str
    mac: bytes

    @property
    def told(self) -> Mapping[str, Any]:
        """anchor (number), at, day, previous, root, cases, entries, mark, key."""
        return json.loads(self.line)

    @property
    def digest(self) -> str:
        """SHA-256 of the line, which the next anchor names as `previous`."""
        return hashlib.sha256(self.line.encode()).hexdigest()


def key(purpose: str = "anchor") -> bytes:
    """The key of the anchors' (or exports') MAC, derived from the installation's secret."""
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.new(secret, f"xingquan record {purpose} 1".encode(), hashlib.sha256).digest()


def key_name(secret: bytes) -> str:
    """Tells keys apart without giving them away."""
    return hashlib.sha256(b"name" + secret).hexdigest()[:8]


def sign(line: str) -> bytes:
    """The MAC of an anchor's line."""
    return hmac.new(key(), line.encode(), hashlib.sha256).digest()


def sign_export(manifest: bytes) -> bytes:
    """The MAC of an exported file's list of contents."""
    return hmac.new(key("export"), manifest, hashlib.sha256).digest()


def take(session: Session) -> Anchor:
    """Write the next anchor over the chains that changed since the last one; `store` puts it into the file."""
    session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK})
    now = clock.now()
    last = newest(session)
    mark = session.scalar(WRITTEN) or 0
    chosen = {"mark": _from(session, now)}
    count = entries = 0

    def leaves() -> Iterator[bytes]:
        nonlocal count, entries
        part: list[merkle.Leaf] = []
        for row in session.execute(CHANGED, chosen, execution_options={"yield_per": 10 * PART}):
            leaf = merkle.Leaf(*row)
            part.append(leaf)
            count, entries = count + 1, entries + leaf.seq
            if len(part) == PART:
                _keep(session, number, part)
                part = []
            yield leaf.hash()
        if part:
            _keep(session, number, part)

    number = last.told["anchor"] + 1 if last else 1
    root = merkle.root(leaves())
    line = canonical(
        {
            "anchor": number,
            "at": now.astimezone(UTC).isoformat(timespec="seconds"),
            "day": clock.legal_day(now).isoformat(),
            "previous": last.digest if last else "",
            "root": root.hex(),
            "cases": count,
            "entries": entries,
            "mark": mark,
            "key": key_name(key()),
        }
    ).decode()
    anchor = Anchor(line, sign(line))
    session.execute(insert(RecordAnchor), [{"number": number, "at": now, "line": line, "mac": anchor.mac}])
    return anchor


def _from(session: Session, now: datetime) -> int:
    """From which entry on to look: the mark of the newest anchor whose acts have all ended."""
    settled = select(RecordAnchor.line).where(RecordAnchor.at <= now - SETTLED)
    line = session.scalar(settled.order_by(RecordAnchor.number.desc()).limit(1))
    return json.loads(line)["mark"] if line else 0


def _keep(session: Session, number: int, part: list[merkle.Leaf]) -> None:
    packed = b"".join(leaf.packed() for leaf in part)
    row = {"number": number, "first_case": part[0].case_id, "last_case": part[-1].case_id, "packed": packed}
    session.execute(insert(RecordLeaves), [row])


def newest(session: Session) -> Anchor | None:
    """The last anchor."""
    row = session.execute(
        select(RecordAnchor.line, RecordAnchor.mac).order_by(RecordAnchor.number.desc()).limit(1)
    ).first()
    return Anchor(*row) if row else None


def all_of(session: Session) -> list[tuple[int, Anchor]]:
    """Every anchor with the number of its row, oldest first."""
    rows = session.execute(
        select(RecordAnchor.number, RecordAnchor.line, RecordAnchor.mac).order_by(RecordAnchor.number)
    )
    return [(number, Anchor(line, mac)) for number, line, mac in rows]


def leaves_of(session: Session, number: int) -> Iterator[merkle.Leaf]:
    """The heads one anchor covers, in order of the cases."""
    rows = session.scalars(
        select(RecordLeaves.packed)
        .where(RecordLeaves.number == number)
        .order_by(RecordLeaves.first_case)
        .execution_options(yield_per=20)
    )
    for packed in rows:
        yield from merkle.unpack(packed)


def leaves_between(session: Session, low: int, high: int) -> dict[int, list[tuple[int, merkle.Leaf]]]:
    """What the anchors say of the cases with these ids (both included): number and leaf, oldest first."""
    rows = session.execute(
        select(RecordLeaves.number, RecordLeaves.packed)
        .where(RecordLeaves.first_case <= high, RecordLeaves.last_case >= low)
        .order_by(RecordLeaves.number, RecordLeaves.first_case)
    )
    found: dict[int, list[tuple[int, merkle.Leaf]]] = {}
    for number, packed in rows:
        for values in merkle.tuples(packed):
            if low <= values[0] <= high:
                found.setdefault(values[0], []).append((number, merkle.Leaf(*values)))
    return found


def covering(session: Session, case_id: int) -> Iterator[tuple[Anchor, merkle.Leaf, list[tuple[str, str]]]]:
    """The anchors that cover a case, oldest first: each with the case's leaf and its way to the root."""
    numbers = [number for number, _ in leaves_between(session, case_id, case_id).get(case_id, ())]
    for number in dict.fromkeys(numbers):
        line, mac = session.execute(
            select(RecordAnchor.line, RecordAnchor.mac).where(RecordAnchor.number == number)
        ).one()
        leaves = list(leaves_of(session, number))
        place = next(n for n, leaf in enumerate(leaves) if leaf.case_id == case_id)
        way = merkle.proof([leaf.hash() for leaf in leaves], place)
        yield Anchor(line, mac), leaves[place], way


def store(session: Session) -> None:
    """Append to the file the anchors it does not have yet.

    Raises:
        Conflict: the file contradicts the database; nothing is written.
    """
    anchor_file.append(folder(), [(each.line, each.mac) for _, each in all_of(session)])


def folder() -> Path:
    """Where the file of anchors lies."""
    return Path(current_app.config["ANCHORS"])


def restored(session: Session, reason: str) -> int:
    """After a lawful restoration of an older database: note in the file, signed, that the anchors behind the
    database's newest one are given up. How many there are."""
    last = newest(session)
    number = last.told["anchor"] if last else 0
    line = canonical({"restored": number, "at": clock.now().isoformat(), "reason": reason}).decode()
    return anchor_file.give_up(folder(), number, line, sign(line))
