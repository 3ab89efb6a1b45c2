"""One JSON object while it is being read: typed access, places for messages, and nothing left over unread."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
"""A field's key. No leading underscore: those names belong to the page (`_csrf`, `_add_row`)."""

_MISSING = object()


class Source:
    """A JSON object, the place where it stands, and the problems found so far (shared by all places)."""

    def __init__(self, raw: Mapping[str, Any], place: str, problems: dict[str, list[str]]):
        self.raw = dict(raw)
        self.place = place
        self.problems = problems

    def problem(self, name: str, *messages: str) -> None:
        """Note what is wrong with an attribute."""
        place = ".".join(part for part in (self.place, name) if part)
        self.problems.setdefault(place, []).extend(messages)

    def child(self, name: str, raw: Any) -> "Source":
        """The reader of an object inside this one; an empty one if it is not an object."""
        place = ".".join(part for part in (self.place, name) if part)
        if not isinstance(raw, dict):
            self.problem(name, "必须是一个对象。")
            raw = {}
        return Source(raw, place, self.problems)

    def take(self, name: str, default: Any = None) -> Any:
        """The raw value, marked as read."""
        return self.raw.pop(name, default)

    def text(self, name: str, most: int, default: str = "", *, obligatory: bool = False) -> str:
        """A text of at most `most` characters."""
        value = self.take(name, _MISSING)
        if value is _MISSING:
            if obligatory:
                self.problem(name, "必须填写。")
            return default
        if not isinstance(value, str) or (obligatory and not value.strip()):
            self.problem(name, "必须是文字。")
            return default
        if len(value) > most:
            self.problem(name, f"不得超过 {most} 个字。")
            return default
        if any(ord(char) < 32 and char != "\n" for char in value):
            self.problem(name, "含有控制字符。")
        return value

    def match(self, name: str, pattern: re.Pattern[str], message: str) -> str:
        """An obligatory text of a given form."""
        value = self.take(name)
        if not isinstance(value, str) or not pattern.match(value):
            self.problem(name, message)
            return ""
        return value

    def flag(self, name: str) -> bool:
        """true or false; false when absent."""
        value = self.take(name, False)
        if not isinstance(value, bool):
            self.problem(name, "只能是 true 或 false。")
            return False
        return value

    def whole(self, name: str, low: int, high: int, default: int) -> int:
        """A whole number between bounds."""
        value = self.take(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.problem(name, f"必须是 {low} 到 {high} 的整数。")
            return default
        return value

    def decimal(self, name: str, default: Decimal) -> Decimal:
        """A number given as a JSON number or a decimal string, within ±10^13."""
        value = self.take(name, default)
        try:
            number = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or abs(number) > Decimal(10) ** 13:
            self.problem(name, "必须是数字。")
            return default
        return number

    def one_of(self, name: str, options: tuple[Any, ...], default: Any) -> Any:
        """One of a few values."""
        value = self.take(name, default)
        if value not in options or isinstance(value, bool):
            self.problem(name, f"只能是：{'、'.join(str(option) for option in options)}。")
            return default
        return value

    def some_of(self, name: str, options: tuple[str, ...], default: tuple[str, ...]) -> tuple[str, ...]:
        """A non-empty list of known words."""
        value = self.take(name, list(default))
        if not isinstance(value, list) or not value or any(each not in options for each in value):
            self.problem(name, f"必须列出这些中的若干个：{'、'.join(options)}。")
            return default
        return tuple(dict.fromkeys(value))

    def texts(self, name: str, count: int, most: int) -> tuple[str, ...]:
        """A list of texts; empty when absent."""
        value = self.take(name, [])
        if not isinstance(value, list) or len(value) > count:
            self.problem(name, f"必须是不超过 {count} 项的列表。")
            return ()
        if any(not isinstance(each, str) or not 0 < len(each) <= most for each in value):
            self.problem(name, f"每一项必须是不超过 {most} 个字的文字。")
            return ()
        return tuple(value)

    def refuse_the_rest(self) -> None:
        """Name every attribute nobody read."""
        for name in self.raw:
            self.problem(str(name)[:60], "没有这个属性，请检查拼写。")
