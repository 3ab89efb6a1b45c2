"""The answer an item begins with, where nothing of the case is to stand there.

`today` in a date is the day on which the page is opened. A default is checked by the very field that checks
answers, so that no form begins with something it would refuse.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from marshmallow import ValidationError

from . import schema
from .context import FormContext
from .definition import Choice, Choices, Day, Item, Money, Number, Text, YesNo, blank

TODAY = "today"
_MAY = (Text, Number, Money, Day, YesNo, Choice, Choices)


def problem(item: Item) -> str:
    """Why an item's default is refused; empty when it may stand."""
    if not isinstance(item, _MAY):
        return "这种字段不能有默认值，请用“取自案件”。"
    if isinstance(item, Day):
        return _day(item)
    field = schema.field_for(replace(item, required=False), FormContext((), None, date(2026, 1, 1)))
    try:
        field.deserialize(item.default)
    except ValidationError as wrong:
        return f"默认值不能用：{next(iter(schema.flatten(wrong.messages).values()))[0]}"
    return ""


def _day(item: Day) -> str:
    if item.default == TODAY and item.type == "date":
        return ""
    try:
        date.fromisoformat(item.default)
    except (TypeError, ValueError):
        return (
            "默认值请写 today 或如 2026-01-31 的日期。" if item.type == "date" else "日期时间不能有默认值。"
        )
    return "" if item.type == "date" else "日期时间不能有默认值。"


def answer(item: Item, today: str) -> Any:
    """The default as an answer; blank where there is none. `today` is an ISO date."""
    if item.default is None:
        return blank(item)
    if isinstance(item, Day) and item.default == TODAY:
        return today
    if isinstance(item, Choices):
        return list(item.default)
    return str(item.default)
