"""What the diagram does by itself after something was done, in every way the values allow, until it rests.

Nearly always there is one way only, and several transitions in a row: these are fired together (`Run`). Where
ways meet again or go on for long it is done once more step by step, noting what leads to what, so that a diagram
that never rests is told.
"""

from dataclasses import dataclass

from .branches import Group
from .outcomes import Ops
from .reach import Reach
from .regions import UNWRITTEN
from .space import Accident, Space
from .tokens import Kind

REDUCING = 2_000
"""Transitions looked at for the reduction, per state of the limit; beyond, every order is followed."""
BEHIND = 500
"""States still looked at once a second token was found."""
RESTLESS = 2_000
"""Moves of the diagram by itself within one step; beyond, it never comes to rest."""
QUICK = 400
"""Moves by itself after which they are looked at step by step."""

Fired = tuple[int, ...]
State = tuple[int, int, Fired, Ops]
"""Marking, what is known of the attributes, the transitions fired so far, what they did to the demands."""
Way = tuple[int, int, Ops]
Able = list[tuple[Group, int]]
"""Groups that can fire, each with what it consumes."""


@dataclass(frozen=True, slots=True)
class Run:
    """Transitions that follow each other when nothing else is able: they choose, write and clear nothing.

    `touched`: the places that get a token by them; `last`: those that have it in the end.
    """

    fired: Fired
    touched: int
    last: int


