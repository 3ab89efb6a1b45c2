"""The token game: plays a net with attribute values. The engine must agree with it, move by move."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .net import Kind, Net, Transition

Evaluate = Callable[[str, Mapping[str, Any]], bool]
MAX_MOVES = 5000


class Game:
    """One run of a process.

    The marking counts tokens, so that a net that is not safe can be played too.

    Args:
        net: the net.
        evaluate: decides a condition for given attributes.
        attributes: the routing attributes; change them before a move.
    """

    def __init__(self, net: Net, evaluate: Evaluate, attributes: Mapping[str, Any]) -> None:
        self.net = net
        self.attributes = dict(attributes)
        self.marking: Counter[int] = Counter({net.initial: 1})
        self.passed: list[str] = []
        self._evaluate = evaluate
        automatic = (t for t in net.transitions if t.kind is Kind.AUTO)
        self._automatic = sorted(automatic, key=lambda t: bool(t.join))
        self.settle()

    def finished(self) -> bool:
        """Whether no token is left."""
        return not any(self.marking.values())

    def live(self) -> list[str]:
        """The tasks and events that wait, one entry per token, sorted by node id."""
        found = []
        for place, node in self.net.waits.items():
            found += [node] * self.marking[place]
        return sorted(found)

    def moves(self) -> list[str]:
        """What may happen now: ids of tasks that can be completed and of events that can occur."""
        marked = self._marked()
        able = (t for t in self.net.transitions if t.kind is not Kind.AUTO and self._enabled(t, marked))
        return sorted({t.node for t in able})

    def play(self, node: str) -> None:
        """Complete a task or let an event occur, then settle.

        Raises:
            LookupError: it is not among the moves.
        """
        marked = self._marked()
        for transition in self.net.transitions:
            if (
                transition.node == node
                and transition.kind is not Kind.AUTO
                and (consumed := self._enabled(transition, marked))
            ):
                self._fire(transition, consumed)
                self.settle()
                return
        raise LookupError(node)

    def settle(self) -> None:
        """Fire everything that fires by itself; inclusive joins only when nothing else can."""
        for _ in range(MAX_MOVES):
            marked = self._marked()
            for transition in self._automatic:
                if (consumed := self._enabled(transition, marked)) and self._chosen(transition):
                    self._fire(transition, consumed)
                    break
            else:
                return
        raise RuntimeError("the net never comes to rest")

    def _marked(self) -> int:
        mask = 0
        for place, count in self.marking.items():
            if count:
                mask |= place
        return mask

    def _enabled(self, transition: Transition, marked: int) -> int:
        """The mask to consume, 0 if the transition cannot fire."""
        if transition.join:
            return join_enabled(self.net.joins[transition.join], marked)
        if marked & transition.pre != transition.pre or marked & transition.inhibit:
            return 0
        return transition.pre

    def _chosen(self, transition: Transition) -> bool:
        choice = transition.choice
        return all(self._evaluate(c, self.attributes) for c in choice.conditions) and not any(
            self._evaluate(c, self.attributes) for c in choice.refused
        )

    def _fire(self, transition: Transition, consumed: int) -> None:
        for place in bits(consumed):
            self.marking[place] -= 1
        for place in bits(transition.clear):
            self.marking[place] = 0
        for place in bits(transition.post):
            self.marking[place] += 1
        if transition.passes:
            self.passed.append(transition.node)


def bits(mask: int) -> Iterator[int]:
    """The single bits of a mask."""
    while mask:
        bit = mask & -mask
        yield bit
        mask ^= bit


def join_enabled(incoming: list[tuple[int, int]], marked: int) -> int:
    """The incoming places an inclusive join consumes, 0 if it has to wait (BPMN 2.0, 13.4.3).

    It waits for a token that can reach an empty incoming flow, unless that token can also reach one that
    already holds a token.
    """
    held = excused = awaited = own = 0
    for place, reach in incoming:
        own |= place
        if marked & place:
            held |= place
            excused |= reach
        else:
            awaited |= reach
    return 0 if marked & awaited & ~excused & ~own else held
