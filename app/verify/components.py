"""The strongly connected components of a graph."""

from collections.abc import Hashable, Iterable, Mapping
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
