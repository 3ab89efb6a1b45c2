"""Which regular expressions a form definition may use.

The definition comes from a person and the input from anybody, so an expression that backtracks for minutes
would stop the platform. Allowed is a small language: literals, classes, groups, alternatives and quantifiers,
but no repeated group that itself holds a quantifier or an alternative, no back references, no look-around.
What is left multiplies: every quantifier by the lengths it may try, every group by its alternatives; the
product bounds the backtracking. Texts are matched whole and never longer than `MAX_INPUT`. Pure.
"""

import re

MAX_PATTERN = 200
MAX_INPUT = 500
MAX_WORK = 1_000_000
"""The ways an expression may be tried on one text: two quantifiers of open length and little more."""

_QUANTIFIER = re.compile(r"[*+?]|\{(\d{0,4})(,?)(\d{0,4})\}")
_GROUP = re.compile(r"\((?:\?:)?(?!\?)")
_ESCAPES = frozenset(r"dDwWsS\.^$|?*+()[]{}-/")


def problem(pattern: str) -> str | None:
    """Why the expression is refused, in Chinese; None when it is safe to use."""
    if len(pattern) > MAX_PATTERN:
        return f"正则表达式不得超过 {MAX_PATTERN} 个字符。"
    try:
        _scan(pattern)
        re.compile(pattern)
    except ValueError as refused:
        return str(refused)
    except (re.error, IndexError, RecursionError, OverflowError):
        return "正则表达式写法有误。"
    return None


def _scan(pattern: str) -> None:
    groups: list[tuple[bool, int]] = []  # per open group: whether it varies, and its alternatives
    varies, ways = False, 1  # of the innermost open group (or the whole)
    work = 1
    position = 0
    atom: bool | None = None  # None: nothing to quantify; else whether the atom itself varies
    while position < len(pattern):
        char = pattern[position]
        if char == "\\":
            if position + 1 >= len(pattern) or pattern[position + 1] not in _ESCAPES:
                raise ValueError("正则表达式只能转义标点和 d、w、s，不能使用反向引用。")
            position += 2
            atom = False
        elif char == "[":
            position = _end_of_class(pattern, position)
            atom = False
        elif char == "(":
            opening = _GROUP.match(pattern, position)
            if not opening:
                raise ValueError("正则表达式不能使用环视、条件和命名分组。")
            groups.append((varies, ways))
            varies, ways = False, 1
            position = opening.end()
            atom = None
        elif char == ")":
            work *= ways
            atom = varies
            outer, ways = groups.pop()
            varies = varies or outer
            position += 1
        elif quantifier := _QUANTIFIER.match(pattern, position):
            tries = _tries(quantifier)
            if atom and quantifier.group() != "?":
                raise ValueError("正则表达式不能对含有量词或者选择的分组再次使用量词。")
            work *= tries
            varies = varies or tries > 1
            atom = True  # what stands here varies; only a lazy or optional mark may follow
            position = quantifier.end()
        else:
            if char == "|" and groups:
                varies, ways = True, ways + 1
            atom = None if char in "|^" else False
            position += 1
        if work > MAX_WORK:
            raise ValueError("正则表达式中长度不定的量词过多，匹配会过慢。")


def _end_of_class(pattern: str, start: int) -> int:
    position = start + 2 if pattern[start + 1 : start + 2] == "^" else start + 1
    first = position
    while position == first or pattern[position] != "]":  # a bracket right at the beginning stands for itself
        pair = pattern[position : position + 2]
        if pair[0] == "[" or pair in ("--", "&&", "~~", "||"):
            raise ValueError(
                "字符组中的 [、--、&&、~~、|| 请用反斜线转义。"
            )  # later Pythons read set operations
        position += 2 if pair[0] == "\\" else 1
    return position + 1


def _tries(quantifier: re.Match[str]) -> int:
    """How many lengths the quantifier may try on one text."""
    text = quantifier.group()
    if text == "?":
        return 2
    if text in "*+":
        return MAX_INPUT
    low, comma, high = quantifier.groups()
    if not comma:
        return 1
    return min(MAX_INPUT, int(high) - int(low or 0) + 1 if high else MAX_INPUT)


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text has the pattern's form. Texts beyond `MAX_INPUT` never have."""
    return len(text) <= MAX_INPUT and re.fullmatch(pattern, text) is not None
