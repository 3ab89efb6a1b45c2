"""Below the article: paragraphs (款), items (项) and sub-items (目) of a text, and the one a citation means. Pure.

A paragraph is a line of its own; the items that follow it (（一）……) belong to it, and the sub-items (1.……) to their item.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from . import citations

_NUMERAL = citations.NUMERAL
_PLACE = re.compile(
    rf"第({_NUMERAL})条(?:之({_NUMERAL}))?(?:第({_NUMERAL})款)?(?:第[（(]?({_NUMERAL})[）)]?项)?(?:第({_NUMERAL})目)?"
)
_ITEM = re.compile(rf"^[（(]({_NUMERAL})[）)]")
_SUB_ITEM = re.compile(r"^([0-9]{1,2})[.．、]")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a statute: `article` as in `citations` (`54`, `36-1`); the rest are numbers, None: not narrowed."""

    article: str
    paragraph: int | None = None
    item: int | None = None
    sub_item: int | None = None

    @property
    def name(self) -> str:
        """第三十三条第二款第（一）项, as statutes are cited."""
        words = citations.article_name(self.article)
        words += f"第{citations.numeral(self.paragraph)}款" if self.paragraph else ""
        words += f"第（{citations.numeral(self.item)}）项" if self.item else ""
        return words + (f"第{citations.numeral(self.sub_item)}目" if self.sub_item else "")


def places(piece: citations.Piece) -> tuple[Place, ...]:
    """The places a piece of a text cites; the articles of a range are whole."""
    if len(piece.articles) > 1:
        return tuple(Place(number) for number in piece.articles)
    return tuple(_place(found) for found in _PLACE.finditer(piece.text))


def _place(found: re.Match[str]) -> Place:
    article = f"{citations.number(found[1])}" + (f"-{citations.number(found[2])}" if found[2] else "")
    rest = [citations.number(words) if words else None for words in found.groups()[2:]]
    return Place(article, *rest)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph: its lead, and its items with their sub-items, each with its number and lines."""

    lead: str
    items: tuple[tuple[int, tuple[str, ...]], ...] = ()


def paragraphs(body: str) -> tuple[Paragraph, ...]:
    """An article's text in its parts."""
    found: list[tuple[str, list[tuple[int, list[str]]]]] = []
    for line in (raw.strip() for raw in body.splitlines()):
        if not line:
            continue
        if found and (numbered := _ITEM.match(line)):
            found[-1][1].append((citations.number(numbered[1]), [line]))
        elif found and found[-1][1] and _SUB_ITEM.match(line):
            found[-1][1][-1][1].append(line)
        else:
            found.append((line, []))
    return tuple(
        Paragraph(lead, tuple((number, tuple(lines)) for number, lines in items)) for lead, items in found
    )


def part(body: str, place: Place) -> str | None:
    """The words a citation means: of an item with the lead of its paragraph; None where there is no such part. Without
    a paragraph the first that has the item counts."""
    told = paragraphs(body)
    if place.paragraph is not None:
        if place.paragraph > len(told):
            return None
        told = told[place.paragraph - 1 : place.paragraph]
    if place.item is None:
        return "\n".join(_whole(each) for each in told)
    for each in told:
        for number, lines in each.items:
            if number == place.item:
                narrowed = _sub_item(lines, place.sub_item)
                return None if narrowed is None else "\n".join((each.lead, *narrowed))
    return None


def _whole(paragraph: Paragraph) -> str:
    return "\n".join([paragraph.lead, *(line for _, lines in paragraph.items for line in lines)])


def _sub_item(lines: Sequence[str], wanted: int | None) -> Sequence[str] | None:
    if wanted is None:
        return lines
    named = [line for line in lines[1:] if (found := _SUB_ITEM.match(line)) and int(found[1]) == wanted]
    return [lines[0], *named] if named else None
