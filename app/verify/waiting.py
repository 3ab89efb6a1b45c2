"""What an inclusive join waits for: the places from which a token can still come to one of its flows (13.4.3).

A join that no way leads back to itself from is behind everything that leads to it, and what leads to a node is
computed once for all nodes. Only of a join within a loop the ways must be walked for itself, so that they end
where the join is visited again.
"""

from typing import TYPE_CHECKING

from ..kernel.errors import Invalid
from .components import components
from .diagram import Flow, Node

if TYPE_CHECKING:
    from .unfolding import Unfolding

MOST = 1_000_000
"""Flows walked for the joins of one net."""


class Waiting:
    """The ways back from the joins of one unfolded process, asked once everything is compiled."""

    def __init__(self, owner: "Unfolding") -> None:
        self._owner = owner
        self._behind: dict[str, tuple[int, tuple[Flow, ...]]] = {}
        self._all: dict[str, int] = {}
        self._looped: set[str] = set()
        graph = {ident: [flow.source for flow in self.behind(ident)[1]] for ident in owner.process.nodes}
        for members in components(graph):  # what leads to others comes first
            mask = 0
            for ident in members:
                places, before = self._behind[ident]
                mask |= places
                for flow in before:
                    mask |= owner.flow(flow) | self._all.get(flow.source, 0)
            for ident in members:
                self._all[ident] = mask
            if len(members) > 1 or members[0] in graph[members[0]]:
                self._looped.update(members)

    def behind(self, ident: str) -> tuple[int, tuple[Flow, ...]]:
        """The places whose token stands on a node or on the activity it is attached to, and what leads there."""
        if ident not in self._behind:
            owner, nodes = self._owner, self._owner.process.nodes
            node = nodes[ident]
            mask, before = 0, node.incoming
            for one in (node, nodes.get(node.attached)):
                if one is None:
                    continue
                mask |= owner.net.standing.get(owner.path + one.id, 0)
                if one.tag == "startEvent" or not one.incoming:
                    mask |= owner.at("start", one.scope)
                if one is not node:
                    before += one.incoming
            self._behind[ident] = mask, before
        return self._behind[ident]

    def of(self, join: Node, flow: Flow) -> int:
        """Places whose token can come to `flow` without visiting the join.

        Raises:
            Invalid: too many inclusive joins lie within loops.
        """
        if join.id not in self._looped:
            return self._all[flow.source]
        mask, todo, seen, owner = 0, [flow], {flow.id}, self._owner
        while todo:
            current = todo.pop()
            if current is not flow:
                mask |= owner.flow(current)
            if current.source == join.id:
                continue
            places, before = self.behind(current.source)
            mask |= places
            owner.net.walked += len(before) + 1
            for earlier in before:
                if earlier.id not in seen:
                    seen.add(earlier.id)
                    todo.append(earlier)
            if owner.net.walked > MOST:
                raise Invalid("流程图的包容网关过多，请拆成几个流程。", code="too_large")
        return mask
