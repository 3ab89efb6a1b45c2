"""Explores a net for every decision anybody could take: where tokens pile up, where they get stuck.

Conditions are taken as free, so a finding may rest on a combination of values that cannot occur; a diagram
free of findings is sound whatever the values. Breadth first, so the path of a finding is a shortest one.
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from .game import bits, join_enabled
from .net import Net, Transition

LIMIT = 60_000


class Fault(StrEnum):
    """What can go wrong with tokens."""

    TWICE = "twice"
    """A second token comes to a place that holds one: the node behind it runs twice."""
    STUCK = "stuck"
    """Tokens are left and nothing can happen any more."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault at an element, and the nodes passed on a shortest way to it."""

    fault: Fault
    element: str
    path: tuple[str, ...]


def explore(net: Net, tolerated: frozenset[str] = frozenset(), limit: int = LIMIT) -> list[Finding] | None:
    """The faults of a net, one per element; None where the net is too large to decide.

    Args:
        net: the net.
        tolerated: elements where a second token is no fault.
        limit: markings to look at before giving up.
    """
    origin: dict[int, tuple[int, Transition] | None] = {net.initial: None}
    todo = deque([net.initial])
    findings: dict[tuple[Fault, str], Finding] = {}

    def path(marking: int, last: str = "") -> tuple[str, ...]:
        way = [last] if last else []
        step = origin[marking]
        while step is not None:
            marking, transition = step
            if transition.passes:
                way.append(transition.node)
            step = origin[marking]
        return tuple(reversed(way))

    def report(fault: Fault, element: str, way: tuple[str, ...]) -> None:
        findings.setdefault((fault, element), Finding(fault, element, way))

    while todo:
        marking = todo.popleft()
        moved = False
        for transition in net.transitions:
            consumed = _consumed(net, transition, marking)
            if not consumed:
                continue
            moved = True
            base = marking & ~(consumed | transition.clear)
            for place in bits(base & transition.post):
                element = net.element[place]
                if element not in tolerated:
                    report(Fault.TWICE, element, path(marking, transition.node))
            after = base | transition.post
            if after not in origin:
                if len(origin) >= limit:
                    return None
                origin[after] = (marking, transition)
                todo.append(after)
        if marking and not moved:
            for place in bits(marking):
                report(Fault.STUCK, net.element[place], path(marking))
    return list(findings.values())


def _consumed(net: Net, transition: Transition, marking: int) -> int:
    if transition.join:
        return join_enabled(net.joins[transition.join], marking)
    if marking & transition.pre != transition.pre or marking & transition.inhibit:
        return 0
    return transition.pre
