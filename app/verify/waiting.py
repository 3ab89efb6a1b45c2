"""What an inclusive join waits for: the places from which a token can still come to one of its flows (13.4.3).

A join that no way leads back to itself from is behind everything that leads to it, and what leads to a node is
computed once for all nodes. Only of a join within a loop the ways must be walked for itself, so that they end
where the join is visited again.
"""

from typing import TYPE_CHECKING

from ..kernel.errors import Invalid
from .components import gathered
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
        number = {ident: i for i, ident in enumerate(owner.process.nodes)}
        led, own = [], []
        for ident in number:
            places, before = self.behind(ident)
            for flow in before:
                places |= owner.flow(flow)
            own.append(places)
            led.append([number[flow.source] for flow in before])
        self._all = dict(zip(number, gathered(led, own), strict=True))

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
        owner, everything = self._owner, self._all[flow.source]
        if not any(everything & owner.flow(own) for own in join.incoming):
            return everything  # no way leads back to the join
        mask, todo, seen = 0, [flow], {flow.id}
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
