"""Rows of transitions that follow each other by themselves: nothing decides about them."""

from typing import NamedTuple

from .branches import Group
from .steps import Program
from .tokens import bits

Fired = tuple[int, ...]
Able = list[tuple[Group, int, bool]]
"""Groups that can fire, each with what it consumes and whether it is the only one."""
REST: Able = []
MOST = 60
"""Transitions in one row; what is longer is fired row by row."""


class Run(NamedTuple):
    """A transition with those that follow it by themselves where nothing else is able: they choose, write and
    clear nothing.

    `stays`: all places but those the first one takes from; `touched`: those that get a token on the way; `last`:
    those that have it in the end. `able`: where all else rests, the only group that may fire then, if any; None:
    this must be looked up.
    """

    fired: Fired
    stays: int
    touched: int
    last: int
    able: Able | None


class Runs:
    """The rows of one program, each found when it is first asked for."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._known: list[Run | None] = [None] * len(program.transitions)
        self._inhibits = {t.inhibit for t in program.transitions if t.inhibit}

    def of(self, first: int) -> Run:
        """A transition with what follows it, whatever the values and wherever the other tokens rest."""
        return self._known[first] or self._find(first)

    def _find(self, first: int) -> Run:
        program, row, k = self._program, [first], self._following(first)
        while k >= 0 and k not in row and self._known[k] is None and len(row) < MOST:
            row.append(k)
            k = self._following(k)
        found = self._known[k] if k >= 0 else None
        for k in reversed(row):
            transition = program.transitions[k]
            stays, post = ~(transition.clear | transition.pre), transition.post
            if found is None or len(found.fired) >= MOST or k in found.fired:
                found = Run((k,), stays, post, post, self._able_after(post))
            else:
                found = Run((k, *found.fired), stays, post | found.touched, found.last, found.able)
            self._known[k] = found
        assert found is not None  # noqa: S101 - there is at least the first one
        return found

    def _following(self, k: int) -> int:
        """The transition that surely follows another one by itself where nothing else is able; -1: none does."""
        program = self._program
        transition, grouping = program.transitions[k], program.grouping
        last = transition.post
        # Only what takes this one place and what nothing else takes surely follows.
        following = grouping.takers.get(last)
        if following is None or len(following) > 1 or last & grouping.join_places:
            return -1
        group, sole = following[0], following[0].sole
        if sole < 0 or group.pre != last or not group.auto or program.outcomes[sole] is not None:
            return -1
        if group.inhibit or program.transitions[sole].clear:
            return -1
        if self._inhibits:
            before = transition.clear | (transition.pre or grouping.of[k].any_of)
            if any(inhibit & before and not inhibit & last for inhibit in self._inhibits):
                return -1
        return sole

    def _able_after(self, last: int) -> Able | None:
        """What can fire once tokens came to some places and all else rests; None: it must be looked up."""
        grouping = self._program.grouping
        if self._inhibits or last & grouping.join_places:
            return None
        waking = {group for place in bits(last) for group in grouping.takers.get(place, ()) if group.auto}
        if len(waking) > 1 or (waking and last & (last - 1)):
            return None
        return [(group, group.pre, True) for group in waking]