class Settling:
    """Fires transitions in a space. `limit`: states to be looked at, fewer once a second token was found."""

    def __init__(self, space: Space, limit: int) -> None:
        self.space, self.program, self.limit = space, space.program, limit
        self.reach = Reach(space.program, limit * REDUCING)
        self._doubled = False
        self._able: dict[int, tuple[Able, Run | None]] = {}
        self._runs: dict[Group, Run | None] = {}
        self._inhibits = {t.inhibit for t in self.program.transitions if t.inhibit}

    def settle(self, i: int, marking: int, data: int, fired: Fired, ops: Ops) -> list[State]:
        """Where the diagram comes to rest after the transitions `fired` were fired in state `i`."""
        begin = (marking, data, fired, ops)
        todo, done, seen = [begin], list[State](), set[Way]()
        able, took, left = self._able, self.space.fired, min(self.limit, QUICK)
        while todo:
            marking, data, fired, ops = todo.pop()
            while True:
                groups, run = able.get(marking) or self._next(marking)
                if not groups:
                    done.append((marking, data, fired, ops))
                    break
                left -= 1
                base = marking & ~groups[0][1]
                if run is not None and not base & run.touched:
                    marking = base | run.last
                    fired += run.fired
                    took.update(run.fired)
                    left -= len(run.fired)
                    if left <= 0:
                        return self._step_by_step(i, begin)
                    if seen:
                        if (marking, data, ops) in seen:
                            return self._step_by_step(i, begin)
                        seen.add((marking, data, ops))
                    continue
                following = self._fire_all(i, groups, marking, data, fired, ops)
                if left <= 0:
                    return self._step_by_step(i, begin)
                if len(following) == 1 and not seen:
                    marking, data, fired, ops = following[0]
                    continue
                for one in following:
                    there = (one[0], one[1], one[3])
                    if there in seen:
                        return self._step_by_step(i, begin)
                    seen.add(there)
                    todo.append(one)
                break
        done.reverse()
        return done

    def _step_by_step(self, i: int, begin: State) -> list[State]:
        """The same, with every state noted on the way."""
        todo, done = [begin], list[State]()
        seen = {(begin[0], begin[1], begin[3])}
        links: list[tuple[Way, Way]] = []
        rested: set[Way] = set()
        again = False
        while todo:
            marking, data, fired, ops = todo.pop()
            here = (marking, data, ops)
            groups, _ = self._able.get(marking) or self._next(marking)
            if not groups:
                done.append((marking, data, fired, ops))
                rested.add(here)
                continue
            if len(fired) > RESTLESS:  # each round does something to the demands, so no state comes back
                self._accident("restless", i, fired[:40], data, self._first_of(marking))
                continue
            if len(seen) > self.limit:  # too many orders of what happens at once
                self.space.complete = again = False
                break
            following = self._fire_all(i, groups, marking, data, fired, ops)
            if not following:
                rested.add(here)  # an accident says why
            for one in following:
                there = (one[0], one[1], one[3])
                links.append((here, there))
                if there in seen:
                    again = True
                else:
                    seen.add(there)
                    todo.append(one)
        if again:
            self._rest(i, fired, seen, rested, links)
        done.reverse()
        return done

    def _rest(
        self, i: int, fired: Fired, seen: set[Way], rested: set[Way], links: list[tuple[Way, Way]]
    ) -> None:
        """Report ways on which the diagram runs on by itself for ever."""
        good, changed = set(rested), True
        while changed:
            before = len(good)
            good.update(here for here, there in links if there in good)
            changed = len(good) > before
        for marking, data, _ in seen - good:
            if self.program.automatic(marking):
                self._accident("restless", i, fired, data, self._first_of(marking))
                return

    def _first_of(self, marking: int) -> str:
        return self.program.automatic(marking)[0][0].node

    def _next(self, marking: int) -> tuple[Able, Run | None]:
        """What fires next; of several things one that the others can never touch, else all, so that every order
        is tried."""
        found = self.program.automatic(marking)
        run = None
        if len(found) == 1:
            group = found[0][0]
            if group not in self._runs:
                self._runs[group] = self._run(group)
            run = self._runs[group]
        elif found:
            found = self._alone(found, marking)
        self._able[marking] = found, run
        return found, run

    def _alone(self, able: Able, marking: int) -> Able:
        does = self.program.does
        for group, consumed in able:
            own = 0
            for option in group.options:
                own |= does[option.index]
            if not own & self.reach.of(marking & ~consumed):
                return [(group, consumed)]
        return able

    def _run(self, group: Group) -> Run | None:
        """What follows a group's firing by itself, whatever the values and wherever the other tokens rest."""
        program, fired, touched, last = self.program, list[int](), 0, 0
        while group.sole >= 0 and group.sole not in fired and program.outcomes[group.sole] is None:
            transition = program.transitions[group.sole]
            if transition.clear:
                break
            fired.append(group.sole)
            last, before = transition.post, group.pre or group.any_of
            touched |= last
            # Only what takes this one place and what nothing else takes surely follows.
            following = program.takers.get(last, ())
            if len(following) != 1 or following[0].pre != last or last & program.join_places:
                break
            if any(inhibit & before and not inhibit & last for inhibit in self._inhibits):
                break
            group = following[0]
            if group.inhibit or program.transitions[group.options[0].index].kind is not Kind.AUTO:
                break
        return Run(tuple(fired), touched, last) if fired else None

    def _fire_all(self, i: int, groups: Able, marking: int, data: int, fired: Fired, ops: Ops) -> list[State]:
        if len(groups) == 1:
            return self.fire(i, groups[0][0], groups[0][1], marking, data, fired, ops)
        return [
            one
            for group, consumed in groups
            for one in self.fire(i, group, consumed, marking, data, fired, ops)
        ]

    def fire(
        self, i: int, group: Group, consumed: int, marking: int, data: int, fired: Fired, ops: Ops
    ) -> list[State]:
        """One group, in every way the values allow."""
        program, after = self.program, list[State]()
        ways = [data]
        if group.names:
            for name in group.direct:
                if program.regions.get(data, name) == UNWRITTEN:
                    self._accident("unset", i, fired, data, group.node, name)
            ways = program.regions.settle(data, group.names)
        for way in ways:
            chosen = group.chosen(program.regions, way)
            if not chosen:
                self._accident("gap", i, fired, way, group.node)
                # The token stays: nothing can move it on.
                continue
            if group.exclusive and group.sole < 0 and group.overlaps(program.regions, way):
                self._accident("overlap", i, fired, way, group.node)
            for k in chosen:
                transition, outcome = program.transitions[k], program.outcomes[k]
                base = marking & ~(consumed | transition.clear)
                self.space.fired.add(k)
                if clash := base & transition.post:
                    self._accident(
                        "twice", i, (*fired, k), way, program.net.element[clash & -clash], transition.node
                    )
                    continue
                there, done = base | transition.post, (*fired, k)
                if outcome is None:
                    after.append((there, way, done, ops))
                    continue
                for known, op in outcome.of(way):
                    after.append((there, known, done, ops + op if op else ops))
        return after

    def _accident(self, kind: str, i: int, fired: Fired, data: int, element: str, detail: str = "") -> None:
        if kind in ("restless", "gap", "twice"):
            self.space.cut.add(i)
        if kind == "twice" and not self._doubled:
            # Behind a second token the states multiply; what is found so far is enough to mend the diagram.
            self._doubled = True
            self.limit = min(self.limit, len(self.space.order) + BEHIND)
        found = self.space.accidents.setdefault(kind, {})
        key = f"{element}:{detail}" if kind == "unset" else element
        if key not in found:
            found[key] = Accident(i, fired, data, element, detail)
