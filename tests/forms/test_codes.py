"""Identity codes: fictional test vectors, every single-character slip, and what is only a hint."""

import csv
import random
from datetime import date
from pathlib import Path

import pytest

from app.forms import codes

ASSETS = Path(__file__).parent / "assets"
TODAY = date(2026, 11, 21)


def rows(name: str) -> list[dict[str, str]]:
    with (ASSETS / name).open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def check(kind: str, code: str) -> codes.Checked:
    return codes.check_uscc(code) if kind == "uscc" else codes.check_resident_id(code, TODAY)


CASES = [
    (kind, row.get("uscc") or row["id_number"])
    for kind in ("uscc", "id")
    for row in rows(f"party_{kind}_valid.csv")
]


@pytest.mark.parametrize(("kind", "code"), CASES)
def test_valid_codes(kind, code):
    checked = check(kind, code)
    assert checked.ok
    assert checked.value == code


@pytest.mark.parametrize("kind", ["uscc", "id"])
def test_invalid_doubtful_and_carelessly_typed_codes(kind):
    for row in rows(f"party_{kind}_invalid.csv"):
        checked = check(kind, row["value"])
        assert checked.ok is (row["expected"] != "error"), row
        if row["expected"] == "warn":
            assert checked.hints, row
        if checked.error:
            assert checked.error.endswith("。"), row


@pytest.mark.parametrize("kind", ["uscc", "id"])
def test_every_single_slip_is_noticed(kind):
    dice = random.Random(3)
    alphabet = codes.USCC_ALPHABET if kind == "uscc" else "0123456789"
    for _, code in [case for case in CASES if case[0] == kind][:15]:
        for place in range(17):
            other = dice.choice([char for char in alphabet if char != code[place]])
            assert not check(kind, code[:place] + other + code[place + 1 :]).ok


def test_organisations_whose_code_begins_with_a_letter():
    assert codes.check_uscc("N2442000XXXD00264F").ok


@pytest.mark.parametrize("garbage", ["", " ", "\x00" * 18, "😀" * 18, "1" * 10_000, "²" * 18, "١" * 18])
def test_garbage(garbage):
    assert not codes.check_uscc(garbage).ok
    assert not codes.check_resident_id(garbage, TODAY).ok


def test_own_check_digit_of_random_codes():
    dice = random.Random(9)
    for _ in range(300):
        body = "".join(dice.choice(codes.USCC_ALPHABET) for _ in range(8))
        first = "91370400" + body + codes.organisation_check_character(body)
        assert codes.check_uscc(first + codes.uscc_check_character(first)) == codes.Checked(
            first + codes.uscc_check_character(first)
        )
