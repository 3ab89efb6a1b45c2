"""How many rows there are by each value of a facet, with all that the other facets ask for.

Bounded: counted are the first thousand rows of the list, in its order; where it is longer the page says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.cases.service import seeking
from app.kernel import reads
from app.kernel.auth import Actor
from app.people import service as people

from . import boxes, filters
from .boxes import OF_CASES, Box, Part
from .filters import FACETS, WORDS, YES, Chosen, Item

SAMPLE = 1000
SHOWN = 12
"""So many values of a facet are shown at first."""
OF_PAST = frozenset({"light", "urged", "holder"})
"""What nobody asks of tasks that are done."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet: how many rows have it, and whether it is `wanted`, `without` or neither."""

    value: str
    label: str
    count: int
    state: str


@dataclass(frozen=True, slots=True)
class Group:
    """One facet with its values, the most frequent first."""

    name: str
    label: str
    values: Sequence[Value]


@dataclass(frozen=True, slots=True)
class Facets:
    """All facets of a list. `sampled` rows were counted, `more` says that the list is longer; `total` of them fit."""

    groups: Sequence[Group]
    sampled: int
    more: bool
    total: int


class Names:
    """The Chinese words of values."""

    def __init__(self, session: Session, actor: Actor):
        self.session, self.actor = session, actor
        self.positions = people.position_names(session)
        self._items: dict[int, Item] | None = None

    @property
    def items(self) -> dict[int, Item]:
        """The agency's items."""
        if self._items is None:
            self._items = filters.items_of(self.session, self.actor.agency_id)
        return self._items

    def of(self, facet: str, values: Sequence[str]) -> dict[str, str]:
        """The words of some values of a facet."""
        if words := FACETS[facet].words:
            return {value: words.get(value, value) for value in values}
        if facet == "position":
            return {value: self.positions.get(value, value) for value in values}
        if facet == "item":
            return {
                value: found.name if (found := self.items.get(int(value))) else "其他" for value in values
            }
        if facet in ("kind", "field"):
            return {value: WORDS[f"{facet}s"].get(value, "其他") for value in values}
        if facet == "holder":
            known = people.officers(self.session, {int(value) for value in values if int(value)})
            mine = {str(n): card.name for n, card in known.items() if card.agency_id == self.actor.agency_id}
            return {value: mine.get(value, "未签收" if value == "0" else "其他人员") for value in values}
        return {value: value for value in values}


def count(session: Session, actor: Actor, box: Box, words: Sequence[str], chosen: Chosen) -> Facets:
    """The facets of a list narrowed by words about cases and by a filter."""
    items = filters.items_by(session, actor.agency_id) if chosen.by_item() else filters.NO_ITEMS
    conditions, values = filters.conditions(chosen, items)
    named, more = seeking.spelled(words, "c")
    shown = [one for one in FACETS.values() if box is not Box.DONE or one.name not in OF_PAST]
    columns = ", ".join(f"{one.column} as f_{one.name}" for one in shown if one.column)
    masks = "".join(f", coalesce(({one.sql}), false) as m_{n}" for n, one in enumerate(conditions))
    always = " and ".join(["true", *([named] if named else [])])

    def others(name: str) -> str:
        return " and ".join(["true", *(f"m_{n}" for n, one in enumerate(conditions) if one.name != name)])

    told = ", ".join(f"('{one.name}', {_column(one.name)}, {others(one.name)})" for one in shown)
    question = f"""
with sample as materialized ({boxes.joined(actor, box, Part(SAMPLE + 1))}),
line as materialized (select {columns}{masks} from sample p {filters.joins("wck", "p", box in OF_CASES)} where {always})
select v.facet, v.value, count(*) as rows from line, lateral (values {told}, ('', '', {others("")})) v(facet, value, ok)
where v.ok and v.value is not null group by 1, 2
union all select '#', '#', count(*) from sample
"""  # noqa: S608 - texts of this room
    (found,) = reads.fetch(session, (question, boxes.values(actor) | values | more))
    counted: dict[str, dict[str, int]] = {}
    for row in found:
        counted.setdefault(row["facet"], {})[row["value"]] = row["rows"]
    sampled = counted.get("#", {}).get("#", 0)
    names = Names(session, actor)
    for name in ("kind", "field"):
        counted[name] = _by_item(names, name, counted.get(name, {}))
    groups = [_group(names, one.name, counted.get(one.name, {}), chosen) for one in shown]
    return Facets(
        [group for group in groups if group.values],
        min(sampled, SAMPLE),
        sampled > SAMPLE,
        counted.get("", {}).get("", 0),
    )


def _column(name: str) -> str:
    return f"f_{name}" if FACETS[name].column else "f_item"


def _by_item(names: Names, name: str, counted: Mapping[str, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for item, rows in counted.items():
        known = names.items.get(int(item))
        value = getattr(known, name) if known else filters.OTHER
        found[value] = found.get(value, 0) + rows
    return found


def _group(names: Names, name: str, counted: Mapping[str, int], chosen: Chosen) -> Group:
    wanted, without = chosen.wanted.get(name, ()), chosen.without.get(name, ())
    every = dict.fromkeys([*counted, *wanted, *without])
    words = names.of(name, list(every))
    fixed = list(FACETS[name].words)
    order: Any = (lambda one: fixed.index(one)) if fixed else (lambda one: (-counted.get(one, 0), words[one]))
    values = [
        Value(
            one,
            words[one],
            counted.get(one, 0),
            "wanted" if one in wanted else "without" if one in without else "",
        )
        for one in sorted(every, key=order)
    ]
    plain = len(values) < 2 and FACETS[name].words is YES and not (wanted or without)
    return Group(name, FACETS[name].label, [] if plain else values)
