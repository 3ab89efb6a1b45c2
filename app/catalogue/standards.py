"""The discretion standard of an item (裁量基准, or the tiers it lists itself) on a day; those of two days side by side.

Which one counts in a case follows the law (从旧兼从轻, 行政处罚法第三十七条): that of the day of the act, or that of the
day of the decision where it is lighter. It is told only where it is beyond doubt: the same tiers under the same conditions,
no end of any of them higher.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import clock, editions

from . import baselines, discretion
from .lenity import Choice, Sign, Verdict, weigh
from .models import CATALOGUE, DiscretionBaseline


@dataclass(frozen=True, slots=True)
class Line:
    """One tier as it is compared: amounts in `unit`, None where they are a share of a range that the law leaves open."""

    name: str
    when: str
    low: Decimal | None
    high: Decimal | None
    words: str
    unit: str = "元"
    low_included: bool = True
    high_included: bool = True
    others: frozenset[str] = frozenset()

    @property
    def span(self) -> str:
        """The amounts as people read them."""
        if self.low is None or self.high is None:
            return self.words
        if self.low == self.high:
            return f"{_told(self.low)} {self.unit}"
        ends = "" if self.high_included else "（不含上限）"
        return f"{_told(self.low)}–{_told(self.high)} {self.unit}{ends}"


@dataclass(frozen=True, slots=True)
class Standard:
    """What an item's discretion follows on a day. `told` are plain values by which cases name it (`baselines.told`; of an
    item that lists its tiers itself the number of its version), `tiers` those that set a sum in yuan, `lines` all."""

    told: Mapping[str, Any]
    tiers: Sequence[Mapping[str, Any]]
    lines: Sequence[Line]
    since: date = date.min
    baseline: discretion.Baseline | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """Which one it is, in words."""
        return name_of(self.told)


def name_of(told: Mapping[str, Any]) -> str:
    """Which standard these plain values name, in words."""
    if "key" not in told:
        return f"事项第 {told['item_version']} 版公布的裁量档次"
    about = [str(told[part]) for part in ("version",) if told.get(part)]
    if since := told.get("effective_from"):
        about.append(f"自{_day(date.fromisoformat(str(since)))}起施行")
    return f"{told['key']} 第 {told['number']} 版" + (f"（{'，'.join(about)}）" if about else "")


_kept: tuple[str, dict[tuple[int, str], tuple[Standard, ...]]] = ("", {})
"""Only a cache: every question asks the database for the edition first."""


def line(session: Session, agency_id: int, key: str) -> Sequence[Standard]:
    """Every version of a baseline that may be cited, in the order of their days (`baselines.in_force`)."""
    global _kept
    edition = editions.current(session, CATALOGUE)
    if _kept[0] != edition:
        _kept = (edition, {})
    known = _kept[1]
    if (agency_id, key) not in known:
        mine = (DiscretionBaseline.agency_id == agency_id, DiscretionBaseline.key == key)
        rows = session.scalars(select(DiscretionBaseline).where(*mine, baselines.citable())).all()
        found = sorted(rows, key=lambda row: (_since(row), row.number))
        known[agency_id, key] = tuple(_of_row(row) for row in found)
    return known[agency_id, key]


def _since(row: DiscretionBaseline) -> date:
    return row.effective_from or clock.legal_day(row.loaded_at)


def _of_row(row: DiscretionBaseline) -> Standard:
    read = discretion.read(row.content)
    told = {**baselines.told(row), "violation": row.violation, "digest": row.digest}
    return Standard(told, baselines.tiers_of(read), tuple(_lines(read)), _since(row), read)


def on(
    session: Session, agency_id: int, content: Mapping[str, Any], version: int | None, day: date
) -> Standard | None:
    """The standard of an item on a day: its baseline's version in force, or the tiers it lists itself; None: neither.

    Args:
        content: what the item's version says (`service.Item.content`).
        version: its number; None where no version of the item counted.
    """
    if key := content.get("baseline"):
        return next((s for s in reversed(line(session, agency_id, str(key))) if s.since <= day), None)
    listed = [tier for tier in content.get("tiers") or () if isinstance(tier, Mapping)]
    if not listed or version is None:
        return None
    lines = tuple(_listed(tier, last=tier is listed[-1]) for tier in listed)
    return Standard({"item_version": version}, listed, lines)


def _lines(baseline: discretion.Baseline) -> Iterator[Line]:
    law = baseline.statutory
    for tier in baseline.tiers:
        known = law.most is not None or not (tier.low.relative or tier.high.relative)
        least, most = law.least or Decimal(0), law.most or Decimal(0)
        low, high = (tier.low.value(least, most), tier.high.value(least, most)) if known else (None, None)
        if tier.name in discretion.NO_PENALTY:
            low = high = Decimal(0)
        unit = f"{law.unit}{law.base}" if law.unit == "倍" else law.unit
        words = f"{tier.low}至{tier.high}"
        yield Line(
            tier.name, tier.told, low, high, words, unit, tier.low_included, tier.high_included,
            frozenset(tier.others),
        )  # fmt: skip


def _listed(tier: Mapping[str, Any], *, last: bool) -> Line:
    """A tier as an item lists it: without a word `low` is included, `high` is not, except in the last tier."""
    low, high = (_number(tier.get(end)) for end in ("low", "high"))
    included = (bool(tier.get("low_included", True)), bool(tier.get("high_included", last)))
    words = f"{tier.get('low', '')}至{tier.get('high', '')}"
    return Line(str(tier.get("name") or ""), str(tier.get("when") or ""), low, high, words, "元", *included)


# ---------------------------------------------------------------- two days


@dataclass(frozen=True, slots=True)
class Row:
    """One tier on both days; None: that day's standard does not have it."""

    name: str
    old: Line | None
    new: Line | None

    @property
    def differs(self) -> bool:
        """Whether anything of it is another than before."""
        return self.old != self.new


