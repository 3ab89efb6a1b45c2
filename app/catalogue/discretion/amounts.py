"""Sums, multiples and shares of the law's range, as baselines write them: `2000`, `0.5`, `MIN`, `MAX/2`, `MIN+0.3*MAX`."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

_TERM = re.compile(r"([+-]?)(?:(\d+(?:\.\d+)?)\*)?(MIN|MAX|\d+(?:\.\d+)?)(?:/(\d+(?:\.\d+)?))?")
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Amount:
    """So many times the statutory minimum, so many times the maximum, and a constant."""

    constant: Decimal = Decimal(0)
    of_min: Decimal = Decimal(0)
    of_max: Decimal = Decimal(0)

    @property
    def relative(self) -> bool:
        """Whether it depends on the law's range."""
        return bool(self.of_min or self.of_max)

    def value(self, least: Decimal, most: Decimal) -> Decimal:
        """The amount where the law's range is this."""
        return self.constant + self.of_min * least + self.of_max * most

    def __str__(self) -> str:
        parts = [
            ("" if share == 1 else f"{number(share)}×") + name
            for share, name in ((self.of_min, "法定下限"), (self.of_max, "法定上限"))
            if share
        ]
        if self.constant or not parts:
            parts.append(number(self.constant))
        return "＋".join(parts)


def number(value: Decimal) -> str:
    """A number as people write it: no trailing zeros, no exponent."""
    return f"{value.normalize():f}"


def amount(written: Any) -> Amount:
    """The amount that is written here: a number, or a text of terms.

    Raises:
        ValueError: it is none.
    """
    if isinstance(written, bool):
        raise ValueError("not an amount")
    if isinstance(written, (int, float, Decimal)):
        return Amount(_decimal(str(written)))
    text = re.sub(r"\s", "", str(written))
    if not text or len(text) > LONGEST:
        raise ValueError("not an amount")
    sums = {"": Decimal(0), "MIN": Decimal(0), "MAX": Decimal(0)}
    at = 0
    while at < len(text):
        found = _TERM.match(text, at)
        if not found or (at and not found[1]):
            raise ValueError("not an amount")
        sign, times, what, parts = found.groups()
        value = _decimal(times or "1") * (1 if what in sums else _decimal(what))
        if parts:
            if not _decimal(parts):
                raise ValueError("division by nothing")
            value /= _decimal(parts)
        sums[what if what in sums else ""] += -value if sign == "-" else value
        at = found.end()
    return Amount(sums[""], sums["MIN"], sums["MAX"])


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError("not a number") from None
    if not value.is_finite() or abs(value) >= Decimal(10) ** 16:
        raise ValueError("not a number")
    return value
