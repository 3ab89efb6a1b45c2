"""What a discretion baseline says. Structure: the law's range, the factors weighed, the tiers with their conditions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from app.kernel.errors import Invalid
from app.verify.guards import Guard, flow_condition

from .amounts import Amount, amount

VOCABULARY: Mapping[str, Any] = yaml.safe_load(
    (Path(__file__).parents[1] / "data" / "discretion.yaml").read_text(encoding="utf-8")
)
"""Names of tiers by severity, kinds of statutory range, facts that conditions may speak of, checks with their weight."""
TIERS: Sequence[str] = tuple(VOCABULARY["tiers"])
NO_PENALTY = frozenset(VOCABULARY["no_penalty"])
"""Names of tiers in which there is no penalty."""
KINDS: Mapping[str, str] = VOCABULARY["kinds"]
MOST_TIERS = 40
_YEAR = re.compile(r"\d{4}年?")


@dataclass(frozen=True, slots=True)
class Statutory:
    """What the law allows. `kind`: `range` (sums), `multiple` (of `base`), `fixed`, `formula` (a rule for every range
    of the law), `none` (no fine). `least` and `most` in `unit` (元 or 倍); None where the law names none."""

    kind: str
    least: Decimal | None = None
    most: Decimal | None = None
    unit: str = "元"
    base: str = ""


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier (裁量档次). `condition` is None where what is written cannot be evaluated (`told` is what people read)."""

    name: str
    written: str
    told: str
    low: Amount
    high: Amount
    low_included: bool = True
    high_included: bool = True
    others: tuple[str, ...] = ()
    fixed_by_law: str = ""
    basis: str = ""
    condition: Guard | None = None

    @property
    def rank(self) -> int:
        """How severe: the place of its name among the tiers, from no penalty up."""
        return TIERS.index(self.name)


@dataclass(frozen=True, slots=True)
class Baseline:
    """One baseline. `whole` says whether all tiers are here, or an excerpt; `premise` is what holds of every case that
    the violation names (a condition), or empty."""

    key: str
    violation: str
    law_refs: tuple[str, ...]
    statutory: Statutory
    factors: tuple[str, ...]
    tiers: tuple[Tier, ...]
    version: str = ""
    effective_from: date | None = None
    authority: str = ""
    whole: bool = True
    premise: Guard | None = None


def read(written: Mapping[str, Any]) -> Baseline:
    """The baseline that is written here (the structure of the seed data, `docs/catalogue.md`).

    Raises:
        Invalid: something is missing or cannot be read; `errors` tells by field what and what to do.
    """
    if not isinstance(written, Mapping):
        raise Invalid("裁量基准应当是一组“名称：内容”。", code="baseline")
    reader = _Reader()
    found = Baseline(
        key=reader.text(written, "id", "编号"),
        violation=reader.text(written, "violation", "违法行为"),
        law_refs=reader.texts(written, "law_refs", "依据条款"),
        statutory=reader.statutory(written.get("statutory")),
        factors=reader.texts(written, "factors", "裁量因素", empty=True),
        tiers=reader.tiers(written.get("tiers")),
        version=str(written.get("version") or ""),
        effective_from=reader.day(written.get("effective_from")),
        authority=str(written.get("authority") or ""),
        whole=written.get("excerpt_complete") is not False,
        premise=reader.premise(written.get("premise")),
    )
    if reader.errors:
        raise Invalid("裁量基准填写不完整或者有误。", code="baseline", errors=reader.errors)
    return found


class _Reader:
    """Reads the parts and keeps what is wrong with each."""

    def __init__(self) -> None:
        self.errors: dict[str, list[str]] = {}

    def wrong(self, field: str, message: str) -> None:
        self.errors.setdefault(field, []).append(message)

    def text(self, written: Mapping[str, Any], name: str, label: str) -> str:
        value = written.get(name)
        if not isinstance(value, str) or not value.strip():
            self.wrong(name, f"请填写{label}。")
            return ""
        return value.strip()

    def texts(
        self, written: Mapping[str, Any], name: str, label: str, *, empty: bool = False
    ) -> tuple[str, ...]:
        value = written.get(name) or []
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.wrong(name, f"{label}应当是一组文字。")
            return ()
        if not value and not empty:
            self.wrong(name, f"请至少填写一条{label}。")
        return tuple(value)

    def statutory(self, written: Any) -> Statutory:
        if not isinstance(written, Mapping) or written.get("kind") not in KINDS:
            self.wrong("statutory", f"请写明法定幅度的种类：{'、'.join(KINDS.values())}。")
            return Statutory("none")
        kind = written["kind"]
        bounds: list[Decimal | None] = []
        for name, label in (("min", "法定下限"), ("max", "法定上限")):
            value = written.get(name)
            try:
                bounds.append(None if value in (None, "") else amount(value).value(Decimal(0), Decimal(0)))
            except ValueError:
                self.wrong("statutory", f"{label}“{value}”不是数。")
                bounds.append(None)
        least, most = bounds
        if kind in ("range", "multiple", "fixed") and most is None:
            self.wrong("statutory", "请填写法定上限。")
        if least is not None and most is not None and least > most:
            self.wrong("statutory", "法定下限高于上限。")
        unit, base = str(written.get("unit") or "元"), str(written.get("base") or "")
        return Statutory(kind, least, most, unit, base)

    def tiers(self, written: Any) -> tuple[Tier, ...]:
        if not isinstance(written, list) or not written or len(written) > MOST_TIERS:
            self.wrong("tiers", f"请填写 1 至 {MOST_TIERS} 个裁量档次。")
            return ()
        return tuple(tier for n, one in enumerate(written, 1) if (tier := self.tier(one, n)))

    def tier(self, written: Any, place: int) -> Tier | None:
        where = f"tiers.{place}"
        if not isinstance(written, Mapping) or written.get("name") not in TIERS:
            self.wrong(where, f"第 {place} 档的名称应当是：{'、'.join(TIERS)}。")
            return None
        ends = []
        for name, label in (("low", "下限"), ("high", "上限")):
            try:
                ends.append(amount(written.get(name)))
            except ValueError:
                self.wrong(where, f"第 {place} 档的{label}“{written.get(name)}”不是金额或者倍数。")
        if len(ends) < 2:
            return None
        condition = str(written.get("conditions") or "")
        try:
            guard = flow_condition(condition) if condition else None
        except Invalid:
            guard = None
        return Tier(
            name=written["name"],
            written=condition,
            told=str(written.get("conditions_text") or condition),
            low=ends[0],
            high=ends[1],
            low_included=written.get("low_incl") is not False,
            high_included=written.get("high_incl") is not False,
            others=tuple(str(one) for one in written.get("other_penalties") or ()),
            fixed_by_law=str(written.get("fixed_by_law") or ""),
            basis=str(written.get("basis") or ""),
            condition=guard,
        )

    def day(self, written: Any) -> date | None:
        """A day, with or without words behind it; of a bare year nobody knows the day."""
        if not written or isinstance(written, date) or _YEAR.fullmatch(str(written)):
            return written if isinstance(written, date) else None
        try:
            return date.fromisoformat(str(written)[:10])
        except ValueError:
            self.wrong("effective_from", f"施行日期“{written}”应当写成 2026-01-31 的样子。")
            return None

    def premise(self, written: Any) -> Guard | None:
        if not written:
            return None
        try:
            return flow_condition(str(written))
        except Invalid as error:
            self.wrong("premise", f"事项前提不能识别：{error}")
            return None
