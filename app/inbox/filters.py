"""What narrows a list: facets with chosen and with excluded values, and spans of days.

A filter is values only, as they stand in an address (`node=check&not.item=12&opened_from=2026-01-05`). Its conditions
are texts of this module over a row's task `w`, case `c` and clock `k`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import PowerItem
from app.kernel import clock

from .boxes import FAR

VALUES = 40
"""So many values of one facet at most."""
_WORD = re.compile(r"[\w.:()（）、，《》-]{1,60}")
_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Facet:
    """Something rows differ by. `column` is its value as text; `needs` which of `w`, `c`, `k` it is made of."""

    name: str
    label: str
    column: str
    needs: str
    numbers: bool = False
    words: Mapping[str, str] = field(default_factory=dict)
    """The Chinese words of values that are the same everywhere."""


YES = {"yes": "是", "no": "否"}
LIGHT = """
case when k.state is null then 'none' when k.state = 'paused' then 'paused' when %(now)s >= k.due_at then 'overdue'
when k.next_light_at is not null and %(now)s >= k.next_light_at then 'warning' else k.light end"""
"""As `deadlines.light` says it, of a clock that has not ended."""
RETURNED = """
case when w.pending is not null and w.status = 'open' or exists (select from work_item e where e.case_id = w.case_id
    and e.node = w.node and e.id < w.id and e.status = 'done') then 'yes' else 'no' end"""
"""Whether a task came back: from the second officer, or because its node had been done before in this case."""
URGING = """
case when exists (select from urging u where u.work_item_id = w.id) then 'yes' else 'no' end"""

FACETS: Mapping[str, Facet] = {
    one.name: one
    for one in (
        Facet("light", "时限", LIGHT, "wk", words={
            "overdue": "超期", "warning": "临期", "normal": "正常", "paused": "暂停", "none": "不限",
        }),
        Facet("node", "环节", "w.name", "w"),
        Facet("item", "事项", "c.item_id::text", "c", numbers=True),
        Facet("kind", "职权类别", "", "c"),
        Facet("field", "领域", "", "c"),
        Facet("position", "岗位", "w.position_key", "w"),
        Facet("holder", "承办人", "coalesce(w.assignee_id, 0)::text", "w", numbers=True),
        Facet("two", "须两人办理", "case when w.officers > 1 then 'yes' else 'no' end", "w", words=YES),
        Facet("returned", "退回重办", RETURNED, "w", words=YES),
        Facet("urged", "被催办", URGING, "w", words=YES),
    )
}  # fmt: skip
SPANS = {
    "opened": ("到达时间", "w.opened_at", "w"),
    "due": ("到期日", "w.due_at", "w"),
}
"""Spans of days: label, column and what it is made of."""


class Arguments(Protocol):
    """The arguments of an address."""

    def getlist(self, name: str) -> Sequence[str]: ...
    def get(self, name: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter. `wanted` and `without` give values by facet, `days` the ends of spans (`opened_from`, `due_to`)."""

    wanted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    without: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    days: Mapping[str, date] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.wanted or self.without or self.days)

    def pairs(self) -> list[tuple[str, str]]:
        """The filter as arguments of an address, in one order."""
        found = [(name, value) for name in FACETS for value in self.wanted.get(name, ())]
        found += [(f"not.{name}", value) for name in FACETS for value in self.without.get(name, ())]
        return found + [(name, day.isoformat()) for name, day in sorted(self.days.items())]

    def told(self) -> dict[str, list[str]]:
        """The filter as it is kept."""
        kept: dict[str, list[str]] = {}
        for name, value in self.pairs():
            kept.setdefault(name, []).append(value)
        return kept

    def turned(self, facet: str, value: str, to: str) -> "Chosen":
        """The same with this value `wanted`, `without` or neither (``)."""
        wanted, without = dict(self.wanted), dict(self.without)
        for kept in (wanted, without):
            kept[facet] = tuple(one for one in kept.get(facet, ()) if one != value)
        if to:
            kept = wanted if to == "wanted" else without
            kept[facet] = (*kept[facet], value)[:VALUES]
        return replace(
            self,
            wanted={name: some for name, some in wanted.items() if some},
            without={name: some for name, some in without.items() if some},
        )

    def by_item(self) -> bool:
        """Whether items must be looked up by their kind or field."""
        return bool({"kind", "field"} & (self.wanted.keys() | self.without.keys()))

    def undated(self, name: str) -> "Chosen":
        """The same without this end of a span."""
        return replace(self, days={key: day for key, day in self.days.items() if key != name})


