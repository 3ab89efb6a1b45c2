"""The last fence before a text leaves for a log: numbers of persons, telephones, bank cards, secrets. Pure.

Nothing is meant to log such things; this catches what slips through, such as an exception that quotes a value.
Numbers are recognised by their check characters, so that ids and moments stay readable.
"""

import re

from .identity import is_resident, is_uscc

HIDDEN = "[已隐去]"
SECRET_NAMES = re.compile(
    r"pass(word|wd|phrase)?|pwd|secret|token|authorization|cookie|csrf|api_?key|session_?id|口令|密码", re.I
)
"""Names whose values are secrets, whatever they look like."""

_CODE = re.compile(
    r"(?<![0-9A-Za-z])[0-9A-HJ-NP-RTUWXYa-hj-np-rtuwxy]{17}[0-9A-HJ-NP-RTUWXYa-hj-np-rtuwxy](?![0-9A-Za-z])"
)
_OLD_ID = re.compile(
    r"(?<![0-9A-Za-z])[1-9]\d{5}\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?![0-9A-Za-z])"
)
_CARD = re.compile(r"(?<![0-9A-Za-z])\d(?:[ -]?\d){12,18}(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<![0-9A-Za-z])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![0-9A-Za-z])")
_LANDLINE = re.compile(r"(?<![0-9A-Za-z-])(?:\(0\d{2,3}\)|0\d{2,3}-)\d{7,8}(?![0-9A-Za-z-])")
_BEARER = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9+/._~=-]{8,}", re.I)
_ADDRESS = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^/\s:@]*:)[^@\s/]+(@)", re.I)
_NAMED = re.compile(
    r"""(["']?\b[\w-]*(?:pass(?:word|wd|phrase)?|pwd|secret|token|authorization|cookie|_?csrf|api_?key|session_?id)[\w-]*["']?"""
    r"""\s*[:=]\s*)(?!\[已隐去\])("[^"]*"|'[^']*'|[^\s"',;&)}\]]+)""",
    re.I,
)
_DETAIL = re.compile(r"^(?:DETAIL|CONTEXT|HINT|PARAMETERS|\[parameters): .*$\n?", re.M)
_SUSPECT = re.compile(
    r"\d(?:[ -]?\d){5}|0\d{2}|pass|pwd|secret|token|auth|cookie|csrf|key|session|bearer|basic|://"
    r"|^(?:DETAIL|CONTEXT|HINT|PARAMETERS|\[parameters)",
    re.I | re.M,
)
"""Without any of these there is nothing to look for: most texts are done with here."""


def _luhn(digits: str) -> bool:
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _code(found: re.Match[str]) -> str:
    code = found[0].upper()
    return "[证件号码]" if is_resident(code) or is_uscc(code) else found[0]


def _card(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])
    return "[银行卡号]" if 13 <= len(digits) <= 19 and _luhn(digits) else found[0]


def redacted(text: str) -> str:
    """The text without what must not stand in a log; PostgreSQL's lines that quote values are left out."""
    if not _SUSPECT.search(text):
        return text
    text = _DETAIL.sub("", text)
    text = _ADDRESS.sub(rf"\1{HIDDEN}\2", text)
    text = _BEARER.sub(rf"\1 {HIDDEN}", text)
    text = _NAMED.sub(rf"\1{HIDDEN}", text)
    text = _CODE.sub(_code, text)
    text = _OLD_ID.sub("[证件号码]", text)
    text = _MOBILE.sub("[电话号码]", text)
    text = _LANDLINE.sub("[电话号码]", text)
    return _CARD.sub(_card, text)
