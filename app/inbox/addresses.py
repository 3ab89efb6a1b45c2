"""The addresses of lists: box, words, filter. Whatever is shown can be linked to, kept and gone back to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import request, url_for

from app.cases import service as cases

from . import filters
from .boxes import NAMES, Box
from .filters import FACETS, NONE, SPANS, Chosen

TEXT = "text"
"""The value of `where` of a search in opinions and documents."""


@dataclass(frozen=True, slots=True)
class Address:
    """What a list is asked for. `plain` says that the person's own default is not to apply."""

    box: Box
    q: str = ""
    person: str | None = None
    where: str = ""
    chosen: Chosen = NONE
    plain: bool = False

    def to(self, endpoint: str = "inbox.index", **more: Any) -> str:
        """The address, or another page's with the same arguments."""
        return url_for(endpoint, **self.arguments(), **more)

    def arguments(self) -> dict[str, Any]:
        """The arguments of the address."""
        found: dict[str, Any] = {"box": self.box.value}
        if self.q:
            found["q"] = self.q
        if self.person:
            found["person"] = self.person
        if self.where:
            found["where"] = self.where
        for name, value in self.chosen.pairs():
            found.setdefault(name, []).append(value)
        if self.plain and not self.chosen:
            found["f"] = "none"
        return found

    def fields(self) -> list[tuple[str, str]]:
        """The arguments as hidden fields of a form."""
        return [
            (name, one)
            for name, value in self.arguments().items()
            for one in (value if isinstance(value, list) else [value])
        ]

    def narrowed(self, chosen: Chosen) -> "Address":
        """The same with another filter; without any, nothing applies by itself."""
        return replace(self, chosen=chosen, plain=True)

    def turned(self, facet: str, value: str, to: str) -> str:
        """The address with a value of a facet wanted, excluded or neither."""
        return self.narrowed(self.chosen.turned(facet, value, to)).to()

    def undated(self, name: str) -> str:
        """The address without an end of a span of days."""
        return self.narrowed(self.chosen.undated(name)).to()

    def in_text(self) -> "Address":
        """The same words, looked for in opinions and documents."""
        return replace(self, where=TEXT, person=None, plain=True)

    def without_words(self) -> str:
        """The address without words."""
        return replace(self, q="", person=None, where="").to()

    def without_filter(self) -> str:
        """The address without any filter."""
        return self.narrowed(NONE).to()

    def words(self) -> list[str]:
        """The words about cases."""
        return [] if self.where == TEXT else cases.words({"q": self.q, "person": self.person or ""})

    def text(self) -> list[str]:
        """The words in opinions and documents."""
        return cases.full_text.askable(self.q.split()[:5]) if self.where == TEXT else []


def box_of(given: Mapping[str, str]) -> Box:
    """The box of an address or form; mine where it names none."""
    try:
        return Box(given.get("box", "mine"))
    except ValueError:
        return Box.MINE


def read() -> Address:
    """The address of this request."""
    given = request.args
    return Address(
        box_of(given),
        " ".join(given.get("q", "").split()[:5])[:200],
        given.get("person"),
        TEXT if given.get("where") == TEXT else "",
        filters.read(given),
        given.get("f") == "none",
    )


FIELDS = frozenset(
    ["box", "q", "person", "where", "f", *FACETS, *(f"not.{name}" for name in FACETS)]
    + [f"{span}_{end}" for span in SPANS for end in ("from", "to")]
)
"""The arguments that say what a list is asked for; forms bring them along."""


def of_form(given: Any) -> Address:
    """The address in the hidden fields of a form, but for the words."""
    where = TEXT if given.get("where") == TEXT else ""
    return Address(box_of(given), where=where, chosen=filters.read(given), plain=True)


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition of the filter, in words, with the address without it."""

    label: str
    words: str
    url: str
    without: bool = False


def chips(address: Address, words: Mapping[str, Mapping[str, str]]) -> list[Chip]:
    """Every condition of a filter, each of which can be taken away."""
    made = []
    for kept, without in ((address.chosen.wanted, False), (address.chosen.without, True)):
        for name, values in kept.items():
            for value in values:
                told = words[name].get(value, value)
                made.append(Chip(FACETS[name].label, told, address.turned(name, value, ""), without))
    for name, day in sorted(address.chosen.days.items()):
        span, _, end = name.rpartition("_")
        told = f"{day.year}年{day.month}月{day.day}日{'以后' if end == 'from' else '以前'}"
        made.append(Chip(SPANS[span][0], told, address.undated(name)))
    return made


def names(chosen: Chosen) -> dict[str, Sequence[str]]:
    """Which values of which facets a filter names."""
    found: dict[str, Sequence[str]] = {}
    for kept in (chosen.wanted, chosen.without):
        for name, values in kept.items():
            found[name] = (*found.get(name, ()), *values)
    return found


__all__ = ["FIELDS", "NAMES", "TEXT", "Address", "Box", "Chip", "box_of", "chips", "names", "of_form", "read"]