NONE = Chosen()


def read(arguments: Arguments) -> Chosen:
    """The filter of an address. What no facet can have is left out: an old link still shows a list."""
    wanted, without, days = {}, {}, {}
    for facet in FACETS.values():
        if some := _values(facet, arguments.getlist(facet.name)):
            wanted[facet.name] = some
        if some := _values(facet, arguments.getlist(f"not.{facet.name}")):
            without[facet.name] = some
    for span in SPANS:
        for end in ("from", "to"):
            if (day := _day(arguments.get(f"{span}_{end}"))) is not None:
                days[f"{span}_{end}"] = day
    return Chosen(wanted, without, days)


class Kept:
    """A filter as it is kept, read like an address."""

    def __init__(self, told: Mapping[str, Sequence[str]]):
        self.told = told

    def getlist(self, name: str) -> Sequence[str]:
        """All values of a name."""
        return self.told.get(name, ())

    def get(self, name: str) -> str | None:
        """The first value of a name."""
        return next(iter(self.getlist(name)), None)


def _values(facet: Facet, given: Sequence[str]) -> tuple[str, ...]:
    shape = _NUMBER if facet.numbers else _WORD
    fitting = [one for one in dict.fromkeys(given) if shape.fullmatch(one)]
    return tuple(one for one in fitting if not facet.words or one in facet.words)[:VALUES]


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Condition:
    """One facet's or span's part of a filter, as a condition over `w`, `c`, `k`."""

    name: str
    sql: str
    needs: str


Items = Mapping[str, Mapping[str, Sequence[int]]]
"""For the facets `kind` and `field`: the items with each value."""
NO_ITEMS: Items = {}
OTHER = "other"
WORDS: Mapping[str, Mapping[str, str]] = yaml.safe_load(
    (Path(__file__).parent / "data" / "fields.yaml").read_text(encoding="utf-8")
)
"""The Chinese words of kinds and fields."""


@dataclass(frozen=True, slots=True)
class Item:
    """A power item as far as lists show it."""

    id: int
    name: str
    kind: str
    field: str


def items_of(session: Session, agency_id: int) -> dict[int, Item]:
    """Every item of an agency that counted once, abolished ones too: their cases go on."""
    rows = session.execute(
        select(
            PowerItem.id, PowerItem.name, PowerItem.kind, PowerItem.code, PowerItem.content["field"].astext
        )
        .where(PowerItem.agency_id == agency_id, PowerItem.status != "draft")
        .order_by(PowerItem.code)
    )
    return {row.id: Item(row.id, row.name, row.kind, row[4] or _field(row.code)) for row in rows}


def _field(code: str) -> str:
    return next((part for part in code.split("-") if part in WORDS["fields"]), OTHER)


def items_by(session: Session, agency_id: int) -> Items:
    """The items of an agency by kind and by field."""
    found: dict[str, dict[str, list[int]]] = {"kind": {}, "field": {}}
    for item in items_of(session, agency_id).values():
        found["kind"].setdefault(item.kind, []).append(item.id)
        found["field"].setdefault(item.field, []).append(item.id)
    return found


