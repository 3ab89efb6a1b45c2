"""What firing a transition does to the values and the demands, in every way."""

from collections.abc import Sequence

from .branches import answer
from .guards import Guard
from .orders import Effects
from .regions import ANY, FIRST, Regions

Op = tuple[int, int, int]
"""Bits of the demands: checked, cleared, met."""
Ops = tuple[Op, ...]
Writes = tuple[tuple[str, tuple[int, ...], bool], ...]
"""Attribute, the codes it can get, whether true is sticky."""


class Outcome:
    """One transition's: made for each that writes something or that a demand looks at."""

    __slots__ = ("_asked", "_effects", "_judged", "_known", "_regions", "_writes")

    def __init__(self, regions: Regions, effects: Effects | None, writes: Writes) -> None:
        self._regions, self._effects, self._writes = regions, effects, writes
        self._asked: tuple[str, ...] = ()
        self._judged: tuple[str, ...] = ()
        if effects is not None:
            self._asked = tuple(name for _, guard in effects.checks for name in guard.names)
            self._judged = tuple(name for _, guard, *_ in effects.judged for name in guard.names)
        self._known: dict[int, Sequence[tuple[int, Ops]]] = {}

    def of(self, data: int) -> Sequence[tuple[int, Ops]]:
        """What is known afterwards, with the operations on the demands."""
        found = self._known.get(data)
        if found is None:
            found = self._known[data] = self._ways(data)
        return found

    def _ways(self, data: int) -> Sequence[tuple[int, Ops]]:
        effects, writes, settle = self._effects, self._writes, self._regions.settle
        if effects is None:
            return [(after, ()) for after in self._write(data)]
        found: list[tuple[int, Ops]] = []
        for before in settle(data, self._asked) if self._asked else (data,):
            check = 0
            for bit, guard in effects.checks:
                if not guard.names or self._true(guard, before):
                    check |= bit
            first = (check, effects.clear, effects.meet)
            for written in self._write(before) if writes else (before,):
                for after in settle(written, self._judged) if self._judged else (written,):
                    clear = meet = 0
                    for bit, guard, meets, clears in effects.judged:
                        if not guard.names or self._true(guard, after):
                            if meets:
                                meet |= bit
                            else:
                                clear |= bit
                        elif clears:
                            clear |= bit
                    found.append((after, (first, (0, clear, meet)) if clear or meet else (first,)))
        return found

    def _true(self, guard: Guard, data: int) -> bool:
        values = {name: self._regions.value(data, name) for name in guard.names}
        return answer(guard, values) is not False

    def _write(self, data: int) -> list[int]:
        regions, found = self._regions, [data]
        for name, codes, sticky in self._writes:
            if sticky and (now := regions.get(data, name)) != 0:
                if now >= FIRST and regions.values[name][now - FIRST]:
                    continue
                if now == ANY:
                    found = [regions.write(one, name, ANY) for one in found]
                    continue
            found = [regions.write(one, name, code) for one in found for code in codes]
        return found
