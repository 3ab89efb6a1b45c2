"""How documents word dates, amounts, numerals, articles of law and opinions: the filters of template
texts. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import wraps
from typing import Any

from ..kernel import money as capital
from ..kernel.clock import CHINA

_DIGITS = "零一二三四五六七八九"
STANCES = {"agree": "同意。", "disagree": "不同意。", "amend": "修改后再报。"}


def _date(value: str | date | datetime) -> date:
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
    if isinstance(value, datetime):
        return value.astimezone(CHINA).date() if value.tzinfo else value.date()
    return value


def cn_date(value: str | date | datetime) -> str:
    """An ISO date or moment as 2025年7月16日 (the day in China); empty stays empty."""
    if value == "":
        return ""
    day = _date(value)
    return f"{day.year}年{day.month}月{day.day}日"


def cn_datetime(value: str | datetime) -> str:
    """An ISO moment as 2025年7月16日9时05分 in China Standard Time; one without offset is taken as China
    time."""
    if value == "":
        return ""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if moment.tzinfo:
        moment = moment.astimezone(CHINA)
    return f"{cn_date(moment)}{moment.hour}时{moment.minute:02d}分"


def _amount(value: Any) -> Decimal:
    try:
        amount = Decimal(str(value).replace(",", ""))
    except InvalidOperation:
        raise ValueError(f"“{value}”不是金额") from None
    if isinstance(value, bool) or not amount.is_finite():
        raise ValueError(f"“{value}”不是金额")
    return amount


def money(value: Any) -> str:
    """An amount of yuan as 250,000.00."""
    return f"{_amount(value):,.2f}"


def rmb_upper(value: Any) -> str:
    """An amount of yuan in capital numerals: 贰拾伍万元整."""
    return capital.upper(_amount(value))


def cn_num(value: int | str) -> str:
    """A count from 0 to 9999 in Chinese numerals: 三, 十五, 一百零三."""
    number = int(value)
    if not 0 <= number <= 9999:
        raise ValueError(f"“{value}”不能写成中文数字")
    if number == 0:
        return _DIGITS[0]
    text, gap = "", False
    for size, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // size % 10
        if digit:
            text += (_DIGITS[0] if gap else "") + _DIGITS[digit] + unit
            gap = False
        elif text:
            gap = True
    return text[1:] if text.startswith("一十") else text


def named(value: str) -> str:
    """The name in an answer that chose a power item or an agency (code, a blank, name); any other text as it is."""
    return value.partition("　")[2] or value


def sentence(value: str) -> str:
    """A text somebody wrote, ending with one full stop, so that another sentence can follow; empty stays empty."""
    text = value.strip().rstrip("，、；：。")
    return text if not text or text.endswith(("！", "？", "…", "”")) else f"{text}。"


def law_ref(value: str | Mapping[str, str] | Sequence[Mapping[str, str]]) -> str:
    """Articles of law as 《排污许可管理条例》第十七条、第十八条、《…》第三条; plain text stays as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        value = [value]
    parts, before = [], ""
    for item in value:
        if isinstance(item, str):
            parts.append(item)
            continue
        law = f"《{item['law'].strip('《》 ')}》"
        parts.append(f"{'' if law == before else law}{item.get('article', '')}")
        before = law
    return "、".join(filter(None, parts))


def stance(value: str | Mapping[str, str]) -> str:
    """An opinion {stance, text} in words: 同意。材料齐全。"""
    if isinstance(value, str):
        return value
    text = str(value["text"] or "") if "text" in value else ""
    word = STANCES.get(value["stance"], "") if "stance" in value else ""
    return text if text.startswith(word.rstrip("。")) else word + text


def of_code(documents: Sequence[Mapping[str, Any]], *codes: str) -> Mapping[str, Any] | None:
    """The latest of the issued documents that has one of these codes."""
    return next((d for d in reversed(documents) if d["code"] in codes), None)


def of_form(history: Sequence[Mapping[str, Any]], *forms: str) -> Mapping[str, Any] | None:
    """The latest entry of the history that was made with one of these forms."""
    return next((entry for entry in reversed(history) if entry["form"] in forms), None)


def worded(value: Any, wording: str) -> str:
    """A value as a template words it (`cn_date`, `money` …; empty: as it stands). The twin of `worded` in
    `app/frontend/src/scene/places.js`; both run tests/documents/places.json."""
    return str(PLACED[wording](value)) if wording else str(value)


def _at_a_place(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a wording pass over the place of an answer that is not known yet: it is worded where it is filled in."""

    @wraps(function)
    def word(value: Any) -> Any:
        if isinstance(value, str) and (place := PLACE.fullmatch(value)):
            return f"〖{place[1]}|{function.__name__}〗"
        return function(value)

    return word


PLACE = re.compile("〖([a-z][a-z0-9_]*)〗")
PLACED: Mapping[str, Callable[..., Any]] = {
    function.__name__: function for function in (cn_date, cn_datetime, money, rmb_upper, sentence)
}
FILTERS: Mapping[str, Callable[..., Any]] = {name: _at_a_place(word) for name, word in PLACED.items()} | {
    function.__name__: function for function in (cn_num, named, law_ref, stance, of_code, of_form)
}