def conditions(chosen: Chosen, items: Items) -> tuple[list[Condition], dict[str, Any]]:
    """The conditions of a filter, one for each facet, and their values."""
    made: list[Condition] = []
    values: dict[str, Any] = {"now": clock.now()}
    for name, facet in FACETS.items():
        parts = []
        for kept, key, sign in (
            (chosen.wanted, f"w_{name}", "= any"),
            (chosen.without, f"n_{name}", "<> all"),
        ):
            some = kept.get(name)
            if not some:
                continue
            if facet.column:
                empty = "" if sign == "= any" else "coalesce"
                parts.append(
                    f"{empty}({facet.column}{', ' + repr('') if empty else ''}) {sign}(%({key})s::text[])"
                )
                values[key] = list(some)
            else:
                parts.append(f"c.item_id {sign}(%({key})s::bigint[])")
                values[key] = [number for one in some for number in items.get(name, {}).get(one, ())]
        if parts:
            made.append(Condition(name, "(" + " and ".join(parts) + ")", facet.needs))
    made += _spans(chosen, values)
    return made, values


def _spans(chosen: Chosen, values: dict[str, Any]) -> Iterator[Condition]:
    for span, (_, column, needs) in SPANS.items():
        if day := chosen.days.get(f"{span}_from"):
            values[f"d_{span}_from"] = _midnight(day)
            yield Condition(span, f"{column} >= %(d_{span}_from)s", needs)
        if day := chosen.days.get(f"{span}_to"):
            values[f"d_{span}_to"] = _midnight(day) + timedelta(days=1)
            yield Condition(span, f"{column} < %(d_{span}_to)s", needs)


def _midnight(day: date) -> datetime:
    try:
        return datetime.combine(day, datetime.min.time(), clock.CHINA).astimezone(UTC)
    except OverflowError:
        return datetime(1970, 1, 1, tzinfo=UTC)


REACH: Mapping[str, tuple[str | None, str | None]] = {
    "overdue": (None, "now"), "warning": ("now", "far"), "normal": ("now", "far"), "paused": (None, "far"),
    "none": ("far", None),
}  # fmt: skip
"""Between which moments the due moments of tasks with a light lie."""


def bounds(chosen: Chosen) -> tuple[datetime | None, datetime | None]:
    """Between which moments the rows of a list by due moments lie: what is outside need not be looked through."""
    least: datetime | None = None
    end: datetime | None = None
    moments = {"now": clock.now(), "far": FAR, None: None}
    if lights := chosen.wanted.get("light"):
        lows, highs = zip(*(REACH[one] for one in lights), strict=True)
        least = None if None in lows else min(moments[low] for low in lows)  # type: ignore[type-var]
        end = None if None in highs else max(moments[high] for high in highs)  # type: ignore[type-var]
    if day := chosen.days.get("due_from"):
        least = max(filter(None, (least, _midnight(day))))
    if day := chosen.days.get("due_to"):
        end = min(filter(None, (end, _midnight(day) + timedelta(days=1))))
    return least, end


WORK_OF_ROW = "cross join lateral (select * from work_item x where x.id = {row}.id offset 0) w"
WORK_OF_CASE = """
left join lateral (select * from work_item x where x.case_id = {row}.case_id and x.kind = 'user'
    and x.status in ('open', 'cosign') order by coalesce(x.due_at, 'infinity'), x.id limit 1) w on true"""
CASE = 'cross join lateral (select * from "case" x where x.id = {row}.case_id offset 0) c'
CLOCK = """
left join lateral (select x.state, x.due_at, x.next_light_at, x.light from clock x where x.case_id = w.case_id
    and x.task_id = w.task_id and x.kind = 'position' and x.state in ('running', 'paused') offset 0) k on true"""
"""Row by row, as `offset 0` has it: a join might read all cases in order."""


def joins(needs: str, row: str, of_cases: bool) -> str:
    """What brings `w`, `c` and `k` to a row."""
    parts = []
    if "w" in needs or "k" in needs:
        parts.append((WORK_OF_CASE if of_cases else WORK_OF_ROW).format(row=row))
    if "c" in needs:
        parts.append(CASE.format(row=row))
    if "k" in needs:
        parts.append(CLOCK)
    return " ".join(parts)
