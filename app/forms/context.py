"""What a form must know of the world: who may be named, what was opined before, which day it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .definition import Choice, Option, Person


@dataclass(frozen=True, slots=True)
class OfficerOption:
    """An officer who may be named. `certificates`: number by kind, only those valid today."""

    id: int
    name: str
    positions: frozenset[str] = frozenset()
    certificates: Mapping[str, str] = field(default_factory=dict)


def _no_items(kind: str) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class FormContext:
    """`previous_opinion` is the opinion (`stance`, `text`, perhaps `by`) given at the step before.

    `scope` names the page (`work:123`); tokens of stored files are good within one scope only. `case` gives the
    case's context, from which a field is filled that the step may only read; it is asked only by such a form.
    """

    officers: Sequence[OfficerOption]
    previous_opinion: Mapping[str, Any] | None
    today: date
    scope: str = ""
    case: Callable[[], Mapping[str, Any]] = dict
    dissent: str = ""
    """Why an opinion needs its reason whatever the stance: others who were asked did not agree. Empty: it does not."""

    items: Callable[[str], Sequence[str]] = _no_items
    """The agency's published items of a kind of power, as code and name; asked only by a form that offers them."""

    def options(self, item: Choice) -> Sequence[Option]:
        """What may be chosen for an item."""
        return [Option(text, text) for text in self.items(item.items)] if item.items else item.options

    def eligible(self, item: Person) -> list[OfficerOption]:
        """The officers who may be named for an item."""
        return [
            officer
            for officer in self.officers
            if (not item.position or item.position in officer.positions)
            and (not item.certificate or item.certificate in officer.certificates)
        ]
