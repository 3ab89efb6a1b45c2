"""What the tokens of a marking can ever touch at most, whatever the values: the reduction asks it of every state.

What one place alone leads to is computed once for all places; only transitions that need several places are
tried again for each marking.
"""

from .components import gathered
from .steps import Program
from .tokens import bits

EVERYTHING = -1


class Reach:
    """Answers for one program. `work`: transitions to look at before everything is said to be touched."""

    def __init__(self, program: Program, work: int) -> None:
        self._program = program
        self._left = work
        self._known: dict[int, int] = {}
        self._alone: list[int] = []
        self._several: list[tuple[int, int]] = []

    def _prepare(self) -> None:
        program = self._program
        own = [0] * program.width
        led: list[list[int]] = [[] for _ in own]
        several: list[tuple[int, int]] = []
        rows = zip(program.transitions, program.sources, program.targets, program.meets, strict=True)
        for transition, sources, targets, meets in rows:
            if len(sources) != 1 and not transition.join:
                several.append((transition.pre, meets))
                continue
            if transition.join or transition.clear or transition.inhibit:
                targets = bits(meets & program.places)
            for place in sources:
                i = place.bit_length() - 1
                own[i] |= meets
                led[i] += [other.bit_length() - 1 for other in targets]
        places = program.places
        for pre, meets in several:
            # What a token in one of the places touches anyhow need not be asked for: a boundary event's own place
            # is cleared by whatever its task does.
            alone = [p for p in bits(pre) if not pre & ~(own[p.bit_length() - 1] | p)]
            if not alone:
                self._several.append((pre, meets))
            for place in alone:
                i = place.bit_length() - 1
                own[i] |= meets
                led[i] += [other.bit_length() - 1 for other in bits(meets & places)]
        self._alone = gathered(led, [meets | 1 << i for i, meets in enumerate(own)])
        self._several = [(pre, self._with(meets)) for pre, meets in self._several]

    def _with(self, meets: int) -> int:
        """What can be touched, together with all that it leads to."""
        for place in bits(meets & self._program.places):
            meets |= self._alone[place.bit_length() - 1]
        return meets

    def of(self, marking: int) -> int:
        """What the tokens of a marking can touch at most: places, what is read, what is written, demands, as in
        `Program.meets`."""
        found = self._known.get(marking)
        if found is not None:
            return found
        if self._left < 0:
            return EVERYTHING
        if not self._alone:
            self._prepare()
        alone, found = self._alone, marking
        for place in bits(marking):
            found |= alone[place.bit_length() - 1]
        several, tried = self._several, 0
        while True:
            self._left -= len(several) + 1
            able = [meets for pre, meets in several if pre & found == pre]
            if len(able) == tried:
                break
            tried = len(able)
            for meets in able:
                found |= meets
        self._known[marking] = found
        return found
