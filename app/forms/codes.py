"""Identity codes: 统一社会信用代码 (GB 32100-2015) and 公民身份号码 (GB 11643-1999). Pure.

Own check digits: python-stdnum refuses valid codes (organisations whose code begins with a letter, people
born in a region before it had its present code). A region or an organisation code that looks wrong is
therefore only a hint.
"""

import re
from dataclasses import dataclass
from datetime import date

from app.kernel.identity import USCC_ALPHABET, normalise, resident_check_character, uscc_check_character

_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

_PROVINCES = frozenset(
    {
        *range(11, 16),
        *range(21, 24),
        *range(31, 38),
        *range(41, 47),
        *range(50, 55),
        *range(61, 66),
        71,
        81,
        82,
        83,
    }
)
"""First two digits of GB/T 2260; 83 is used by residence permits of Taiwan residents."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A code as it should be stored, what forbids it, and what somebody should look at again."""

    value: str
    error: str | None = None
    hints: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return self.error is None


def organisation_check_character(first8: str) -> str:
    """The 9th character of an organisation code (GB 11714), which stands at places 9–17 of a USCC."""
    weighed = zip(first8, _ORGANISATION_WEIGHTS, strict=True)
    rest = -sum(_ORGANISATION_ALPHABET.index(char) * weight for char, weight in weighed) % 11
    return "X" if rest == 10 else str(rest)


def check_uscc(text: str) -> Checked:
    """Check a unified social credit code as typed; case, width, spaces and hyphens do not matter."""
    value = normalise(text)
    if len(value) != 18:
        return Checked(value, f"统一社会信用代码应为 18 位，现为 {len(value)} 位，请核对。")
    wrong = next((char for char in value if char not in USCC_ALPHABET), None)
    if wrong:
        return Checked(value, f"统一社会信用代码中不会出现“{wrong}”（不使用字母 I、O、S、V、Z），请核对。")
    if "0" in value[:2] or not value[2:8].isdigit():
        return Checked(value, "统一社会信用代码的前 8 位不符合编码规则，请核对。")
    if uscc_check_character(value[:17]) != value[17]:
        return Checked(value, "统一社会信用代码的校验位不对，请逐位核对。")
    hints = []
    if organisation_check_character(value[8:16]) != value[16]:
        hints.append("代码中组织机构代码的校验位不对；早年的代码有例外，请与证照核对。")
    if int(value[2:4]) not in _PROVINCES:
        hints.append("代码中的行政区划不在现行区划表内，请与证照核对。")
    return Checked(value, None, tuple(hints))


def check_resident_id(text: str, today: date) -> Checked:
    """Check a resident identity number as typed. `today` is the legal day: nobody is born after it."""
    value = normalise(text)
    if len(value) == 15 and value.isdigit():
        return Checked(value, "这是 15 位旧身份证号码，请填写 18 位公民身份号码。")
    if len(value) != 18:
        return Checked(value, f"公民身份号码应为 18 位，现为 {len(value)} 位，请核对。")
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", value):
        return Checked(value, "公民身份号码应为 17 位数字加 1 位数字或字母 X，请核对。")
    try:
        born = date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return Checked(value, "公民身份号码中的出生日期不存在，请核对。")
    if not date(1900, 1, 1) <= born <= today:
        return Checked(value, "公民身份号码中的出生日期早于 1900 年或晚于今天，请核对。")
    if resident_check_character(value[:17]) != value[17]:
        return Checked(value, "公民身份号码的校验位不对，请逐位核对。")
    if int(value[:2]) not in _PROVINCES:
        return Checked(value, None, ("号码中的行政区划不在现行区划表内，请与证件核对。",))
    return Checked(value)