@dataclass(frozen=True, slots=True)
class Pair:
    """The standards of the day of the act and of the day of the decision; None: none was in force."""

    acted: date
    decided: date
    old: Standard | None
    new: Standard | None

    @property
    def differs(self) -> bool:
        """Whether both days have one and they say something else. Where one day has none there is nothing to choose."""
        return bool(self.old and self.new and self.old.lines != self.new.lines)

    @property
    def lacking(self) -> str:
        """What is to be said where one of the days has none; empty: both have one, or neither."""
        if bool(self.old) == bool(self.new):
            return ""
        if self.new:
            return f"行为时（{_day(self.acted)}）没有施行的裁量基准，参照决定时的{self.new.name}。"
        return f"决定时（{_day(self.decided)}）没有施行的裁量基准，参照行为时的{self.old.name if self.old else ''}。"

    @property
    def verdict(self) -> Verdict:
        """Which of both is to be followed, as far as it is beyond doubt."""
        if not self.old or not self.new:
            return Verdict(Choice.OLD if self.old else Choice.NEW, (self.lacking,) if self.lacking else ())
        return weigh(list(_signs(self.old.lines, self.new.lines)), "裁量档次没有变化。")

    @property
    def rows(self) -> Sequence[Row]:
        """Tier beside tier, in the order of the old one; what only the new one has comes last."""
        return _rows(self.old.lines if self.old else (), self.new.lines if self.new else ())

    def chosen(self, choice: str) -> tuple[str, Standard | None]:
        """The standard that follows from the law that was chosen (`old`, `new`), and which of both it is."""
        wanted = (
            (("new", self.new), ("old", self.old))
            if choice == "new"
            else (("old", self.old), ("new", self.new))
        )
        return next(((which, found) for which, found in wanted if found), ("", None))


def _rows(old: Sequence[Line], new: Sequence[Line]) -> list[Row]:
    left = list(new)
    found = []
    for before in old:
        same = [after for after in left if after.name == before.name]
        after = next((one for one in same if one.when == before.when), same[0] if same else None)
        if after:
            left.remove(after)
        found.append(Row(before.name, before, after))
    return found + [Row(after.name, None, after) for after in left]


def _signs(old: Sequence[Line], new: Sequence[Line]) -> Iterator[Sign]:
    keys = [Counter((each.name, each.when, each.unit) for each in lines) for lines in (old, new)]
    if keys[0] != keys[1] or max(keys[0].values(), default=0) > 1:
        yield 0, "新旧裁量基准的档次、适用条件或者计算单位不同，不能逐档对应。"
        return
    for row in _rows(old, new):
        if row.old and row.new and row.differs:
            yield from _ends(row.old, row.new)


def _ends(old: Line, new: Line) -> Iterator[Sign]:
    if None in (old.low, old.high, new.low, new.high):
        yield 0, f"“{old.name}”档的幅度写法不同，不能比较：{old.span} → {new.span}。"
        return
    moved: dict[int, list[str]] = {}
    for name, before, after in (
        ("下限", (old.low, not old.low_included), (new.low, not new.low_included)),
        ("上限", (old.high, old.high_included), (new.high, new.high_included)),
    ):
        if before != after:
            moved.setdefault(1 if after > before else -1, []).append(name)  # type: ignore[operator]
    for way, names in moved.items():
        moves = "提高" if way > 0 else "降低"
        yield way, f"“{old.name}”档{'和'.join(names)}{moves}：{old.span} → {new.span}。"
    if gone := sorted(old.others - new.others):
        yield -1, f"“{old.name}”档不再有：{'、'.join(gone)}。"
    if added := sorted(new.others - old.others):
        yield 1, f"“{old.name}”档增加了：{'、'.join(added)}。"


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value)) if value not in (None, "") else None
    except InvalidOperation:
        return None


def _told(value: Decimal) -> str:
    return f"{value.normalize():,f}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
