"""Which attributes may still be read, seen from each place, before they are written again."""

from collections.abc import Iterable, Sequence

Reading = tuple[Sequence[int], Sequence[int], int, int]
"""One transition: its places before, those after, the bits it reads, the bits it writes anew."""


def liveness(transitions: Iterable[Reading]) -> dict[int, int]:
    """Place -> the bits of the attributes that may still be read; places where none is are left out."""
    before: dict[int, list[tuple[Sequence[int], int]]] = {}
    live: dict[int, int] = {}
    todo: list[int] = []
    for sources, targets, reads, gone in transitions:
        for place in targets:
            before.setdefault(place, []).append((sources, ~gone))
        if reads:
            for place in sources:
                if reads & ~live.get(place, 0):
                    live[place] = live.get(place, 0) | reads
                    todo.append(place)
    while todo:
        place = todo.pop()
        known = live[place]
        for sources, stays in before.get(place, ()):
            out = known & stays
            for source in sources:
                own = live.get(source, 0)
                if out & ~own:
                    live[source] = own | out
                    todo.append(source)
    return live
