"""大写 of amounts: what the rule shows, and that it can always be read back."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel import money

DIGITS = {char: value for value, char in enumerate(money.DIGITS)}
UNITS = {"拾": 10, "佰": 100, "仟": 1000}


def read_integer(text: str) -> int:
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        if unit in text:
            high, _, low = text.rpartition(unit)
            return read_integer(high) * size + read_integer(low)
    total = digit = 0
    for char in text:
        if char in UNITS:
            total += digit * UNITS[char]
            digit = 0
        else:
            digit = DIGITS[char]
    return total + digit


def read(text: str) -> Decimal:
    sign = -1 if text.startswith("负") else 1
    yuan, _, rest = text.removeprefix("负").rpartition("元")
    rest = rest.removesuffix("整").removeprefix("零")
    cents = 0
    if "角" in rest:
        cents += DIGITS[rest[0]] * 10
        rest = rest[2:]
    if rest:
        cents += DIGITS[rest[0]]
    return sign * (Decimal(read_integer(yuan)) + Decimal(cents) / 100)


@pytest.mark.parametrize(
    ("amount", "spelled"),
    [
        ("0", "零元整"),
        ("10000", "壹万元整"),
        ("250000", "贰拾伍万元整"),
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("0.05", "伍分"),
        ("100000001", "壹亿零壹元整"),
        ("1000000000000", "壹万亿元整"),
    ],
)
def test_examples(amount, spelled):
    assert money.upper(Decimal(amount)) == spelled


@given(st.decimals(-(10**15), 10**15, places=2, allow_nan=False))
def test_every_amount_can_be_read_back(amount):
    assert read(money.upper(amount)) == amount


@given(st.integers(0, 10**14 - 1))
def test_never_two_zeros_and_never_a_zero_before_a_unit(cents):
    text = money.upper(Decimal(cents) / 100)
    assert "零零" not in text
    assert not any(f"零{unit}" in text for unit in "拾佰仟万亿角分")
    assert text.endswith(("整", "分"))


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "1E+16", "0.001", "1." + "0" * 40 + "1"])
def test_what_cannot_be_spelled(amount):
    with pytest.raises(ValueError):
        money.upper(Decimal(amount))
