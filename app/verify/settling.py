"""What the diagram does by itself after something was done, in every way the values allow, until it rests.

Nearly always there is one way only, and several transitions in a row: these are fired together (`Run`). Where
ways meet again or go on for long it is done once more step by step, noting what leads to what, so that a diagram
that never rests is told.
"""

from .branches import Group
from .outcomes import Ops
from .reach import Reach
from .regions import UNWRITTEN
from .runs import REST, Able, Fired, Runs
from .space import Accident, Space
from .tokens import bits

REDUCING = 2_000
"""Transitions looked at for the reduction, per state of the limit; beyond, every order is followed."""
BEHIND = 500
"""States still looked at once a second token was found."""
RESTLESS = 2_000
"""Moves of the diagram by itself within one step; beyond, it never comes to rest."""
QUICK = 400
"""Moves by itself after which they are looked at step by step."""

State = tuple[int, int, Fired, Ops]
"""Marking, what is known of the attributes, the transitions fired so far, what they did to the demands."""
Way = tuple[int, int, Ops]


class Settling:
    """Fires transitions in a space. `limit`: states to be looked at, fewer once a second token was found."""

    def __init__(self, space: Space, limit: int) -> None:
        self.space, self.program, self.limit = space, space.program, limit
        self.reach = Reach(space.program, limit * REDUCING)
        self._doubled = False
        self._able: dict[int, Able] = {}
        self._runs = Runs(self.program)
        self._taken: set[int] = set()
        self._looks: dict[Group, int] = {}
        self._rests: dict[Group, dict[tuple[int, int], list[State]]] = {}
        self._ways: dict[Group, dict[int, list[tuple[int, int]]]] = {}
        self._awake = self.program.grouping.awake

    def start(self, data: int) -> list[State]:
        """Where the diagram comes to rest before anybody has done anything."""
        begin = (self.program.net.initial, data, (), ())
        rested = self._quickly(0, begin)
        return self._step_by_step(0, begin) if rested is None else rested

    def after(self, i: int, group: Group, marking: int, data: int) -> list[State]:
        """Where it comes to rest after a group fired in state `i`."""
        awake, k = self._awake, group.sole
        run = self._runs.of(k) if k >= 0 else None
        first = self.fire(i, group, group.pre, marking, data, (), ())
        if not first:
            return first
        groups, there = None, first[0][0]
        if run is not None and first[0][2] is run.fired:  # all that comes of it is in one marking
            if not there & awake:
                return first
            if run.able is not None and not there & self.program.grouping.join_places:
                groups = run.able
                if not groups or there & groups[0][1] != groups[0][1]:
                    return first  # it waits for other branches
        found: list[State] = []
        for position, state in enumerate(first):
            if not state[0] & awake:
                found.append(state)
                continue
            rested = self._quickly(i, state, groups)
            if rested is None:
                slow = self.fire(i, group, group.pre, marking, data, (), (), False)[position]
                rested = self._step_by_step(i, slow)
            found += rested
        return found

    def alike(self, group: Group, marking: int, data: int) -> list[State]:
        """The same where accidents are not asked for: what is known of attributes that play no part makes no
        difference, and many states differ in nothing else."""
        looks = self._looks.get(group)
        if looks is None:
            looks = self._looks[group] = self._looked(group)
        key = (marking, data & looks)
        known = self._rests.setdefault(group, {})
        rests = known.get(key)
        if rests is None:
            rests = known[key] = self.after(0, group, marking, data)
        kept = data & ~looks
        return [(there, kept | d & looks, fired, ops) for there, d, fired, ops in rests]

    def _looked(self, group: Group) -> int:
        """The bits of the attributes that a group and all that may follow it by itself read or write, with those
        that are bound to them by derived ones."""
        program, todo, seen, found = self.program, [group], {group}, 0
        while todo:
            for k in todo.pop().transitions:
                found |= program.does[k] >> program.width
                transition = program.transitions[k]
                following = program.grouping.freed(transition.pre | transition.clear)
                for place in bits(transition.post):
                    following += program.grouping.followers(place)
                for other in following:
                    if other not in seen:
                        seen.add(other)
                        todo.append(other)
        size = program.regions.bits
        return program.regions.bound((found | found >> size) & (1 << size) - 1)

    def fired(self) -> set[int]:
        """Every transition that fired somewhere."""
        return {k for first in self._taken for k in self._runs.of(first).fired}

    def _quickly(self, i: int, begin: State, groups: Able | None = None) -> list[State] | None:
        """Where it comes to rest; None: that is no matter of a few different ways. `groups`: those that can fire
        first, if that is known."""
        awake, able, runs, outcomes = self._awake, self._able, self._runs.of, self.program.outcomes
        todo: list[State] = [begin]
        done: list[State] = []
        seen: set[Way] = set()
        left = min(self.limit, QUICK)
        while todo:
            marking, data, fired, ops = todo.pop()
            while True:
                if groups is None:
                    groups = (able.get(marking) or self._next(marking)) if marking & awake else REST
                if not groups:
                    done.append((marking, data, fired, ops))
                    groups = None
                    break
                if len(groups) == 1:
                    group, consumed, only = groups[0]
                    groups = None
                    k = group.sole
                    if k >= 0 and only and not seen and outcomes[k] is None:
                        run = runs(k)
                        base = marking & run.stays & ~consumed
                        left -= len(run.fired)
                        if not base & run.touched and left > 0:
                            self._taken.add(k)
                            marking, fired = base | run.last, fired + run.fired
                            continue
                    following = self.fire(i, group, consumed, marking, data, fired, ops, only)
                else:
                    following = self._fire_each(i, groups, marking, data, fired, ops)
                    groups = None
                left -= 1
                for one in following:
                    left -= len(one[2]) - len(fired)
                if left <= 0:
                    return None
                if len(following) == 1 and not seen:
                    marking, data, fired, ops = following[0]
                    continue
                for one in following:
                    there = (one[0], one[1], one[3])
                    if there in seen:
                        return None
                    seen.add(there)
                    todo.append(one)
                break
        done.reverse()
        return done

    def _step_by_step(self, i: int, begin: State) -> list[State]:
        """The same, with every state noted on the way."""
        todo: list[State] = [begin]
        done: list[State] = []
        seen = {(begin[0], begin[1], begin[3])}
        links: list[tuple[Way, Way]] = []
        rested: set[Way] = set()
        again = False
        while todo:
            marking, data, fired, ops = todo.pop()
            here = (marking, data, ops)
            groups = self._next(marking)
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
            following = self._fire_each(i, groups, marking, data, fired, ops)
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
            if self.program.grouping.automatic(marking):
                self._accident("restless", i, fired, data, self._first_of(marking))
                return

    def _first_of(self, marking: int) -> str:
        return self.program.grouping.automatic(marking)[0][0].node

    def _next(self, marking: int) -> Able:
        """What fires next; of several things one that the others can never touch, else all, so that every order
        is tried."""
        found = self._able.get(marking)
        if found is None:
            able = self.program.grouping.automatic(marking)
            if len(able) > 1:
                found = [(group, consumed, False) for group, consumed in self._alone(able, marking)]
            else:
                found = [(group, consumed, True) for group, consumed in able]
            self._able[marking] = found
        return found

    def _alone(self, able: list[tuple[Group, int]], marking: int) -> list[tuple[Group, int]]:
        does = self.program.does
        for group, consumed in able:
            own = 0
            for k in group.transitions:
                own |= does[k]
            if not own & self.reach.of(marking & ~consumed):
                return [(group, consumed)]
        return able

    def _fire_each(
        self, i: int, groups: Able, marking: int, data: int, fired: Fired, ops: Ops
    ) -> list[State]:
        """Every group in turn, and nothing else that follows."""
        return [
            one
            for group, consumed, _ in groups
            for one in self.fire(i, group, consumed, marking, data, fired, ops, False)
        ]

    def fire(
        self,
        i: int,
        group: Group,
        consumed: int,
        marking: int,
        data: int,
        fired: Fired,
        ops: Ops,
        only: bool = True,
    ) -> list[State]:
        """One group, in every way the values allow. `only`: nothing else is able, so that what follows the group
        by itself is fired as well."""
        k = group.sole
        if k >= 0:
            return self._take(i, k, consumed, marking, data, fired, ops, only)
        known = self._ways[group].get(data) if group in self._ways else None
        if known is None:
            known = self._choose(i, group, data, fired)
        if len(known) == 1:
            return self._take(i, known[0][1], consumed, marking, known[0][0], fired, ops, only)
        after: list[State] = []
        for way, k in known:
            after += self._take(i, k, consumed, marking, way, fired, ops, only)
        return after

    def _choose(self, i: int, group: Group, data: int, fired: Fired) -> list[tuple[int, int]]:
        """What is known of the attributes in every way, with each transition that is then taken."""
        regions, sound = self.program.regions, True
        found: list[tuple[int, int]] = []
        for name in group.direct:
            if regions.get(data, name) == UNWRITTEN:
                self._accident("unset", i, fired, data, group.node, name)
                sound = False
        for way in regions.settle(data, group.names) if group.names else (data,):
            chosen, overlapping = group.chosen(regions, way)
            if not chosen:
                self._accident("gap", i, fired, way, group.node)
                sound = False
                # The token stays: nothing can move it on.
            if chosen and overlapping:
                self._accident("overlap", i, fired, way, group.node)
                sound = False
            found += [(way, k) for k in chosen]
        if sound:  # else what goes wrong must be told of every state
            self._ways.setdefault(group, {})[data] = found
        return found

    def _take(
        self, i: int, k: int, consumed: int, marking: int, data: int, fired: Fired, ops: Ops, only: bool
    ) -> list[State]:
        """One transition."""
        run = self._runs.of(k)
        base = marking & ~consumed & run.stays
        outcome = self.program.outcomes[k]
        if only and not base & run.touched:
            self._taken.add(k)
            there, done = base | run.last, fired + run.fired if fired else run.fired
        else:
            self.space.fired.add(k)
            transition = self.program.transitions[k]
            done = (*fired, k)
            if clash := base & transition.post:
                element = self.program.net.element[clash & -clash]
                self._accident("twice", i, done, data, element, transition.node)
                return []
            there = base | transition.post
        if outcome is None:
            return [(there, data, done, ops)]
        if ops:
            return [(there, known, done, ops + op) for known, op in outcome.of(data)]
        return [(there, known, done, op) for known, op in outcome.of(data)]

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
