"""Identity numbers: their check characters, how they are recognised and masked. Pure.

公民身份号码 GB 11643-1999, 统一社会信用代码 GB 32100-2015. What a person must look like in full is for the forms
(`app.forms.codes`); here is what lists, logs and the search need.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100: digits and capital letters without I, O, S, V, Z."""
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_USCC_VALUES = {char: value for value, char in enumerate(USCC_ALPHABET)}
_RESIDENT_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_RESIDENT_CHECKS = "10X98765432"
_SEPARATORS = re.compile(r"[\s\-‐-―－]")
_RESIDENT = re.compile(r"[1-9][0-9]{16}[0-9X]")
_USCC = re.compile(r"[1-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}")
_OTHER = re.compile(r"[1-9][0-9]{14}|[A-Z]{1,2}[0-9]{7,10}")
"""15 位旧号码, passports, permits of Hong Kong, Macao and Taiwan residents: no check character tells them."""


def normalise(text: str) -> str:
    """Half-width capitals without spaces and hyphens: the spelling in which codes are stored and compared."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def uscc_check_character(first17: str) -> str:
    """The 18th character that belongs to the first 17 (GB 32100-2015, 4.6).

    Raises:
        KeyError: a character is not of the alphabet.
    """
    total = sum(_USCC_VALUES[char] * weight for char, weight in zip(first17, _USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[-total % 31]


def resident_check_character(first17: str) -> str:
    """The 18th character that belongs to the first 17 digits (GB 11643-1999, 4.2)."""
    total = sum(int(digit) * weight for digit, weight in zip(first17, _RESIDENT_WEIGHTS, strict=True))
    return _RESIDENT_CHECKS[total % 11]


def is_resident(code: str) -> bool:
    """Whether a normalised text is a resident identity number: pattern, day of birth, check character."""
    if not _RESIDENT.fullmatch(code) or resident_check_character(code[:17]) != code[17]:
        return False
    try:
        return date(int(code[6:10]), int(code[10:12]), int(code[12:14])).year >= 1900
    except ValueError:
        return False


def is_uscc(code: str) -> bool:
    """Whether a normalised text is a unified social credit code: pattern and check character."""
    return bool(_USCC.fullmatch(code)) and uscc_check_character(code[:17]) == code[17]


def recognised(text: str) -> str | None:
    """The number that a text as typed is beyond doubt (by its check character), normalised; else None."""
    if not 18 <= len(text) <= 40:
        return None
    code = normalise(text)
    return code if is_resident(code) or is_uscc(code) else None


def possible(text: str) -> str | None:
    """The number that a text as typed may be: also those that no check character tells."""
    if (code := recognised(text)) is None and 8 <= len(text) <= 24:
        code = normalise(text)
        return code if _OTHER.fullmatch(code) else None
    return code


def numbers_in(value: Any) -> Iterator[str]:
    """Every identity number in submitted data: whatever stands as a party's `id_code`, and every text that is
    one by its check character."""
    if isinstance(value, str):
        if code := recognised(value):
            yield code
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name == "id_code" and isinstance(inner, str) and inner:
                yield normalise(inner)
            else:
                yield from numbers_in(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from numbers_in(inner)


def masked(number: str) -> str:
    """A number as lists show it: the first six and the last four characters."""
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}" if len(number) > 10 else "*" * len(number)
