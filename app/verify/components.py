"""The strongly connected components of a graph."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def components(graph: Mapping[T, Iterable[T]]) -> list[list[T]]:
    """Strongly connected components (Tarjan), without recursion; what can be reached comes first."""
    index: dict[T, int] = {}
    low: dict[T, int] = {}
    stack: list[T] = []
    on: set[T] = set()
    found: list[list[T]] = []
    for root in graph:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        on.add(root)
        todo = [(root, iter(graph.get(root, ())))]
        while todo:
            here, following = todo[-1]
            for there in following:
                if there not in index:
                    index[there] = low[there] = len(index)
                    stack.append(there)
                    on.add(there)
                    todo.append((there, iter(graph.get(there, ()))))
                    break
                if there in on:
                    low[here] = min(low[here], index[there])
            else:
                todo.pop()
                if todo:
                    above = todo[-1][0]
                    low[above] = min(low[above], low[here])
                if low[here] == index[here]:
                    component = []
                    while True:
                        one = stack.pop()
                        on.discard(one)
                        component.append(one)
                        if one == here:
                            break
                    found.append(component)
    return found


def gathered(led: Sequence[Sequence[int]], own: Sequence[int]) -> list[int]:
    """For each node 0, 1, … the union of the bits of all that it leads to, itself included (Tarjan, as above)."""
    found = list(own)
    index, low = [0] * len(found), [0] * len(found)
    stack: list[int] = []
    on = [False] * len(found)
    counted = 0
    for root in range(len(found)):
        if index[root]:
            continue
        counted += 1
        index[root] = low[root] = counted
        on[root] = True
        stack.append(root)
        todo = [(root, iter(led[root]))]
        while todo:
            here, following = todo[-1]
            for there in following:
                if not index[there]:
                    counted += 1
                    index[there] = low[there] = counted
                    on[there] = True
                    stack.append(there)
                    todo.append((there, iter(led[there])))
                    break
                if not on[there]:
                    found[here] |= found[there]
                elif index[there] < low[here]:
                    low[here] = index[there]
            else:
                todo.pop()
                least = low[here]
                if least == index[here]:
                    one = stack.pop()
                    on[one] = False
                    if one != here:  # a loop: all of it leads to the same
                        members, bits = [one], found[here] | found[one]
                        while one != here:
                            one = stack.pop()
                            on[one] = False
                            members.append(one)
                            bits |= found[one]
                        for one in members:
                            found[one] = bits
                if todo:
                    above = todo[-1][0]
                    found[above] |= found[here]
                    if least < low[above]:
                        low[above] = least
    return found
