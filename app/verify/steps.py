"""A net with values: which transitions belong together, what each reads, writes and does to the demands."""

import math
from copy import copy
from typing import Any

from ..kernel.errors import Invalid
from .branches import Group, Option
from .diagram import TASKS, Flow, Node
from .game import join_enabled
from .guards import Guard, flow_condition
from .liveness import Reading, liveness
from .net import Kind, Net
from .orders import Effects, Orders
from .outcomes import Op, Outcome, Writes
from .regions import ANY, FIRST, Regions
from .subject import Subject
from .tokens import Transition, bits

__all__ = ["CASES", "Conditions", "Op", "Program"]

CASES = 4_096
"""Combinations of values tried at one gateway; beyond, every branch is taken for possible."""
_FREE = Guard("", frozenset(), lambda values: True, finite=False)


class Conditions:
    """The flow conditions of a procedure; one that cannot be read is taken for both answers."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names
        self._guards: dict[str, Guard] = {}

    def guard(self, text: str) -> Guard:
        """The condition of this text."""
        found = self._guards.get(text)
        if found is None:
            try:
                found = flow_condition(text)
            except Invalid:
                found = _FREE
            if not found.names <= self._names:
                found = _FREE
            self._guards[text] = found
        return found


class Program:
    """A subject's internal (or external) process made ready for exploring.

    Attributes:
        width: number of places, `places` their mask; a state is marking | data << width.
        takers: place -> the groups that consume it; `join_places`: those that inclusive joins consume.
        outcomes: transition -> what it writes and does to the demands; None: nothing.
        does: transition -> in one integer the places it touches, the attributes it writes, those it reads or
            writes, the demands; `meets`: the places it touches, the attributes it reads, those it writes, the
            demands. Two transitions can get into each other's way only if a bit of the one's `does` is among
            the other's `meets`.
        undecided: gateways of which some condition cannot be decided.

    `keep`: conditions that somebody else will ask, so that nothing they read is forgotten. `eager`: attributes
    that get their value when written. `loose`: any step may change any attribute (the external diagram alone).
    """

    def __init__(
        self,
        subject: Subject,
        net: Net,
        orders: Orders,
        keep: tuple[Guard, ...] = (),
        eager: frozenset[str] = frozenset(),
        loose: bool = False,
    ) -> None:
        self.subject, self.net, self.orders = subject, net, orders
        self._eager, self._loose = eager, loose
        self.process = subject.internal
        self.transitions = net.transitions
        self.width = len(net.places)
        self.places = (1 << self.width) - 1
        self.undecided: set[str] = set()
        self._conditions = Conditions(subject.names)
        self.regions = Regions(subject, [*self._all_guards(), *orders.guards(), *keep])
        self._nodes = subject.everywhere()
        self._flows: dict[int, tuple[str, ...]] = {}
        self._asks: dict[int, int] = {}
        self._masks: dict[str, int] = {}
        self._act()
        self._group()
        self._keep = self.regions.mask({name for guard in keep for name in guard.names})
        self._live = liveness(self._readings)
        self._kept: dict[int, int] = {}

    def retold(self, subject: Subject) -> "Program":
        """The same program for a subject that differs in nothing but names, limits and rounds."""
        found = copy(self)
        found.subject, found.process, found._nodes = subject, subject.internal, subject.everywhere()
        found._flows = {}
        return found

    def start(self) -> int:
        """What is known of the attributes before the first step."""
        data = 0
        for name in self.regions.field if self._loose else ():
            data = self.regions.put(data, name, ANY)
        return data

    def element(self, k: int) -> str:
        """The diagram element of a transition."""
        return self.transitions[k].node

    def node(self, k: int) -> Node | None:
        """The node of a transition."""
        return self._nodes.get(self.transitions[k].node)

    def find(self, element: str) -> Node | None:
        """The node of this id."""
        return self._nodes.get(element)

    def flow(self, element: str) -> Flow | None:
        """The flow of this id."""
        return self.process.flows.get(element)

    def flows(self, k: int) -> tuple[str, ...]:
        """The flows a transition puts a token on."""
        found = self._flows.get(k)
        if found is None:
            found = self._flows[k] = tuple(
                element
                for place in bits(self.transitions[k].post)
                if (element := self.net.element[place]) in self.process.flows
            )
        return found

    def rounds(self, k: int) -> str:
        """The flow of declared rework (`xq:rounds`) that a transition puts a token on; empty: none."""
        flows = self.process.flows
        return next((f for f in self.flows(k) if flows[f].attributes.get("rounds")), "")

    def effects(self, k: int) -> Effects | None:
        """What a transition does to the demands."""
        return self._effects[k]

    def written(self, k: int) -> list[tuple[str, tuple[Any, ...], bool]]:
        """What a transition writes: attribute, the values it can get, whether true is sticky."""
        return [
            (
                name,
                tuple(
                    value
                    for code in codes
                    for value in (
                        self.regions.values[name]
                        if code == ANY
                        else (self.regions.values[name][code - FIRST],)
                    )
                ),
                sticky,
            )
            for name, codes, sticky in self._writes[k]
        ]

    def groups(self) -> dict[int, Group]:
        """Transition -> its group."""
        return self._of

    def all_groups(self) -> list[Group]:
        """Every group, once."""
        return self._all

    def asks(self, k: int) -> int:
        """The bits of the attributes a transition's branch reads, those they are computed from included."""
        found = self._asks.get(k)
        if found is None:
            found = self._asks[k] = self.regions.mask(self._of[k].names)
        return found

    def gives(self, k: int) -> int:
        """The bits of the attributes a transition writes."""
        return self._own([name for name, _, _ in self._writes[k]]) if self._writes[k] else 0

    def guard(self, text: str) -> Guard:
        """A flow condition; one that cannot be read is taken for both answers."""
        return self._conditions.guard(text)

    def _all_guards(self) -> list[Guard]:
        choices = {t.choice for t in self.transitions if t.choice.conditions or t.choice.refused}
        texts = {text for choice in choices for text in (*choice.conditions, *choice.refused)}
        return [self.guard(text) for text in sorted(texts)]

    def _act(self) -> None:
        """What every transition writes, does to the demands, and touches."""
        self._effects: list[Effects | None] = []
        self._writes: list[Writes] = []
        self.outcomes: list[Outcome | None] = []
        self.does: list[int] = []
        self.meets: list[int] = []
        self._readings: list[Reading] = []
        writes: dict[str, Writes] = {}
        asked: dict[int, tuple[int, int, int]] = {}
        width, size = self.width, self.regions.bits
        for transition in self.transitions:
            node = self._nodes.get(transition.node) if transition.passes else None
            effects, before, after, written, stuck, demands = None, 0, 0, 0, 0, 0
            own: Writes = ()
            if node is not None:
                effects = self.orders.effects(self.subject.step(node))
                if node.id not in writes:
                    writes[node.id] = self._written(node)
                own = writes[node.id]
            choice = transition.choice
            if choice.conditions or choice.refused:
                for text in (*choice.conditions, *choice.refused):
                    before |= self._mask_of(text)
            if effects is not None:
                if id(effects) not in asked:
                    asked[id(effects)] = self._looked(effects)
                checks, after, demands = asked[id(effects)]
                before |= checks
            if own:
                names = {name for name, _, _ in own}
                stuck = self.regions.mask(name for name, _, sticky in own if sticky)
                before |= stuck
                derived = [d for d, base in self.regions.support.items() if base & names]
                written = self._own([*names, *derived])
            self._effects.append(effects)
            self._writes.append(own)
            self.outcomes.append(Outcome(self.regions, effects, own) if own or effects is not None else None)
            any_of = 0
            for place, _ in self.net.joins.get(transition.join, ()) if transition.join else ():
                any_of |= place
            places = transition.pre | transition.post | transition.clear | transition.inhibit | any_of
            reads = before | after
            if reads | written | demands:
                self.does.append(
                    places | (written | (reads | written) << size | demands << 2 * size) << width
                )
                self.meets.append(places | (reads | written << size | demands << 2 * size) << width)
            else:
                self.does.append(places)
                self.meets.append(places)
            gone = written & ~stuck
            reads = before | after & ~gone
            self._readings.append((self.sources(transition), bits(transition.post), reads, gone))

    def sources(self, transition: Transition) -> list[int]:
        """The places a transition needs all of; for an inclusive join those it needs one of."""
        if transition.join:
            return [place for place, _ in self.net.joins[transition.join]]
        return bits(transition.pre)

    def _mask_of(self, text: str) -> int:
        """The bits of what a condition reads."""
        found = self._masks.get(text)
        if found is None:
            found = self._masks[text] = self.regions.mask(self.guard(text).names)
        return found

    def _looked(self, effects: Effects) -> tuple[int, int, int]:
        """The bits of what the demands read before and after a step, and their own."""
        checks = {name for _, guard in effects.checks for name in guard.names}
        judged = {name for _, guard, *_ in effects.judged for name in guard.names}
        return self.regions.mask(checks), self.regions.mask(judged), effects.bits

    def _written(self, node: Node) -> Writes:
        """(attribute, codes it can get, whether true is sticky)."""
        if self._loose:
            waits = node.tag in TASKS or bool(node.events)
            return tuple((name, (ANY,), False) for name in self.regions.field) if waits else ()
        sticky, found = self.subject.sticky(node), []
        for name, values in self.subject.writes(node).items():
            if name not in self.regions.field:
                continue
            codes: tuple[int, ...] = (ANY,)
            if values is not None:
                codes = tuple(self.regions.region(name, value) for value in values)
            elif name in self._eager:
                codes = tuple(range(FIRST, FIRST + len(self.regions.values[name])))
            found.append((name, codes, name in sticky))
        return tuple(found)

    def _own(self, names: list[str]) -> int:
        found = 0
        for name in names:
            shift, mask = self.regions.field[name]
            found |= mask << shift
        return found

    def _group(self) -> None:
        groups: dict[tuple[str, str, int, str, bool], Group] = {}
        guard = self.guard
        for k, transition in enumerate(self.transitions):
            auto = transition.kind is Kind.AUTO
            name = transition.node if auto else f"{transition.node}:{transition.post}"
            key = (name, transition.path, transition.pre, transition.join, auto)
            choice = transition.choice
            option = Option(
                k, tuple([guard(t) for t in choice.conditions]), tuple([guard(t) for t in choice.refused])
            )
            group = groups.get(key)
            if group is None:
                node = self._nodes.get(transition.node)
                group = groups[key] = Group(
                    transition.node,
                    transition.pre,
                    transition.inhibit,
                    transition.join,
                    [],
                    exclusive=node is not None and node.tag == "exclusiveGateway",
                    auto=auto,
                )
            group.options.append(option)
        self.takers: dict[int, list[Group]] = {}
        self._by_place: dict[int, list[Group]] = {}
        self._joins: list[Group] = []
        self._manual: dict[int, list[Group]] = {}
        self._auto_places = self._manual_places = self.join_places = 0
        self._all = list(groups.values())
        self._of = {option.transition: group for group in self._all for option in group.options}
        for group in self._all:
            self._finish(group)
            for place in bits(group.pre):
                self.takers.setdefault(place, []).append(group)
            if group.join:
                for place, _ in self.net.joins[group.join]:
                    group.any_of |= place
                self.join_places |= group.any_of
                self._joins.append(group)
                continue
            low = group.pre & -group.pre
            if group.auto:
                self._by_place.setdefault(low, []).append(group)
                self._auto_places |= low
            else:
                self._manual.setdefault(low, []).append(group)
                self._manual_places |= low

    def _finish(self, group: Group) -> None:
        if len(group.options) == 1 and not (group.options[0].holds or group.options[0].fails):
            group.sole = group.options[0].transition
            return
        guards = [g for option in group.options for g in (*option.holds, *option.fails)]
        names = {name for guard in guards if guard.finite for name in guard.names}
        if math.prod(len(self.regions.values[name]) for name in names) > CASES:
            free = (_FREE,)
            group.options = [
                Option(o.transition, free if o.holds else (), free if o.fails else ()) for o in group.options
            ]
            names, guards = set(), [_FREE]
        group.names = tuple(name for name in self.regions.names if name in names)
        group.mask = self._own(list(group.names))
        group.direct = tuple(name for name in group.names if name not in self.regions.support)
        group.decided = all(guard.finite for guard in guards)
        if not group.decided:
            self.undecided.add(group.node)

    @property
    def awake(self) -> int:
        """The places one of which is marked when the diagram can do something by itself."""
        return self._auto_places | self.join_places

    def automatic(self, marking: int) -> list[tuple[Group, int]]:
        """What the diagram can do by itself and the places it consumes; inclusive joins only when nothing else."""
        found, rest = [], marking & self._auto_places
        while rest:
            low = rest & -rest
            rest ^= low
            for group in self._by_place[low]:
                if marking & group.pre == group.pre and not marking & group.inhibit:
                    found.append((group, group.pre))
        if found:
            return found
        for group in self._joins if marking & self.join_places else ():
            if marking & group.any_of and (consumed := join_enabled(self.net.joins[group.join], marking)):
                return [(group, consumed)]
        return []

    def followers(self, place: int) -> list[Group]:
        """The groups that may take a token from a place by themselves."""
        found = [group for group in self.takers.get(place, ()) if group.auto]
        if place & self.join_places:
            found += [group for group in self._joins if group.any_of & place]
        return found

    def enabled(self, marking: int) -> list[Group]:
        """What people can do and what can occur."""
        found, rest = [], marking & self._manual_places
        while rest:
            low = rest & -rest
            rest ^= low
            for group in self._manual[low]:
                if marking & group.pre == group.pre and not marking & group.inhibit:
                    found.append(group)
        return found

    def forget(self, marking: int, data: int) -> int:
        """The vector without what no condition will ask for again."""
        if not data:
            return 0
        kept = self._kept.get(marking)
        if kept is None:
            kept = self._keep
            for place in bits(marking):
                kept |= self._live.get(place, 0)
            self._kept[marking] = kept
        return data & kept
