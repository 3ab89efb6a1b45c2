"""What penalty a provision sets, read from its words: kinds, and every range of a fine. Pure.

`处五万元以上十万元以下罚款` is 50,000 to 100,000 yuan, `货值金额十倍以上二十倍以下` ten to twenty times its base. Words
in which nothing is recognised yield nothing: whoever compares says so instead of guessing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml

from . import citations

KINDS = Path(__file__).parent / "data" / "penalty_kinds.yaml"
YUAN, TIMES, PERCENT = "元", "倍", "%"
_SCALE = {"百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_ARABIC = r"[0-9]+(?:\.[0-9]+)?"
_SUM = (
    rf"(?:百分之[〇零一二两三四五六七八九十百]+|{_ARABIC}%"
    rf"|(?:{_ARABIC}|[〇零一二两三四五六七八九十百千万亿]+)(?:[百千万亿]?元|倍)?)"
)
_RANGE = re.compile(rf"(?:(?P<low>{_SUM})(?:以上(?:不足)?|至))?(?P<high>{_SUM})(?P<most>以下)?")
_SAID = re.compile(rf"罚款(?:数额|额)为(?:[^，。；]{{0,20}}?)(?={_SUM})")
_FINE = re.compile(r"的?罚款")
_BASES = re.compile(
    "(货值金额|违法所得|违法收入|工程造价|工程合同价款|合同价款|销售金额|广告费用|租金|年收入|上一年度[^，。；]{0,6}收入"
    "|直接损失|赔偿金额|应缴[^，。；]{0,6}费|经营额|评估费|价值)"
)


@dataclass(frozen=True, slots=True)
class Fine:
    """One range of a fine. `low` None: only a most is set. `unit`: 元, 倍 or %; `base`: of what; `when`: in which case."""

    low: Decimal | None
    high: Decimal
    unit: str = YUAN
    base: str = ""
    when: str = ""

    @property
    def told(self) -> str:
        """5万元以上10万元以下; 货值金额10倍以上20倍以下."""
        high = (
            f"{_money(self.high, self.unit)}以下" if self.low != self.high else _money(self.high, self.unit)
        )
        low = f"{_money(self.low, self.unit)}以上" if self.low is not None and self.low != self.high else ""
        return f"{self.base}{low}{high}"


@dataclass(frozen=True, slots=True)
class Penalty:
    """What may be imposed: the kinds, by their names in 行政处罚法 9, and the ranges of the fine."""

    kinds: frozenset[str]
    fines: tuple[Fine, ...]
    unread: bool = False
    """Whether it speaks of a fine whose range was not recognised."""


def penalty(text: str) -> Penalty:
    """What the words of a provision set."""
    found = list(_fines(text))
    return Penalty(
        frozenset(name for name, words in kinds().items() if any(word in text for word in words)),
        tuple(dict.fromkeys(fine for fine in found if fine)),
        None in found,
    )


@cache
def kinds() -> dict[str, tuple[str, ...]]:
    """The kinds of penalty with the words by which they are set, in the order of the law."""
    content = yaml.safe_load(KINDS.read_text(encoding="utf-8"))
    return {kind["name"]: tuple(kind["words"]) for kind in content["kinds"]}


def _fines(text: str) -> Iterator[Fine | None]:
    """Every fine that the text sets; None for one whose range cannot be read."""
    for sentence in re.split(r"[；;。\n]", text):
        said = {found.end() for found in _SAID.finditer(sentence)}
        read, start = 0, 0
        for found in _RANGE.finditer(sentence):
            before = sentence[start : found.start()]
            when = _case(sentence[: found.start()])
            start = found.end()
            if _FINE.match(sentence, found.end()) or found.start() in said:
                read += 1
                yield _read(found, before, when)
        if sentence.count("罚款") > read:
            yield None


def _read(found: re.Match[str], before: str, when: str) -> Fine | None:
    high, unit = _sum(found["high"])
    low, low_unit = _sum(found["low"]) if found["low"] else (None, unit)
    if not unit:
        return None
    if low is not None and not low_unit:  # 三至五倍, 5以上10万元以下
        low, low_unit = low * _scale(found["high"]), unit
    if low is not None and (low_unit, unit) == (PERCENT, TIMES):
        low, low_unit = low / 100, TIMES
    if low_unit != unit:
        return None
    if found["low"] is None and not found["most"]:
        low = high
    named = _BASES.findall(before)
    return Fine(low, high, unit, named[-1] if named and unit != YUAN else "", when)


def _sum(words: str) -> tuple[Decimal, str]:
    """A number with its unit, 元, 倍, % or none; yuan as yuan."""
    if words.startswith("百分之"):
        return amount(words.removeprefix("百分之")), PERCENT
    if words.endswith("%"):
        return amount(words[:-1]), PERCENT
    if words.endswith("倍"):
        return amount(words[:-1]), TIMES
    if words.endswith("元"):
        return amount(words[:-1]), YUAN
    return amount(words), ""


def _scale(words: str) -> int:
    """What the unit of the upper end means for a lower one that has none: 5以上10万元以下."""
    found = re.fullmatch(rf"{_ARABIC}([百千万亿])元", words)
    return _SCALE[found[1]] if found else 1


_CASE = re.compile(
    r"([^，、；。]*(?:不足|以上|以下|情节(?:特别)?严重|拒不改正|逾期|个人|单位)[^，、；。]*)的?，"
)


def _case(before: str) -> str:
    told = _CASE.findall(before)
    return told[-1].removesuffix("的") if told else ""


def amount(words: str) -> Decimal:
    """A number in digits or Chinese characters, also above ten thousand: 一百二十万.

    Raises:
        ValueError: it is none.
    """
    if re.fullmatch(_ARABIC, words):
        return Decimal(words)
    if re.fullmatch(rf"{_ARABIC}[百千万亿]", words):
        return Decimal(words[:-1]) * _SCALE[words[-1]]
    for unit in ("亿", "万"):
        if unit in words:
            first, _, rest = words.partition(unit)
            return amount(first) * _SCALE[unit] + (amount(rest) if rest else Decimal(0))
    return Decimal(citations.number(words))


def _money(value: Decimal, unit: str) -> str:
    if unit == YUAN and value >= 10_000 and value % 1000 == 0:
        return f"{(value / 10_000).normalize():f}万元"
    return f"{value.normalize():f}{unit}"
