"""Which attributes may still be read, seen from each place, before they are written again."""

from collections.abc import Iterable, Sequence


def liveness(
    sources: Sequence[Iterable[int]],
    targets: Sequence[Iterable[int]],
    reads: Sequence[int],
    gone: Sequence[int],
) -> dict[int, int]:
    """Place -> the bits of the attributes that may still be read; places where none is are left out.

    Args:
        sources, targets: transition -> its places before and after.
        reads, gone: transition -> the bits it reads, those it writes anew.
    """
    before: dict[int, list[int]] = {}
    live: dict[int, int] = {}
    todo: list[int] = []
    for k, places in enumerate(targets):
        for place in places:
            if place in before:
                before[place].append(k)
            else:
                before[place] = [k]
        read = reads[k]
        if read:
            for place in sources[k]:
                own = live.get(place, 0)
                if read & ~own:
                    live[place] = own | read
                    todo.append(place)
    while todo:
        place = todo.pop()
        known = live[place]
        for k in before.get(place, ()):
            out = known & ~gone[k]
            if out:
                for source in sources[k]:
                    own = live.get(source, 0)
                    if out & ~own:
                        live[source] = own | out
                        todo.append(source)
    return live
