"""A net with values: which transitions belong together, what each reads, writes and does to the demands."""

import math
from collections.abc import Iterator
from copy import copy
from typing import Any

from ..kernel.errors import Invalid
from .branches import Footprint, Group, Option, answer
from .game import join_enabled
from .guards import Guard, flow_condition
from .net import Kind, Net
from .orders import Effects, Orders
from .reader import TASKS, Flow, Node
from .regions import ANY, FIRST, Regions
from .subject import Subject
from .tokens import bits

Op = tuple[int, int, int]
CASES = 4_096
"""Combinations of values tried at one gateway; beyond, every branch is taken for possible."""
_FREE = Guard("", frozenset(), lambda values: True, finite=False)


class Program:
    """A subject's internal (or external) process made ready for exploring.

    Attributes:
        width: number of places, `places` their mask; a state is marking | data << width.
        takers: place -> the groups that consume it.
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
        self._guards: dict[str, Guard] = {}
        self.regions = Regions(subject, [*self._all_guards(), *orders.guards(), *keep])
        self._nodes = subject.everywhere()
        self._effects: list[Effects | None] = []
        self._writes: list[tuple[tuple[str, tuple[int, ...], bool], ...]] = []
        for transition in self.transitions:
            node = self._nodes.get(transition.node)
            passes = transition.passes and node is not None
            self._effects.append(orders.effects(subject.step(node)) if passes and node else None)
            self._writes.append(self._written(node) if passes and node else ())
        self.footprints = [self._footprint(k) for k in range(len(self.transitions))]
        self._group()
        self._keep = self.regions.mask({name for guard in keep for name in guard.names})
        self._live = self._liveness()
        self._kept: dict[int, int] = {}

    def retold(self, subject: Subject) -> "Program":
        """The same program for a subject that differs in nothing but names, limits and rounds."""
        found = copy(self)
        found.subject, found.process, found._nodes = subject, subject.internal, subject.everywhere()
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
        return tuple(
            element
            for place in bits(self.transitions[k].post)
            if (element := self.net.element[place]) in self.process.flows
        )

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

    def reads(self, k: int) -> set[str]:
        """The attributes a transition's branch reads, those they are computed from included."""
        names = set(self._of[k].names)
        return names.union(*(self.regions.support.get(name, frozenset()) for name in names))

    def groups(self) -> dict[int, Group]:
        """Transition -> its group."""
        return self._of

    def all_groups(self) -> list[Group]:
        """Every group, once."""
        return self._all

    def guard(self, text: str) -> Guard:
        """A flow condition; one that cannot be read is taken for both answers."""
        if text not in self._guards:
            try:
                found = flow_condition(text)
            except Invalid:
                found = _FREE
            if not found.names <= self.subject.names:
                found = _FREE
            self._guards[text] = found
        return self._guards[text]

    def _all_guards(self) -> list[Guard]:
        texts = {t for one in self.transitions for t in (*one.choice.conditions, *one.choice.refused)}
        return [self.guard(text) for text in sorted(texts)]

    def _written(self, node: Node) -> tuple[tuple[str, tuple[int, ...], bool], ...]:
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

    def _footprint(self, k: int) -> Footprint:
        transition, effects = self.transitions[k], self._effects[k]
        any_of = 0
        for place, _ in self.net.joins.get(transition.join, ()):
            any_of |= place
        reads = [
            name
            for text in (*transition.choice.conditions, *transition.choice.refused)
            for name in self.guard(text).names
        ]
        if effects is not None:
            reads += [name for _, guard in effects.checks for name in guard.names]
            reads += [name for _, guard, *_ in effects.judged for name in guard.names]
        reads += [name for name, _, sticky in self._writes[k] if sticky]
        written = [name for name, _, _ in self._writes[k]]
        derived = [d for d, base in self.regions.support.items() if base & set(written)]
        return Footprint(
            transition.pre,
            transition.pre | transition.post | transition.clear | transition.inhibit | any_of,
            any_of,
            self.regions.mask(reads),
            self._own(written) | self._own(derived),
            effects.bits if effects is not None else 0,
        )

    def _own(self, names: list[str]) -> int:
        found = 0
        for name in names:
            shift, mask = self.regions.field[name]
            found |= mask << shift
        return found

    def _group(self) -> None:
        groups: dict[tuple[str, str, int, str, bool], Group] = {}
        for k, transition in enumerate(self.transitions):
            auto = transition.kind is Kind.AUTO
            key = (transition.node, transition.path, transition.pre, transition.join, auto)
            if not auto:
                key = (f"{transition.node}:{transition.post}", *key[1:])
            option = Option(
                k,
                tuple(self.guard(text) for text in transition.choice.conditions),
                tuple(self.guard(text) for text in transition.choice.refused),
            )
            if key not in groups:
                node = self._nodes.get(transition.node)
                exclusive = node is not None and node.tag == "exclusiveGateway"
                groups[key] = Group(
                    transition.node,
                    transition.pre,
                    transition.inhibit,
                    transition.join,
                    [],
                    exclusive=exclusive,
                )
            groups[key].options.append(option)
        self.takers: dict[int, list[Group]] = {}
        self._by_place: dict[int, list[Group]] = {}
        self._joins: list[Group] = []
        self._manual: dict[int, list[Group]] = {}
        self._auto_places = self._manual_places = 0
        self._all = list(groups.values())
        self._of = {option.index: group for group in self._all for option in group.options}
        for (*_, auto), group in groups.items():
            self._finish(group)
            for place in bits(group.pre):
                self.takers.setdefault(place, []).append(group)
            if group.join:
                self._joins.append(group)
                continue
            low = group.pre & -group.pre
            if auto:
                self._by_place.setdefault(low, []).append(group)
                self._auto_places |= low
            else:
                self._manual.setdefault(low, []).append(group)
                self._manual_places |= low

    def _finish(self, group: Group) -> None:
        guards = [g for option in group.options for g in (*option.holds, *option.fails)]
        names = {name for guard in guards if guard.finite for name in guard.names}
        if math.prod(len(self.regions.values[name]) for name in names) > CASES:
            free = (_FREE,)
            group.options = [
                Option(o.index, free if o.holds else (), free if o.fails else ()) for o in group.options
            ]
            names, guards = set(), [_FREE]
        group.names = tuple(name for name in self.regions.names if name in names)
        group.mask = self._own(list(group.names))
        group.direct = tuple(name for name in group.names if name not in self.regions.support)
        group.decided = all(guard.finite for guard in guards)
        if not group.decided:
            self.undecided.add(group.node)

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
        for group in self._joins:
            if consumed := join_enabled(self.net.joins[group.join], marking):
                return [(group, consumed)]
        return []

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

    def happen(self, k: int, data: int) -> Iterator[tuple[int, tuple[Op, ...]]]:
        """What a transition does to the values and the demands, in every way."""
        effects, writes = self._effects[k], self._writes[k]
        if effects is None:
            for after in self._write(writes, data) if writes else (data,):
                yield after, ()
            return
        regions = self.regions
        asked = tuple(name for _, guard in effects.checks for name in guard.names)
        judged = tuple(name for _, guard, *_ in effects.judged for name in guard.names)
        for before in regions.settle(data, asked) if asked else (data,):
            check = 0
            for bit, guard in effects.checks:
                if not guard.names or self._true(guard, before):
                    check |= bit
            for written in self._write(writes, before) if writes else (before,):
                for after in regions.settle(written, judged) if judged else (written,):
                    clear = meet = 0
                    for bit, guard, meets, clears in effects.judged:
                        if not guard.names or self._true(guard, after):
                            if meets:
                                meet |= bit
                            else:
                                clear |= bit
                        elif clears:
                            clear |= bit
                    first = (check, effects.clear, effects.meet)
                    then = (0, clear, meet)
                    yield after, (first, then) if clear or meet else (first,)

    def _true(self, guard: Guard, data: int) -> bool:
        values = {name: self.regions.value(data, name) for name in guard.names}
        return answer(guard, values) is not False

    def _write(self, writes: tuple[tuple[str, tuple[int, ...], bool], ...], data: int) -> list[int]:
        found = [data]
        for name, codes, sticky in writes:
            after = []
            for one in found:
                now = self.regions.get(data, name)
                if sticky and now >= FIRST and self.regions.values[name][now - FIRST]:
                    after.append(one)
                elif sticky and now == ANY:
                    after.append(self.regions.write(one, name, ANY))
                else:
                    after += [self.regions.write(one, name, code) for code in codes]
            found = after
        return found

    def forget(self, marking: int, data: int) -> int:
        """The vector without what no condition will ask for again."""
        if not data:
            return 0
        kept = self._kept.get(marking)
        if kept is None:
            kept, rest = self._keep, marking
            while rest:
                low = rest & -rest
                rest ^= low
                kept |= self._live.get(low, 0)
            self._kept[marking] = kept
        return data & kept

    def _liveness(self) -> dict[int, int]:
        """Place -> the attributes that may still be read before they are overwritten."""
        live = {1 << i: 0 for i in range(self.width)}
        sources: list[tuple[list[int], list[int], int, int]] = []
        for k, transition in enumerate(self.transitions):
            footprint = self.footprints[k]
            before = bits(transition.pre) or bits(footprint.any_of)
            sticky = self.regions.mask(name for name, _, s in self._writes[k] if s)
            gone = footprint.writes & ~sticky
            reads, late = self._reads(k)
            sources.append((before, bits(transition.post), reads | late & ~gone, gone))
        changed = True
        while changed:
            changed = False
            for before, after, reads, gone in reversed(sources):
                out = 0
                for place in after:
                    out |= live[place]
                out = out & ~gone | reads
                for place in before:
                    if out & ~live[place]:
                        live[place] |= out
                        changed = True
        return live

    def _reads(self, k: int) -> tuple[int, int]:
        """(what is read before the transition writes, what is read after)."""
        transition, effects = self.transitions[k], self._effects[k]
        early = {
            name
            for text in (*transition.choice.conditions, *transition.choice.refused)
            for name in self.guard(text).names
        } | {name for name, _, sticky in self._writes[k] if sticky}
        late: set[str] = set()
        if effects is not None:
            early |= {name for _, guard in effects.checks for name in guard.names}
            late = {name for _, guard, *_ in effects.judged for name in guard.names}
        return self.regions.mask(early), self.regions.mask(late)
