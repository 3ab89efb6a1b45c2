"""What the tokens of a marking can ever touch at most, whatever the values: the reduction asks it of every state.

What one place alone leads to is computed once for all places; only transitions that need several places are
tried again for each marking.
"""

from .components import components
from .steps import Program
from .tokens import bits

Touch = tuple[int, int, int, int]
"""Places, attributes read, attributes written, demands."""
EVERYTHING: Touch = (-1, -1, -1, -1)


class Reach:
    """Answers for one program. `work`: transitions to look at before everything is said to be touched."""

    def __init__(self, program: Program, work: int) -> None:
        self._left = work
        self._known: dict[int, Touch] = {}
        self._alone: dict[int, Touch] = {}
        self._several: list[tuple[int, Touch]] = []
        own: dict[int, list[Touch]] = {1 << i: [] for i in range(program.width)}
        for footprint in program.footprints:
            touch = (footprint.places, footprint.reads, footprint.writes, footprint.demands)
            if not footprint.any_of and footprint.pre.bit_count() != 1:
                self._several.append((footprint.pre, touch))
                continue
            for place in bits(footprint.any_of or footprint.pre):
                own[place].append(touch)
        graph = {}
        for place, found in own.items():
            led = 0
            for touch in found:
                led |= touch[0]
            graph[place] = bits(led & ~place)
        for members in components(graph):  # what is led to comes first
            places, reads, writes, seen = 0, 0, 0, 0
            for place in members:
                places |= place
                for p, r, w, s in own[place]:
                    places, reads, writes, seen = places | p, reads | r, writes | w, seen | s
            for place in {there for member in members for there in graph[member]}.difference(members):
                p, r, w, s = self._alone[place]
                places, reads, writes, seen = places | p, reads | r, writes | w, seen | s
            for place in members:
                self._alone[place] = (places, reads, writes, seen)

    def of(self, marking: int) -> Touch:
        """What the tokens of a marking can touch at most."""
        found = self._known.get(marking)
        if found is not None:
            return found
        if self._left < 0:
            return EVERYTHING
        places, reads, writes, seen = marking, 0, 0, 0
        for place in bits(marking):
            p, r, w, s = self._alone[place]
            places, reads, writes, seen = places | p, reads | r, writes | w, seen | s
        todo, changed = self._several, True
        while changed:
            changed, waiting = False, []
            self._left -= len(todo) + 1
            for pre, touch in todo:
                if pre & places != pre:
                    waiting.append((pre, touch))
                    continue
                changed = True
                for place in bits(touch[0] & ~places):
                    p, r, w, s = self._alone[place]
                    places, reads, writes, seen = places | p, reads | r, writes | w, seen | s
                reads, writes, seen = reads | touch[1], writes | touch[2], seen | touch[3]
            todo = waiting
        self._known[marking] = found = (places, reads, writes, seen)
        return found
