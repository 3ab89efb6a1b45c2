"""事项预警: on which day which light of an item's governance turns. Pure.

Sources: 《规范行政权力网上运行的规定》九（五） (fifteen working days before the day, ten for the answer), 九（七）3
(kept up to date), 十一（二）1（4） (a change of the basis that nobody follows).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import yaml

DATA = Path(__file__).parent / "data" / "foresight.yaml"


class Kind(StrEnum):
    """What a light is about."""

    APPLY = "apply"  # S4-20
    ANSWER = "answer"  # S4-21
    ADJUST = "adjust"  # S4-48
    REVIEW = "review"  # S4-30


class Colour(StrEnum):
    """How urgent it is."""

    YELLOW = "yellow"
    RED = "red"


class Days(Protocol):
    """The working calendar, as far as it is asked."""

    def nth(self, after: date, n: int) -> date: ...
    def nth_before(self, before: date, n: int) -> date: ...


@dataclass(frozen=True, slots=True)
class Turned:
    """A light that is on: its colour, the day it is about, and why, in Chinese."""

    colour: Colour
    due_on: date
    told: str


@cache
def figures() -> dict[str, Any]:
    """The data file."""
    return yaml.safe_load(DATA.read_text(encoding="utf-8"))


def _words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def application(
    today: date, effective: date, applied: date | None, waiting: bool, days: Days, last: date
) -> Turned | None:
    """Of a change that takes effect on a day: yellow from the last day for applying on when nobody has, red when the
    examination will be over only after the day (S4-20).

    `applied`: when it was applied for, None: not yet; `waiting`: it lies with the legal office now. `last` is the last day
    for applying.
    """
    review = int(figures()["answer"]["working_days"])
    begin = applied if applied is not None and waiting else today
    end = max(days.nth(begin, review), today)
    if end > effective:
        return Turned(
            Colour.RED,
            last,
            f"{_words(effective)}生效，{'已申报' if waiting else '仍未申报'}，预计{_words(end)}审结，晚于生效日。",
        )
    if applied is None and today >= last:
        return Turned(
            Colour.YELLOW, last, f"{_words(effective)}生效，应当在{_words(last)}以前申报，仍未申报。"
        )
    return None


def answer(today: date, applied: date, days: Days) -> Turned | None:
    """Red when the legal office has not answered within ten working days of the receipt (S4-21)."""
    last = days.nth(applied, int(figures()["answer"]["working_days"]))
    if today <= last:
        return None
    return Turned(Colour.RED, last, f"{_words(applied)}收到申报，应当在{_words(last)}以前回复，仍未回复。")


def adjustment(today: date, changed: date, law: str) -> Turned | None:
    """Red when an item was not adjusted thirty days after its basis changed (S4-48)."""
    last = changed + timedelta(days=int(figures()["adjust"]["days"]))
    if today < last:
        return None
    return Turned(
        Colour.RED, last, f"依据《{law}》{_words(changed)}变更，已满 {(last - changed).days} 日仍未调整。"
    )


def review(today: date, looked: date, months: int) -> Turned | None:
    """Yellow when an item was not looked at again for so many months (S4-30)."""
    last = months_later(looked, months)
    if today < last:
        return None
    return Turned(Colour.YELLOW, last, f"最近一次复核是{_words(looked)}，已满 {months} 个月，应当复核。")


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_after = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), first_after - timedelta(days=1))
