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
        todo = [root]
        places = [0]
        counted += 1
        index[root] = low[root] = counted
        stack.append(root)
        on[root] = True
        while todo:
            here, at = todo[-1], places[-1]
            following = led[here]
            if at < len(following):
                places[-1] = at + 1
                there = following[at]
                if not index[there]:
                    counted += 1
                    index[there] = low[there] = counted
                    stack.append(there)
                    on[there] = True
                    todo.append(there)
                    places.append(0)
                elif on[there]:
                    low[here] = min(low[here], index[there])
                else:
                    found[here] |= found[there]
                continue
            todo.pop()
            places.pop()
            if low[here] == index[here]:
                bits = found[here]
                members = [here]
                while (one := stack.pop()) != here:
                    members.append(one)
                    bits |= found[one]
                for one in members:
                    on[one] = False
                    found[one] = bits
            if todo:
                above = todo[-1]
                found[above] |= found[here]
                low[above] = min(low[above], low[here])
    return found
