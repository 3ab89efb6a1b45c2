"""A box narrowed by words or a filter: which rows fit, found in bounded work (`cases.seeking`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.cases.service import full_text, seeking
from app.kernel import reads
from app.kernel.auth import Actor

from . import boxes, filters
from .boxes import NEWEST_FIRST, OF_CASES, Box, Part
from .filters import NONE, Chosen

Key = tuple[datetime, int]
"""The place of a row in a box: its moment and its number."""
PAGE = 30


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is narrowed by: words about the case, words in opinions and documents, a filter."""

    words: Sequence[str] = ()
    text: Sequence[str] = ()
    chosen: Chosen = NONE

    def __bool__(self) -> bool:
        return bool(self.words or self.text or self.chosen)


EVERYTHING = Asked()


class Search:
    """A box narrowed by words or a filter, from a key on."""

    def __init__(self, session: Session, actor: Actor, box: Box, asked: Asked, key: Key | None):
        self.session, self.actor, self.box, self.asked, self.key = session, actor, box, asked, key
        items = filters.NO_ITEMS
        if asked.chosen.by_item():
            items = filters.items_by(session, actor.agency_id)
        found, self.values = filters.conditions(asked.chosen, items)
        self.conditions = [one.sql for one in found]
        self.needs = "".join(one.needs for one in found)
        named, values = seeking.spelled(asked.words, "c")
        if named:
            self.conditions.append(named)
            self.values |= values
            self.needs += "c"
        if asked.text:
            told, values = full_text.condition(actor.agency_id, asked.text, "p.case_id")
            self.conditions.append(told)
            self.values |= values
        self.snippets: dict[int, Sequence[full_text.Snippet]] = {}
        self.bounds = filters.bounds(asked.chosen)
        self.values |= boxes.values(actor, self.bounds)

    def fitting(self, pool: str, limit: int | None) -> str:
        """The rows of a pool that fit, in order."""
        joins = filters.joins(self.needs, "p", self.box in OF_CASES)
        inner = f"select * from ({pool}) q order by {boxes.order(self.box, 'q')}"  # noqa: S608
        text = f"select p.* from ({inner}) p {joins}"  # noqa: S608
        if self.conditions:
            text += f" where {' and '.join(self.conditions)}"
        text += f" order by {boxes.order(self.box, 'p')}"
        return text if limit is None else f"{text} limit {limit}"

    def walk(self, key: Key | None, size: int) -> seeking.Slice[int, Key]:
        """Look through the next rows: as many of each way, as far as where the first of the ways breaks off."""
        part = Part(size, self.bounds, key is not None)
        ways = boxes.ways(self.actor, self.box, part)
        if not ways:
            return seeking.Slice([], 0, None)
        order = boxes.order(self.box)
        sign = ">=" if self.box in NEWEST_FIRST else "<="
        named = ", ".join(f"way{n} as materialized ({way})" for n, way in enumerate(ways))
        ends = " union all ".join(
            f"(select moment, place from way{n} order by {order} offset {size - 1} limit 1)"  # noqa: S608
            for n in range(len(ways))
        )
        some = " union all ".join(
            f"select way{n}.* from way{n} left join reached on true"  # noqa: S608
            f" where reached.place is null or (way{n}.moment, way{n}.place) {sign} (reached.moment, reached.place)"
            for n in range(len(ways))
        )
        question = f"""
with {named}, reached as materialized (select * from ({ends}) e order by {order} limit 1),
pool as materialized ({some})
select (select moment from reached) as moment, (select place from reached) as place,
    (select count(*) from pool) as looked, (select jsonb_agg(jsonb_build_array(f.place, f.case_id, f.moment)
        order by {boxes.order(self.box, "f")}) from ({self.fitting("select * from pool", self.most)}) f) as rows
"""  # noqa: S608 - texts of this room
        ((row,),) = reads.fetch(self.session, (question, self.values | keyed(key)))
        end = (row["moment"], row["place"]) if row["place"] is not None else None
        rows = [Entry(place, case, datetime.fromisoformat(at)) for place, case, at in row["rows"] or []]
        if not self.asked.text:
            return seeking.Slice([one.place for one in rows], row["looked"], end)
        kept, last = self._read(rows)
        if last is None and len(rows) == self.most:
            last = rows[-1]
        return seeking.Slice(kept, row["looked"], (last.moment, last.place) if last else end)

    @property
    def most(self) -> int:
        """So many rows that fit are asked for at once: of what must be read more, as some will be left out."""
        return full_text.TEXTS if self.asked.text else PAGE + 1

    def _read(self, rows: Sequence["Entry"]) -> tuple[list[int], "Entry | None"]:
        """The places of the rows whose cases hold the words, and the last row looked at where that was not all."""
        cases = [one.case for one in rows]
        found = full_text.read(self.session, self.actor.agency_id, cases, self.asked.text, PAGE + 1)
        self.snippets.update(found.snippets)
        kept = [one.place for one in rows if one.case in found.snippets]
        return kept, rows[found.read - 1] if found.read < len(rows) else None

    def among(self) -> Sequence[int] | None:
        """The first rows where an index knows the cases they are in; None where it does not."""
        cases = self.cases()
        if not cases:
            return cases
        rows = self.of_cases(cases, None if self.asked.text else PAGE + 1)
        if not self.asked.text:
            return [one.place for one in rows]
        kept, last = self._read(rows)
        return kept if last is None or len(kept) > PAGE else None

    def cases(self) -> list[int] | None:
        """Numbers of few cases among which are all that fit; None where no index knows them, or they are many."""
        if self.asked.text:
            return full_text.candidates(self.session, self.actor.agency_id, self.asked.text)
        if self.asked.words:
            return seeking.indexed(self.session, self.actor.agency_id, self.asked.words)
        if self.asked.chosen.wanted.get("urged") == ("yes",) and self.box in boxes.OPEN:
            query = f"""
select distinct u.case_id from urging u join work_item b on b.id = u.work_item_id
where u.agency_id = %(agency)s and {boxes.WAITS} and {boxes.STILL_MINE} limit {seeking.FEW + 1}
"""  # noqa: S608 - texts of this room
            (found,) = reads.fetch(self.session, (query, self.values))
            return [row["case_id"] for row in found] if len(found) <= seeking.FEW else None
        return None

    def of_cases(self, cases: Sequence[int], limit: int | None) -> list["Entry"]:
        """The rows that fit and are in these cases, in order."""
        part = Part(None, self.bounds, self.key is not None, cases=True)
        question = self.fitting(boxes.joined(self.actor, self.box, part), limit)
        values = self.values | keyed(self.key) | {"among": list(cases)}
        (found,) = reads.fetch(self.session, (question, values))
        return [Entry(row["place"], row["case_id"], row["moment"]) for row in found]


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that fits: its place in the box, its case and its moment."""

    place: int
    case: int
    moment: datetime


def keyed(key: Key | None) -> dict[str, Any]:
    """The parameters that a question beyond a key needs."""
    return {"moment": key[0], "last": key[1]} if key else {}
