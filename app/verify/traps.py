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
    loops = components({i: [e.target for e in edges] for i, edges in enumerate(space.edges)})
    found: set[str] = set()
    for loop in loops:
        inside = set(loop)
        edges = [(i, edge) for i in loop for edge in space.edges[i] if edge.target in inside]
        if not edges or (len(loop) == 1 and all(edge.target != i for i, edge in edges)):
            continue
        reads: list[set[str]] = []
        writes: list[set[str]] = []
        for _, edge in edges:
            read, written = set[str](), set[str]()
            for k in edge.fired:
                read |= program.reads(k)
                written |= {name for name, _, _ in program.written(k)}
            reads.append(read)
            writes.append(written)
        for name in set().union(*reads) - found:
            kept = [j for j in range(len(edges)) if name not in writes[j]]
            graph: dict[int, list[int]] = {}
            for j in kept:
                graph.setdefault(edges[j][0], []).append(edges[j][1].target)
            of = {i: n for n, c in enumerate(components(graph)) for i in c}
            if any(name in reads[j] and of.get(edges[j][0]) == of.get(edges[j][1].target, -1) for j in kept):
                found.add(name)
    return frozenset(name for name in found if name not in program.regions.support)


def harmless(space: Space, names: frozenset[str]) -> bool:
    """Whether from every state some moves lead to an end whatever the values of these attributes are.

    Outcomes of a move that differ only after one of them was read are not ours to choose: all must be good.
    """
    program = space.program
    asked = [bool(names & program.reads(k)) for k in range(len(program.transitions))]
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
