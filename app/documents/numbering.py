"""Document numbers, identification codes and verification links. Pure.

A number such as 枣市监罚〔2019〕12号 is agency abbreviation + type + year in hexagonal brackets + serial
number without zeros in front (GB/T 9704-2012, 7.2.5). The identification code is the document's own name:
printed in its footer, in the QR code, and typed on the verification page, hence its check character.
"""

import base64
import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_HAN = re.compile(r"[\u3400-\u9fff]+")
_NUMBER = re.compile(
    r"([\u3400-\u9fff]{2,16}?)(?:字)?(?:第)?[〔\[\(【{﹝](\d{4})年?[〕\]\)】}﹞](?:第)?0*(\d{1,6})号?"
)
_BASE32 = re.compile(r"[A-Z2-7]{16}")


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """A number taken apart. `prefix` is abbreviation and type together: 枣市监罚."""

    prefix: str
    year: int
    serial: int

    def __str__(self) -> str:
        return f"{self.prefix}〔{self.year}〕{self.serial}号"


def document_number(abbreviation: str, type_char: str, year: int, serial: int) -> str:
    """The number as it is printed.

    Raises:
        ValueError: a part that cannot stand in a number.
    """
    if not _HAN.fullmatch(abbreviation) or not 2 <= len(abbreviation) <= 10:
        raise ValueError(f"机关代字“{abbreviation}”不能用于文号：应为二至十个汉字。")
    if not _HAN.fullmatch(type_char) or len(type_char) > 4:
        raise ValueError(f"文种字“{type_char}”不能用于文号：应为一至四个汉字。")
    if not 1949 <= year <= 9999 or not 1 <= serial <= 999_999:
        raise ValueError(f"年份 {year} 或顺序号 {serial} 不能用于文号。")
    return str(DocumentNumber(abbreviation + type_char, year, serial))


def parse(text: str) -> DocumentNumber:
    """Read a number as older systems and typists write it: other brackets, full width, zeros in front,
    spaces, 第.

    Raises:
        ValueError: it is not a document number.
    """
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    found = _NUMBER.fullmatch(plain)
    if found is None or not int(found[3]):
        raise ValueError(f"“{text}”不是文号。文号的样式为：枣市监罚〔2019〕12号。")
    return DocumentNumber(found[1], int(found[2]), int(found[3]))


def check_character(text: str) -> str:
    """The check character of ISO/IEC 7064 MOD 37,36: finds every single error and nearly all
    transpositions."""
    product = 36
    for character in text:
        total = (product + ALPHABET.index(character)) % 36 or 36
        product = total * 2 % 37
    return ALPHABET[(37 - product) % 36]


def identification_code(agency_code: str, document_code: str, year: int, serial: int) -> str:
    """The identification code: agency, kind of document, year, serial in at least five digits, check
    character.

    `370400-04`, `JD-01`, 2025, 12 give `37040004JD01202500012` and the check character.

    Raises:
        ValueError: a code without letters or digits.
    """
    parts = [re.sub(r"[^0-9A-Z]", "", part.upper()) for part in (agency_code, document_code)]
    if not all(parts):
        raise ValueError("the codes of agency and document must have letters or digits")
    body = f"{parts[0]}{parts[1]}{year:04d}{serial:05d}"
    return body + check_character(body)


def normalised_code(text: str) -> str:
    """What a person typed as an identification code, in the one spelling: capitals, no spaces or hyphens."""
    return re.sub(r"[\s\-·]", "", unicodedata.normalize("NFKC", text)).upper()


def is_code(code: str) -> bool:
    """Whether a normalised text can be an identification code: alphabet, length, check character."""
    return 12 <= len(code) <= 40 and set(code) <= set(ALPHABET) and check_character(code[:-1]) == code[-1]


def code_mac(code: str, secret: str) -> str:
    """Sixteen characters only this platform can compute for a code: HMAC-SHA-256 under a key of its own,
    80 bits."""
    key = hmac.digest(secret.encode(), b"xingquan document verification 1", hashlib.sha256)
    return base64.b32encode(hmac.digest(key, code.encode(), hashlib.sha256)[:10]).decode()


def is_mac(code: str, mac: str, secret: str) -> bool:
    """Whether `mac` belongs to `code`, in constant time."""
    expected = code_mac(code, secret)
    given = mac if _BASE32.fullmatch(mac) else "0" * len(expected)
    return hmac.compare_digest(expected, given)


def verification_link(base_url: str, code: str, secret: str) -> str:
    """The address in the QR code."""
    return f"{base_url.rstrip('/')}/v/{code}?k={code_mac(code, secret)}"
