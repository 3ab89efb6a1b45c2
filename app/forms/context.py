"""What a form must know of the world: who may be named, what was opined before, which day it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .definition import Person


@dataclass(frozen=True, slots=True)
class OfficerOption:
    """An officer who may be named. `certificates`: number by kind, only those valid today."""

    id: int
    name: str
    positions: frozenset[str] = frozenset()
    certificates: Mapping[str, str] = field(default_factory=dict)


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

    def eligible(self, item: Person) -> list[OfficerOption]:
        """The officers who may be named for an item."""
        return [
            officer
            for officer in self.officers
            if (not item.position or item.position in officer.positions)
            and (not item.certificate or item.certificate in officer.certificates)
        ]
