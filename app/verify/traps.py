"""Loops that only some values never leave.

An attribute is settled when a condition first reads it. On a loop that reads it without anybody writing it
again, "some value leads out" would then hide that another does not. Such attributes must be settled when they
are written, before the states are asked for a way to the end.
"""

from .components import components
from .space import Space


def eager(space: Space) -> frozenset[str]:
    """The attributes that some loop reads without writing them."""
    program = space.program
    back = [(edge.target, i) for i, edges in enumerate(space.edges) for edge in edges if edge.target <= i]
    if not back:
        return frozenset()
    # The first state of a loop is one that a move leads back to, the last one is where a move back begins.
    first, last = min(j for j, _ in back), max(i for _, i in back)
    loops = components(
        {
            i: [edge.target for edge in space.edges[i] if first <= edge.target <= last]
            for i in range(first, last + 1)
        }
    )
    found: set[str] = set()
    for loop in loops:
        if len(loop) == 1 and all(edge.target != loop[0] for edge in space.edges[loop[0]]):
            continue
        inside = set(loop)
        edges: list[tuple[int, int, int, int]] = []  # from, to, bits read, bits written
        read = 0
        for i in loop:
            for edge in space.edges[i]:
                if edge.target in inside:
                    asks = gives = 0
                    for k in edge.fired:
                        asks |= program.asks(k)
                        gives |= program.gives(k)
                    edges.append((i, edge.target, asks, gives))
                    read |= asks
        for name, (shift, mask) in program.regions.field.items():
            bits = mask << shift
            if not read & bits or name in found or name in program.regions.support:
                continue
            kept = [one for one in edges if not one[3] & bits]
            if not any(one[2] & bits for one in kept):
                continue
            graph: dict[int, list[int]] = {}
            for i, j, _, _ in kept:
                graph.setdefault(i, []).append(j)
            of = {i: n for n, c in enumerate(components(graph)) for i in c}
            if any(asks & bits and of.get(i) == of.get(j, -1) for i, j, asks, _ in kept):
                found.add(name)
    return frozenset(found)


def harmless(space: Space, names: frozenset[str]) -> bool:
    """Whether from every state some moves lead to an end whatever the values of these attributes are.

    Outcomes of a move that differ only after one of them was read are not ours to choose: all must be good.
    """
    program = space.program
    bits = program.regions.mask(names)
    asked = [bool(program.asks(k) & bits) for k in range(len(program.transitions))]
    moves: list[list[set[int]]] = []
    for edges in space.edges:
        outcomes: dict[tuple[int, ...], set[int]] = {}
        for edge in edges:
            first = next((j for j, k in enumerate(edge.fired) if asked[k]), len(edge.fired))
            outcomes.setdefault(edge.fired[:first], set()).add(edge.target)
        moves.append(list(outcomes.values()))
    good = {*space.finished(), *space.stuck()}
    changed = True
    while changed:
        changed = False
        for i, own in enumerate(moves):
            if i not in good and any(targets <= good for targets in own):
                good.add(i)
                changed = True
    return len(good) == len(space.order)
