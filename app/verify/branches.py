"""Branches: transitions that consume the same places, and which of them the values choose."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
        sole: the only transition, where nothing decides about it; -1: there are several, or conditions.
    """

    node: str
    pre: int
    inhibit: int
    join: str
    options: list[Option]
    names: tuple[str, ...] = ()
    direct: tuple[str, ...] = ()
    exclusive: bool = False
    auto: bool = True
    decided: bool = True
    mask: int = 0
    any_of: int = 0
    sole: int = -1
    _chosen: dict[int, list[int]] = field(default_factory=dict)
    _overlapping: dict[int, bool] = field(default_factory=dict)

    def chosen(self, regions: Regions, data: int) -> list[int]:
        """The transitions that are taken for a settled vector."""
        if self.sole >= 0:
            return [self.sole]
        known = data & self.mask
        found = self._chosen.get(known)
        if found is None:
            values = {name: regions.value(data, name) for name in self.names}
            found = self._chosen[known] = [
                option.transition
                for option in self.options
                if all(answer(guard, values) is not False for guard in option.holds)
                and all(answer(guard, values) is not True for guard in option.fails)
            ]
        return found

    def overlaps(self, regions: Regions, data: int) -> bool:
        """Whether the conditions of more than one branch hold, so that their order in the file decides."""
        known = data & self.mask
        found = self._overlapping.get(known)
        if found is None:
            values = {name: regions.value(data, name) for name in self.names}
            own = [option for option in self.options if option.holds]
            holding = sum(all(answer(guard, values) is True for guard in option.holds) for option in own)
            found = self._overlapping[known] = holding > 1
        return found


def answer(guard: Guard, values: Mapping[str, Any]) -> bool | None:
    """None: cannot be told."""
    if not guard.finite:
        return None
    try:
        return guard.holds(values)
    except (TypeError, ValueError, KeyError, ArithmeticError):
        return None
