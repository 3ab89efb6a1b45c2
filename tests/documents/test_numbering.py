"""Numbers are printed in one way and read in many; codes carry their own check."""

import random
import string

import pytest

from app.documents import numbering
from app.documents.numbering import DocumentNumber


def test_a_number_has_hexagonal_brackets_and_no_zeros_in_front():
    assert numbering.document_number("枣市监", "罚", 2019, 12) == "枣市监罚〔2019〕12号"


@pytest.mark.parametrize(
    ("abbreviation", "type_char", "year", "serial"),
    [
        ("枣", "罚", 2019, 1),
        ("枣环", "", 2019, 1),
        ("枣环", "JD", 2019, 1),
        ("枣环", "罚", 19, 1),
        ("枣环", "罚", 2019, 0),
        ("ZH", "罚", 2019, 1),
    ],
)
def test_what_cannot_stand_in_a_number_is_refused(abbreviation, type_char, year, serial):
    with pytest.raises(ValueError, match="不能用于文号"):
        numbering.document_number(abbreviation, type_char, year, serial)


@pytest.mark.parametrize(
    "written",
    [
        "枣市监罚〔2019〕12号",
        "枣市监罚[2019]12号",
        "枣市监罚（2019）第012号",
        "枣市监罚【2019】12",
        "枣市监罚 ［２０１９］ １２ 号",
        "枣市监罚字〔2019〕第12号",
        "枣市监罚(2019年)0012号",
    ],
)
def test_numbers_of_older_systems_are_read(written):
    assert numbering.parse(written) == DocumentNumber("枣市监罚", 2019, 12)
    assert str(numbering.parse(written)) == "枣市监罚〔2019〕12号"


@pytest.mark.parametrize(
    "written", ["", "枣市监罚2019-12", "〔2019〕12号", "枣市监罚〔2019〕0号", "枣市监罚〔2019〕12号附件"]
)
def test_what_is_no_number_is_said_so(written):
    with pytest.raises(ValueError, match="不是文号"):
        numbering.parse(written)


def test_the_check_character_is_that_of_iso_7064():
    assert numbering.check_character("A12425GABC1234002") == "M"  # the standard's example of MOD 37,36


def test_every_single_error_and_most_transpositions_are_found():
    dice = random.Random(7)
    code = numbering.identification_code("370400-04", "JD-01", 2025, 12)
    assert code.startswith("37040004JD01202500012")
    assert numbering.is_code(code)
    for position, right in enumerate(code):
        for wrong in set(numbering.ALPHABET) - {right}:
            assert not numbering.is_code(code[:position] + wrong + code[position + 1 :])
    swapped = found = 0
    for _ in range(2000):
        body = "".join(dice.choices(numbering.ALPHABET, k=20))
        code = body + numbering.check_character(body)
        at = dice.randrange(20)
        other = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
        swapped += other != code
        found += other != code and not numbering.is_code(other)
    assert found / swapped > 0.97


def test_a_code_is_read_as_people_type_it():
    assert numbering.normalised_code(" 37040004jd01-2025 00012ｘ") == "37040004JD01202500012X"


def test_only_the_right_key_makes_the_link():
    code = numbering.identification_code("370400-04", "JD-01", 2025, 12)
    link = numbering.verification_link("https://zfdt.example.gov.cn/", code, "secret")
    mac = link.removeprefix(f"https://zfdt.example.gov.cn/v/{code}?k=")
    assert len(mac) == 16
    assert numbering.is_mac(code, mac, "secret")
    assert not numbering.is_mac(code, mac, "another")
    assert not numbering.is_mac(code[:-1] + "0", mac, "secret")
    for forged in ("", "A" * 16, mac.lower(), mac + "A", "=" * 16, string.printable, "０" * 16):
        assert not numbering.is_mac(code, forged, "secret")
