"""Branches: transitions that consume the same places, and which of them the values choose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .guards import Guard
from .regions import Regions


class Option(NamedTuple):
    """One transition of a group with the conditions that must and must not hold."""

    transition: int
    holds: tuple[Guard, ...]
    fails: tuple[Guard, ...]


@dataclass(slots=True, eq=False)
class Group:
    """Transitions that consume the same places: the branches of a gateway, or a single one.

    Attributes:
        names: attributes to be settled before choosing; `direct`: base attributes among those the conditions
            name themselves.
        join: the inclusive join whose rule decides; `any_of`: it needs one of these places.
        auto: whether the diagram fires it by itself.
        mask: the bits of `names` in a vector.
        sole: the only transition, where nothing decides about it; -1: there are several, or conditions, and the
            `options` tell when each is taken.
    """

    node: str
    pre: int
    inhibit: int
    join: str
    exclusive: bool
    auto: bool
    sole: int
    options: Sequence[Option] = ()
    names: tuple[str, ...] = ()
    direct: tuple[str, ...] = ()
    decided: bool = True
    mask: int = 0
    any_of: int = 0
    _known: dict[int, tuple[list[int], bool]] | None = None

    @property
    def transitions(self) -> list[int]:
        """Its transitions."""
        return [self.sole] if self.sole >= 0 else [option.transition for option in self.options]

    def add(self, transition: int, holds: Sequence[Guard], fails: Sequence[Guard]) -> None:
        """One more transition, or the first one with its conditions."""
        own = list(self.options)
        if self.sole >= 0 and self.sole != transition:
            own.append(Option(self.sole, (), ()))
        self.options = [*own, Option(transition, tuple(holds), tuple(fails))]
        self.sole = -1

    def chosen(self, regions: Regions, data: int) -> tuple[list[int], bool]:
        """The transitions that are taken for a settled vector, and whether the conditions of more than one branch
        hold, so that their order in the file decides."""
        if self.sole >= 0:
            return [self.sole], False
        if self._known is None:
            self._known = {}
        bits = data & self.mask
        found = self._known.get(bits)
        if found is None:
            values = {name: regions.value(data, name) for name in self.names}
            taken, holding = [], 0
            for index, holds, fails in self.options:
                answers = [answer(guard, values) for guard in holds]
                holding += bool(holds) and all(one is True for one in answers)
                if False not in answers and all(answer(guard, values) is not True for guard in fails):
                    taken.append(index)
            found = self._known[bits] = taken, self.exclusive and holding > 1
        return found


def answer(guard: Guard, values: Mapping[str, Any]) -> bool | None:
    """None: cannot be told."""
    if not guard.finite:
        return None
    try:
        return guard.holds(values)
    except (TypeError, ValueError, KeyError, ArithmeticError):
        return None
