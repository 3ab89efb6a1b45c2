"""Amounts of money in yuan: how people type them and how documents spell them. Pure.

`app/frontend/src/money.js` is the twin of this module, held to it by the same vectors.
"""

import re
import unicodedata
from decimal import Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
LIMIT = Decimal(10) ** 16
"""Amounts from here on are not spelled: no administrative amount comes near."""

_AMOUNT = re.compile(r"-?[0-9]{1,16}(?:\.[0-9]{1,2})?\Z")
_ORNAMENT = re.compile(r"[ \t,¥]|元$")


def plain(text: str) -> str:
    """What a person typed as an amount or number, without separators: `￥１２,３４５．６０元` → `12345.60`.

    Never fails; the result need not be a number.
    """
    return _ORNAMENT.sub("", unicodedata.normalize("NFKC", text).strip(" \t"))


def canonical(amount: Decimal) -> str:
    """The one spelling under which an amount is stored: `250000`, `0.50`."""
    amount = amount or abs(amount)  # no negative zero
    return f"{amount:.0f}" if amount == amount.to_integral_value() else f"{amount:.2f}"


def upper(amount: Decimal) -> str:
    """The amount in the capital numerals of the 正确填写票据和结算凭证的基本规定: 壹万贰仟元零伍分.

    整 follows 元 and 角, never 分; one 零 stands for zeros inside the number; a zero in the place of yuan
    before 角 is not spoken (the rule leaves both open).

    Raises:
        ValueError: not finite, smaller parts than 分, or 10^16 yuan and more.
    """
    if not amount.is_finite() or abs(amount) >= LIMIT:
        raise ValueError("the amount cannot be spelled")
    if amount.quantize(Decimal("0.01")) != amount:
        raise ValueError("the amount has parts smaller than 分")
    yuan, rest = divmod(int(abs(amount) * 100), 100)
    jiao, fen = divmod(rest, 10)
    text = "负" if amount < 0 else ""
    if yuan or not rest:
        text += (_integer(yuan) or DIGITS[0]) + "元"
    if jiao:
        text += DIGITS[jiao] + "角"
    elif fen and yuan:
        text += DIGITS[0]
    return text + (DIGITS[fen] + "分" if fen else "整")


def spell(text: str) -> str:
    """The capital numerals of an amount as a person typed it; empty when it is none (yet)."""
    bare = plain(text)
    return upper(Decimal(bare)) if _AMOUNT.match(bare) else ""


def _integer(number: int) -> str:
    """Below 10^16; empty for zero. 亿 counts what stands above it, so 10^12 is 壹万亿."""
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        high, low = divmod(number, size)
        if high:
            zero = DIGITS[0] if 0 < low < size // 10 else ""
            return _integer(high) + unit + zero + _integer(low)
    return _group(number)


def _group(number: int) -> str:
    text, gap = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if not digit:
            gap = gap or bool(text)
            continue
        text += (DIGITS[0] if gap else "") + DIGITS[digit] + _PLACES[place]
        gap = False
    return text
