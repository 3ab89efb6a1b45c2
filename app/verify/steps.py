"""A net with values: which transitions belong together, what each reads, writes and does to the demands."""

from copy import copy
from typing import Any

from ..kernel.errors import Invalid
from .diagram import TASKS, Flow, Node
from .grouping import FREE, Grouping
from .guards import Guard, flow_condition
from .liveness import liveness
from .net import Net
from .orders import Effects, Orders
from .outcomes import Outcome, Writes
from .regions import ANY, FIRST, Regions
from .subject import Subject
from .tokens import bits


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
                found = FREE
            if not found.names <= self._names:
                found = FREE
            self._guards[text] = found
        return found


class Program:
    """A subject's internal (or external) process made ready for exploring.

    Attributes:
        width: number of places, `places` their mask; a state is marking | data << width.
        grouping: which transitions belong together.
        sources: transition -> the places it needs all of, for an inclusive join those it needs one of;
            `targets`: those it puts a token on.
        outcomes: transition -> what it writes and does to the demands; None: nothing.
        does: transition -> in one integer the places it touches, the attributes it writes, those it reads or
            writes, the demands; `meets`: the places it touches, the attributes it reads, those it writes, the
            demands. Two transitions can get into each other's way only if a bit of the one's `does` is among
            the other's `meets`.

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
        self._conditions = Conditions(subject.names)
        self.regions = Regions(subject, [*self._all_guards(), *orders.guards(), *keep])
        self._nodes = subject.everywhere()
        self._flows: dict[int, tuple[str, ...]] = {}
        self._asks: dict[int, int] = {}
        self._masks: dict[str, int] = {}
        self._act()
        self.grouping = Grouping(net, self.sources, self._nodes, self.regions, self.guard)
        self._keep = self.regions.mask({name for guard in keep for name in guard.names})
        self._live = liveness(self.sources, self.targets, self._looks, self._gone)
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
        given = [name for name, attribute in self.subject.attributes.items() if attribute.given]
        for name in self.regions.field if self._loose else given:
            if name not in self.regions.field:
                continue
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
                for place in self.targets[k]
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

    def asks(self, k: int) -> int:
        """The bits of the attributes a transition's branch reads, those they are computed from included."""
        found = self._asks.get(k)
        if found is None:
            found = self._asks[k] = self.regions.mask(self.grouping.of[k].names)
        return found

    def gives(self, k: int) -> int:
        """The bits of the attributes a transition writes."""
        return self.regions.own([name for name, _, _ in self._writes[k]]) if self._writes[k] else 0

    def guard(self, text: str) -> Guard:
        """A flow condition; one that cannot be read is taken for both answers."""
        return self._conditions.guard(text)

    def _all_guards(self) -> list[Guard]:
        choices = {t.choice for t in self.transitions if t.choice.conditions or t.choice.refused}
        texts = {text for choice in choices for text in (*choice.conditions, *choice.refused)}
        return [self.guard(text) for text in sorted(texts)]

    def _act(self) -> None:
        """What every transition writes, does to the demands, and touches."""
        number, width, size = len(self.transitions), self.width, self.regions.bits
        self._effects: list[Effects | None] = [None] * number
        self._writes: list[Writes] = [()] * number
        self.outcomes: list[Outcome | None] = [None] * number
        self.does: list[int] = []
        self.meets: list[int] = []
        self.sources: list[list[int]] = []
        self.targets: list[list[int]] = []
        self._looks, self._gone = [0] * number, [0] * number
        writes: dict[str, tuple[Writes, int, int]] = {}
        asked: dict[int, tuple[int, int, int]] = {}
        nodes, joins = self._nodes, self.net.joins
        single = {1 << i: [1 << i] for i in range(width)}
        for k, transition in enumerate(self.transitions):
            name, _, pre, post, clear, inhibit, (conditions, refused), join, passes, _, _, _ = transition
            places = pre | post | clear | inhibit
            sources = [place for place, _ in joins[join]] if join else single.get(pre) or bits(pre)
            for place in sources if join else ():
                places |= place
            self.sources.append(sources)
            self.targets.append(single.get(post) or bits(post))
            node = nodes.get(name) if passes else None
            effects, before, after, written, stuck, demands = None, 0, 0, 0, 0, 0
            for text in (*conditions, *refused) if conditions or refused else ():
                before |= self._mask_of(text)
            if node is not None:
                effects = self.orders.effects(node.attributes.get("step", ""))
                if name not in writes:
                    writes[name] = self._written(node)
                own, written, stuck = writes[name]
                before |= stuck
                if effects is not None:
                    if id(effects) not in asked:
                        asked[id(effects)] = self._looked(effects)
                    checks, after, demands = asked[id(effects)]
                    before |= checks
                if own or effects is not None:
                    self._effects[k], self._writes[k] = effects, own
                    self.outcomes[k] = Outcome(self.regions, effects, own)
            reads = before | after
            if reads | written | demands:
                done = written | (reads | written) << size | demands << 2 * size
                met = reads | written << size | demands << 2 * size
                self.does.append(places | done << width)
                self.meets.append(places | met << width)
                self._gone[k] = gone = written & ~stuck
                self._looks[k] = before | after & ~gone
            else:
                self.does.append(places)
                self.meets.append(places)

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

    def _written(self, node: Node) -> tuple[Writes, int, int]:
        """(attribute, codes it can get, whether true is sticky); the bits of all that changes; of what is sticky."""
        regions = self.regions
        if self._loose:
            waits = node.tag in TASKS or bool(node.events)
            anything: tuple[int, ...] = (ANY,)
            found = [(name, anything, False) for name in regions.field] if waits else []
        else:
            found = self._given(node)
        if not found:
            return (), 0, 0
        names = {name for name, _, _ in found}
        derived = [d for d, base in regions.support.items() if base & names]
        stuck = regions.mask(name for name, _, sticky in found if sticky)
        return tuple(found), regions.own([*names, *derived]), stuck

    def _given(self, node: Node) -> list[tuple[str, tuple[int, ...], bool]]:
        given = self.subject.writes(node)
        sticky, found = self.subject.sticky(node) if given else (), []
        for name, values in given.items():
            if name not in self.regions.field:
                continue
            codes: tuple[int, ...] = (ANY,)
            if values is not None:
                codes = tuple(self.regions.region(name, value) for value in values)
            elif name in self._eager:
                codes = tuple(range(FIRST, FIRST + len(self.regions.values[name])))
            found.append((name, codes, name in sticky))
        return found

    def forget(self, marking: int, data: int) -> int:
        """The vector without what no condition will ask for again."""
        if not data:
            return 0
        kept = self._kept.get(marking)
        if kept is None:
            kept, live = self._keep, self._live
            for place in bits(marking):
                if place in live:
                    kept |= live[place]
            kept = self._kept[marking] = self.regions.bound(kept)
        return data & kept
