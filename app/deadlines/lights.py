"""Lights and the words beside them. PURE."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from app.kernel.clock import legal_day

from .calendar import ONE_DAY, Calendar
from .rules import Due, Limit, Unit, corresponding_day, start_of

WEEKDAYS = "一二三四五六日"
LAST_WORKING_DAYS = 2
LAST_PART = 5  # a fifth
DAYS_FROM = 72
"""From how many hours on a distance is told in days."""
PATIENCE = timedelta(minutes=10)
"""When a light is turned again that a subscriber could not take."""


class LightKey(StrEnum):
    """The state of a clock as people see it."""

    NORMAL = "normal"
    WARNING = "warning"
    OVERDUE = "overdue"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Light:
    """Colour, word and shape together, so that none of them carries the meaning alone."""

    key: LightKey
    colour: str
    word: str
    shape: str


LIGHTS = {
    LightKey.NORMAL: Light(LightKey.NORMAL, "green", "正常", "●"),
    LightKey.WARNING: Light(LightKey.WARNING, "yellow", "临期", "▲"),
    LightKey.OVERDUE: Light(LightKey.OVERDUE, "red", "超期", "■"),
    LightKey.PAUSED: Light(LightKey.PAUSED, "grey", "暂停", "◇"),
}


def warn_at(
    limit: Limit, started: datetime, due: Due, calendar: Calendar, warn: Limit | None = None
) -> datetime:
    """From when a running limit is 临期.

    With a declared `warn`, exactly that long before the end. Without one: the last fifth of the time, or from
    the day when two working days are left, whichever comes first, but never in the first half, so that a
    short limit does not start yellow. Except for hours the light turns at 0:00 of a legal day.
    """
    if warn is not None:
        if warn.unit is Unit.HOURS:
            return due.at - timedelta(hours=warn.n)
        if warn.unit is Unit.WORKING_DAYS:
            return start_of(calendar.nth_before(due.day + ONE_DAY, warn.n + 1))
        if warn.unit is Unit.DAYS:
            return start_of(due.day - timedelta(days=warn.n))
        return start_of(corresponding_day(due.day, -warn.n * (12 if warn.unit is Unit.YEARS else 1)))
    whole = due.at - started
    moment = due.at - whole / LAST_PART
    if limit.unit is Unit.HOURS:
        return moment
    if calendar.covers(due.day):
        few_left = start_of(calendar.nth_before(due.day + ONE_DAY, LAST_WORKING_DAYS + 1))
        half = started + whole / 2
        if limit.unit is Unit.WORKING_DAYS:
            half = start_of(calendar.nth(legal_day(started), (limit.n + 1) // 2))
        moment = max(min(moment, few_left), half)
    return start_of(legal_day(moment))


def turn(now: datetime, warning_from: datetime, due_at: datetime) -> tuple[LightKey, datetime | None]:
    """The light of a running clock, and when it turns next (never again once it is 超期)."""
    if now >= due_at:
        return LightKey.OVERDUE, None
    if now >= warning_from:
        return LightKey.WARNING, due_at
    return LightKey.NORMAL, warning_from


def day_words(day: date) -> str:
    """`6月18日（周四）`."""
    return f"{day.month}月{day.day}日（周{WEEKDAYS[day.weekday()]}）"


def due_words(due: Due, now: datetime) -> str:
    """When it ends: `6月18日（周四）到期`, with the year where it is not this one's."""

    def dated(day: date) -> str:
        year = "" if day.year == legal_day(now).year else f"{day.year}年"
        return year + day_words(day)

    if due.provisional:
        reach = dated(due.day)
        if due.earliest != due.latest:
            reach = f"{dated(due.earliest)}至{dated(due.latest)}之间"
        return f"预计{reach}到期（放假安排尚未公布）"
    return f"{dated(due.day)}到期"


class Standing(Protocol):
    """What of a clock's row says how it stands."""

    @property
    def state(self) -> str: ...
    @property
    def light(self) -> str: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def next_light_at(self) -> datetime | None: ...
    @property
    def stopped_at(self) -> datetime | None: ...


def light_of(clock: Standing, now: datetime) -> LightKey:
    """The light of a clock at a moment, also between two sweeps."""
    if clock.state == "paused":
        return LightKey.PAUSED
    if clock.state == "running" and now >= clock.due_at:
        return LightKey.OVERDUE
    if clock.state == "running" and clock.next_light_at is not None and now >= clock.next_light_at:
        return LightKey.WARNING
    return LightKey(clock.light)


def left_of(clock: Standing, unit: Unit, due: Due, now: datetime, calendar: Calendar) -> str:
    """What is left of a clock, how it ended, or that it is paused."""
    if clock.state == "void":
        return "已作废（退回）"
    if clock.stopped_at is not None:
        return "按时办结" if clock.light != LightKey.OVERDUE else "超期办结"
    if clock.state == "paused":
        return "已暂停计时"
    return left_words(unit, due, now, calendar)


def left_words(unit: Unit, due: Due, now: datetime, calendar: Calendar) -> str:
    """What is left, in the unit of the law: `还剩 3 个工作日`, `今日到期`, `已超期 2 日`."""
    if unit is Unit.HOURS:
        hours, rest = divmod(abs(due.at - now), timedelta(hours=1))
        long = f"{hours // 24} 日" if hours >= DAYS_FROM else f"{hours} 小时"
        if now >= due.at:
            return f"已超期 {long}" if hours else "已超期"
        return f"还剩 {long}" if hours else f"还剩 {rest // timedelta(minutes=1)} 分钟"
    today = legal_day(now)
    if today == due.day:
        return "今日到期"
    working = unit is Unit.WORKING_DAYS and calendar.covers(today) and calendar.covers(due.day)
    if today < due.day:
        n = calendar.count(today, due.day) if working else (due.day - today).days
        return f"还剩 {n} {'个工作日' if working else '日'}"
    n = calendar.count(due.day, today) if working else (today - due.day).days
    if not n:
        return "已超期"
    return f"已超期 {n} {'个工作日' if working else '日'}"
