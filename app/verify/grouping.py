"""Which transitions of a net belong together, and which of these groups can fire in a marking."""

import math
from collections.abc import Callable, Mapping, Sequence

from .branches import Group, Option
from .diagram import Node
from .game import join_enabled
from .guards import Guard
from .net import Kind, Net
from .regions import Regions

CASES = 4_096
"""Combinations of values tried at one gateway; beyond, every branch is taken for possible."""
FREE = Guard("", frozenset(), lambda values: True, finite=False)
"""A condition that is taken for both answers."""


class Grouping:
    """The groups of a net.

    Attributes:
        all: every group with its first transition; `of`: transition -> its group.
        takers: place -> the groups that consume it; `join_places`: those that inclusive joins consume.
        awake: the places one of which is marked when the diagram can do something by itself.
        undecided: gateways of which some condition cannot be decided.
    """

    def __init__(
        self,
        net: Net,
        sources: Sequence[Sequence[int]],
        nodes: Mapping[str, Node],
        regions: Regions,
        guard: Callable[[str], Guard],
    ) -> None:
        self._net, self._regions = net, regions
        self.all: dict[Group, int] = {}
        self.of: list[Group] = []
        self.undecided: set[str] = set()
        self._collect(nodes, guard)
        self.takers: dict[int, list[Group]] = {}
        self._joins: list[Group] = []
        self.join_places = auto = manual = 0
        takers = self.takers
        for group, first in self.all.items():
            if group.sole < 0:
                self._finish(group)
            own = sources[first]
            if group.join:
                for place in own:
                    group.any_of |= place
                self.join_places |= group.any_of
                self._joins.append(group)
                continue
            for place in own:
                if place in takers:
                    takers[place].append(group)
                else:
                    takers[place] = [group]
            if group.auto:
                auto |= own[0]
            else:
                manual |= own[0]
        self._auto_places, self._manual_places = auto, manual
        self.awake = auto | self.join_places

    def _collect(self, nodes: Mapping[str, Node], guard: Callable[[str], Guard]) -> None:
        groups: dict[tuple[str, str, int, str, int], Group] = {}
        auto = Kind.AUTO
        for k, transition in enumerate(self._net.transitions):
            name, kind, pre, post, _, inhibit, (conditions, refused), join, _, path, _, _ = transition
            # What is done or occurs is no choice: it is one group only where it leads to the same places.
            key = (name, path, pre, join, -1 if kind is auto else post)
            group = groups.get(key)
            if group is None:
                node = nodes.get(name)
                exclusive = node is not None and node.tag == "exclusiveGateway"
                group = groups[key] = Group(name, pre, inhibit, join, exclusive, kind is auto, k)
                self.all[group] = k
                if conditions or refused:
                    group.add(k, [guard(t) for t in conditions], [guard(t) for t in refused])
            else:
                group.add(k, [guard(t) for t in conditions], [guard(t) for t in refused])
            self.of.append(group)

    def _finish(self, group: Group) -> None:
        regions = self._regions
        guards = [g for option in group.options for g in (*option.holds, *option.fails)]
        names = {name for guard in guards if guard.finite for name in guard.names}
        if math.prod(len(regions.values[name]) for name in names) > CASES:
            free = (FREE,)
            group.options = [
                Option(o.transition, free if o.holds else (), free if o.fails else ()) for o in group.options
            ]
            names, guards = set(), [FREE]
        group.names = tuple(name for name in regions.names if name in names)
        group.mask = regions.own(group.names)
        group.direct = tuple(name for name in group.names if name not in regions.support)
        group.decided = all(guard.finite for guard in guards)
        if not group.decided:
            self.undecided.add(group.node)

    def automatic(self, marking: int) -> list[tuple[Group, int]]:
        """What the diagram can do by itself and the places it consumes; inclusive joins only when nothing else."""
        found, rest = [], marking & self._auto_places
        while rest:
            low = rest & -rest
            rest ^= low
            for group in self.takers[low]:
                if group.auto and _able(group, low, marking):
                    found.append((group, group.pre))
        if found:
            return found
        for group in self._joins if marking & self.join_places else ():
            if marking & group.any_of and (consumed := join_enabled(self._net.joins[group.join], marking)):
                return [(group, consumed)]
        return []

    def followers(self, place: int) -> list[Group]:
        """The groups that may take a token from a place by themselves."""
        found = [group for group in self.takers.get(place, ()) if group.auto]
        if place & self.join_places:
            found += [group for group in self._joins if group.any_of & place]
        return found

    def freed(self, places: int) -> list[Group]:
        """The groups that wait until places are empty and may fire by themselves once these are: an activity ends with the
        last token inside it, which need lead nowhere."""
        return [group for group in self.all if group.auto and group.inhibit & places]

    def enabled(self, marking: int) -> list[Group]:
        """What people can do and what can occur."""
        found, rest = [], marking & self._manual_places
        while rest:
            low = rest & -rest
            rest ^= low
            for group in self.takers[low]:
                if not group.auto and _able(group, low, marking):
                    found.append(group)
        return found


def _able(group: Group, low: int, marking: int) -> bool:
    """Whether a group can fire, asked at the first of its places."""
    pre = group.pre
    return marking & pre == pre and not marking & group.inhibit and (pre == low or pre & -pre == low)
