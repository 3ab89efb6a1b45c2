"""Decides by brute force what the proof decides cleverly: every state of a case with concrete values.

The rules are those of the token game: what the diagram does by itself comes first, inclusive joins last of
that, then people and events. Where the game takes one order of what happens at once, all orders are taken
here; whoever writes an attribute writes every value of its domain. Nothing is merged, forgotten or reduced.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from app.verify.demands import After, Before, Demand, Never, NeverAfter, matches
from app.verify.game import bits, join_enabled
from app.verify.guards import flow_condition
from app.verify.net import Kind, Net, Transition
from app.verify.subject import Subject

SPLITS = ("exclusiveGateway", "inclusiveGateway")
State = tuple[int, tuple[Any, ...], int, tuple[bool, ...]]
"""Marking, values, which attributes have been written, one truth value per demand."""


@dataclass
class Verdict:
    """What can happen.

    Attributes:
        complete: whether every state was visited.
        twice: elements to which a second token can come; the way is not followed further.
        gaps: gateways at which no branch holds; overlaps: exclusive ones at which several hold.
        unset: (gateway, attribute) read before anybody wrote it.
        stuck: elements with a token in a state in which nothing can happen and no gateway lacks a branch.
        livelock: whether there is a state from which nothing but running on is possible.
        restless: whether the diagram can run in a circle without anybody acting.
        dead: nodes no token comes to; branches: flows of splits that are never taken.
        violated: indices of demands.
    """

    complete: bool = True
    states: int = 0
    twice: set[str] = field(default_factory=set)
    gaps: set[str] = field(default_factory=set)
    overlaps: set[str] = field(default_factory=set)
    unset: set[tuple[str, str]] = field(default_factory=set)
    stuck: set[frozenset[str]] = field(default_factory=set)
    livelock: bool = False
    restless: bool = False
    dead: set[str] = field(default_factory=set)
    branches: set[str] = field(default_factory=set)
    violated: set[int] = field(default_factory=set)
    finished: bool = False

    @property
    def cut(self) -> bool:
        """Whether some way was not followed to its end."""
        return bool(self.twice or self.gaps)


class Enumeration:
    """All states of a subject's internal process.

    Args:
        subject: the procedure.
        domains: attribute -> every value it can get.
        demands: demands to decide on the way.
        limit: states to visit at most.
    """

    def __init__(
        self,
        subject: Subject,
        domains: Mapping[str, Sequence[Any]],
        demands: Sequence[Demand] = (),
        limit: int = 20_000,
    ) -> None:
        self.subject, self.domains, self.demands, self.limit = subject, domains, demands, limit
        self.names = tuple(domains)
        self.net = Net(subject.internal, subject.called)
        self.nodes = subject.internal.nodes
        self.verdict = Verdict()
        self.come: set[str] = set()
        self.marked = 0
        self.automatic = False
        self.texts: dict[str, dict[tuple[Any, ...], bool]] = {}
        self.environments: dict[tuple[Any, ...], dict[str, Any]] = {}
        groups: dict[tuple[str, str, int, str], list[Transition]] = {}
        for t in self.net.transitions:
            if t.kind is Kind.AUTO:
                groups.setdefault((t.node, t.path, t.pre, t.join), []).append(t)
        self.plain = [group for key, group in groups.items() if not key[3]]
        self.joins = [group for key, group in groups.items() if key[3]]
        self.acts = [t for t in self.net.transitions if t.kind is not Kind.AUTO]

    def run(self) -> Verdict:
        """Visit everything."""
        values = tuple(self.subject.attributes[name].default for name in self.names)
        start: State = (self.net.initial, values, 0, (False,) * len(self.demands))
        number = {start: 0}
        todo = deque([start])
        before: list[list[int]] = [[]]
        good: set[int] = set()  # ended, or explained by another fault
        alone: dict[int, set[int]] = {}  # moves of the diagram by itself
        while todo:
            state = todo.popleft()
            i = number[state]
            if not state[0]:
                good.add(i)
                self.verdict.finished = True
                self.verdict.violated |= {
                    k for k, d in enumerate(self.demands) if isinstance(d, After) and state[3][k]
                }
                continue
            moved, explained = False, False
            for after in self.successors(state):
                if after is None:
                    explained = True
                    continue
                moved = True
                j = number.get(after)
                if j is None:
                    if len(number) >= self.limit:
                        self.verdict.complete = False
                        return self.verdict
                    j = number[after] = len(before)
                    before.append([])
                    todo.append(after)
                before[j].append(i)
                if self.automatic:
                    alone.setdefault(i, set()).add(j)
            if explained or not moved:
                good.add(i)
            if not moved and not explained:
                self.verdict.stuck.add(frozenset(self.net.element[place] for place in bits(state[0])))
        self.verdict.states = len(number)
        reached, back = set(good), list(good)
        while back:
            for i in before[back.pop()]:
                if i not in reached:
                    reached.add(i)
                    back.append(i)
        self.verdict.livelock = len(reached) < len(number)
        self.verdict.restless = circular(alone)
        self.dead()
        return self.verdict

    def dead(self) -> None:
        taken = {self.net.element[place] for place in bits(self.marked)}
        for node in self.nodes.values():
            if node.id not in self.come:
                self.verdict.dead.add(node.id)
            elif node.tag in SPLITS and len(node.outgoing) > 1:
                self.verdict.branches |= {flow.id for flow in node.outgoing} - taken

    def environment(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """Attributes and what is derived from them."""
        found = self.environments.get(values)
        if found is None:
            found = dict(zip(self.names, values, strict=True))
            for name, guard in self.subject.derived.items():
                found[name] = guard.holds(found)
            self.environments[values] = found
        return found

    def holds(self, text: str, values: tuple[Any, ...]) -> bool:
        cache = self.texts.setdefault(text, {})
        if values not in cache:
            cache[values] = flow_condition(text).holds(self.environment(values))
        return cache[values]

    def chosen(self, t: Transition, values: tuple[Any, ...]) -> bool:
        choice = t.choice
        return all(self.holds(c, values) for c in choice.conditions) and not any(
            self.holds(c, values) for c in choice.refused
        )

    def consumed(self, t: Transition, marking: int) -> int:
        if t.join:
            return join_enabled(self.net.joins[t.join], marking)
        return t.pre if marking & t.pre == t.pre and not marking & t.inhibit else 0

    def successors(self, state: State) -> Iterator[State | None]:
        """The states one step further; None for a way that a fault ends."""
        marking, values, written, _ = state
        gap = False
        for groups in (self.plain, self.joins):
            ready: list[tuple[Transition, int]] = []
            for group in groups:
                consumed = self.consumed(group[0], marking)
                if not consumed:
                    continue
                self.look(group, values, written)
                options = [t for t in group if self.chosen(t, values)]
                if not options:
                    self.verdict.gaps.add(group[0].node)
                    gap = True
                ready += [(t, consumed) for t in options]
            if ready:
                self.automatic = True
                for t, consumed in ready:
                    yield from self.fire(t, consumed, state)
                if gap:
                    yield None
                return
        self.automatic = False
        for t in self.acts:
            if consumed := self.consumed(t, marking):
                yield from self.fire(t, consumed, state)
        if gap:
            yield None

    def look(self, group: list[Transition], values: tuple[Any, ...], written: int) -> None:
        """What is noticed at a gateway before it decides."""
        texts = {text for t in group for text in (*t.choice.conditions, *t.choice.refused)}
        for text in texts:
            for name in flow_condition(text).names:
                if name in self.domains and not written >> self.names.index(name) & 1:
                    self.verdict.unset.add((group[0].node, name))
        if self.nodes[group[0].node].tag == "exclusiveGateway":
            own = [c for t in group for c in t.choice.conditions]
            if sum(self.holds(c, values) for c in own) > 1:
                self.verdict.overlaps.add(group[0].node)

    def fire(self, t: Transition, consumed: int, state: State) -> Iterator[State | None]:
        marking, values, written, flags = state
        base = marking & ~(consumed | t.clear)
        if clash := base & t.post:
            self.verdict.twice.add(self.net.element[clash & -clash])
            yield None
            return
        after = base | t.post
        self.marked |= t.post
        self.come.add(t.node)
        if not t.passes:
            yield after, values, written, flags
            return
        node = self.nodes[t.node]
        writes = {n: v for n, v in self.subject.writes(node).items() if n in self.domains}
        sticky = self.subject.sticky(node)
        choices: list[Sequence[Any]] = []
        for name, old in zip(self.names, values, strict=True):
            if name not in writes or (name in sticky and old is True):
                choices.append((old,))
            else:
                choices.append(self.domains[name] if writes[name] is None else writes[name])
        for name in writes:
            written |= 1 << self.names.index(name)
        for new in product(*choices):
            yield after, new, written, self.judge(self.subject.step(node), flags, values, new)

    def judge(
        self, step: str, flags: tuple[bool, ...], old: tuple[Any, ...], new: tuple[Any, ...]
    ) -> tuple[bool, ...]:
        """The demands after a step. The flag: for `Before` done, for `After` owed, for `NeverAfter` forbidden."""
        if not step or not flags:
            return flags
        result = []
        for k, (demand, flag) in enumerate(zip(self.demands, flags, strict=True)):
            now = flag
            if isinstance(demand, Before):
                if matches(step, demand.target) and not flag and self.every(demand.when, old):
                    self.verdict.violated.add(k)
                if matches(step, demand.voids):
                    now = False
                if matches(step, demand.needs):
                    now = self.every(demand.passed, new)
            elif isinstance(demand, After):
                if matches(step, demand.then):
                    now = False
                if matches(step, demand.trigger) and self.every(demand.when, new):
                    now = True
            elif isinstance(demand, NeverAfter):
                if matches(step, demand.then) and flag:
                    self.verdict.violated.add(k)
                if matches(step, demand.voids):
                    now = False
                if matches(step, demand.first) and self.every(demand.when, new):
                    now = True
            elif isinstance(demand, Never) and matches(step, demand.target) and self.every(demand.when, old):
                self.verdict.violated.add(k)
            result.append(now)
        return tuple(result)

    def every(self, wordings: tuple[str, ...], values: tuple[Any, ...]) -> bool:
        return self.holds(wordings[0], values) if wordings else True


def circular(edges: Mapping[int, set[int]]) -> bool:
    """Whether a graph has a circle: what is left when nodes without successors are taken away."""
    left = {i: set(after) for i, after in edges.items()}
    while ends := {i for i, after in left.items() if not after & left.keys()}:
        for i in ends:
            del left[i]
    return bool(left)


def enumerate_states(
    subject: Subject,
    domains: Mapping[str, Sequence[Any]],
    demands: Sequence[Demand] = (),
    limit: int = 20_000,
) -> Verdict:
    """The verdict of exhaustive enumeration."""
    return Enumeration(subject, domains, demands, limit).run()
