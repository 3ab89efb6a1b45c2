"""Which articles a text of legal bases cites: `《中华人民共和国行政处罚法》第五十四条第一款、第五十六条`. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

DIGITS = {word: n for n, word in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
UNITS = {"十": 10, "百": 100, "千": 1000}
NUMERAL = "[〇零一二两三四五六七八九十百千]+"
ARTICLE = f"第({NUMERAL})条(?:之({NUMERAL}))?"
_PART = rf"(?:第{NUMERAL}款)?(?:第[（(]?{NUMERAL}[）)]?项)?(?:第{NUMERAL}目)?"
_TOKEN = re.compile(rf"《(?P<law>[^《》]+)》|(?P<cited>{ARTICLE}{_PART}(?:至{ARTICLE}{_PART})?)")
_NUMBERS = re.compile(ARTICLE)
STATE = "中华人民共和国"
LONGEST = 40
"""Articles of one range that are shown; a longer one is a whole chapter."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text. Where it cites, `law` and the `articles` (`54`, `36之一` is `36-1`) it means."""

    text: str
    law: str = ""
    articles: tuple[str, ...] = ()


def number(words: str) -> int:
    """A number in Chinese characters below ten thousand: 一百零二, 五十四, 十.

    Raises:
        ValueError: it is none.
    """
    total = digit = 0
    for char in words:
        if char in DIGITS:
            digit = DIGITS[char]
        elif char in UNITS:
            total += (digit or 1) * UNITS[char]
            digit = 0
        else:
            raise ValueError(words)
    return total + digit


def article_name(key: str) -> str:
    """`54` as statutes write it: 第五十四条."""
    first, _, more = key.partition("-")
    return f"第{numeral(int(first))}条" + (f"之{numeral(int(more))}" if more else "")


def numeral(n: int) -> str:
    """A number below ten thousand in Chinese characters."""
    if n == 0:
        return "零"
    words, gap = "", False
    for unit, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, n = divmod(n, unit)
        if digit:
            words += ("零" if gap and words else "") + "零一二三四五六七八九"[digit] + word
            gap = False
        else:
            gap = True
    return words.removeprefix("一") if words.startswith("一十") else words


def same_law(name: str) -> str:
    """The name by which a statute is looked up: with or without the name of the state it is the same one."""
    return name.strip().removeprefix(STATE)


_LAW = re.compile(r"《([^《》]*(?:法|法典|条例|规定|办法|细则|决定|规则|规章)(?:[（(][^《》]*[）)])?)》")


def laws(text: str) -> list[str]:
    """The statutes a text names, with an article or without: what is called 法、条例、规定、办法 and the like, not every
    title of a paper."""
    return [found.strip() for found in _LAW.findall(text)]


@lru_cache(maxsize=1024)
def pieces(text: str) -> tuple[Piece, ...]:
    """The text in parts, those that cite articles with what they cite."""
    return tuple(_pieces(text))


def _pieces(text: str) -> Iterator[Piece]:
    law, at = "", 0
    for found in _TOKEN.finditer(text):
        if found["law"]:
            law = found["law"]
            continue
        if not law:
            continue
        if found.start() > at:
            yield Piece(text[at : found.start()])
        yield Piece(found["cited"], law, articles_in(found["cited"]))
        at = found.end()
    if at < len(text):
        yield Piece(text[at:])


def articles_in(cited: str) -> tuple[str, ...]:
    """The articles that one citation names, of a range all."""
    named = [f"{number(n)}" + (f"-{number(more)}" if more else "") for n, more in _NUMBERS.findall(cited)]
    if "至" not in cited or len(named) != 2:
        return tuple(named)
    first, last = (int(each.partition("-")[0]) for each in named)
    if not first <= last < first + LONGEST:
        return tuple(named)
    return tuple(str(n) for n in range(first, last + 1))
