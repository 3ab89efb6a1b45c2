"""Token-correct gateways.

A join keeps its arrivals as waiting tokens, each with the flow it came by, and fires only when the case has
settled: no automatic node is left to run. It consumes exactly one token per flow, so a second round of a
loop finds nothing of the first, and an excess token stays for the next firing.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from ..kernel.errors import Invalid
from .nodes import LIVE, BoundaryEvent, BoundarySplit, Token


class ExclusiveGateway(Token, defaults.ExclusiveGateway):
    """The first flow, in document order, whose condition holds; else the default."""

    def targets(self, task: Task) -> Sequence[str]:
        for condition, name in self.cond_task_specs:
            if condition is not None and condition._matches(task):
                return (name,)
        if self.default_task_spec is None:
            raise Invalid(f"网关“{self.bpmn_name or self.name}”没有任何分支成立。", code="no_branch")
        return (self.default_task_spec,)


class Join(Token, ABC):
    """A gateway that may have to wait for more than one token."""

    _inputs: list[str]

    def arrive(self, task: Task) -> None:
        if len(self._inputs) == 1:
            super().arrive(task)
        else:
            task._set_state(TaskState.WAITING)
            task.internal_data["via"] = task.parent.task_spec.name

    @abstractmethod
    def ready(self, waiting: Sequence[Task]) -> list[Task]:
        """The tokens to consume if the join can fire now, else nothing. `waiting` is in order of arrival."""

    @staticmethod
    def _first_by_flow(waiting: Iterable[Task]) -> dict[str, Task]:
        first: dict[str, Task] = {}
        for token in waiting:
            first.setdefault(token.internal_data["via"], token)
        return first


class ParallelGateway(Join, defaults.ParallelGateway):
    """Fires with one token from every incoming flow."""

    def ready(self, waiting: Sequence[Task]) -> list[Task]:
        first = self._first_by_flow(waiting)
        return list(first.values()) if len(first) == len(self._inputs) else []


class InclusiveGateway(Join, defaults.InclusiveGateway):
    """Fires when no token elsewhere can still reach an incoming flow that has none (BPMN 2.0, 13.4.3).

    A token that can also reach a flow which already has one does not hold the join up.
    """

    _reach: dict[str, frozenset[str]] | None = None

    def ready(self, waiting: Sequence[Task]) -> list[Task]:
        first = self._first_by_flow(waiting)
        if len(first) < len(self._inputs):
            reach = self._reachable()
            for token in waiting[0].workflow.tasks.values():
                if token.task_spec is self or not token.has_state(LIVE):
                    continue
                inputs = reach.get(token.task_spec.name, frozenset())
                if inputs and inputs.isdisjoint(first):
                    return []
        return list(first.values())

    def _reachable(self) -> dict[str, frozenset[str]]:
        """Node -> the incoming flows (by their source) that a token there can still reach."""
        if self._reach is None:
            found: dict[str, set[str]] = {}
            for flow in self._inputs:
                todo, seen = [flow], {flow, self.name}
                while todo:
                    spec = self._wf_spec.task_specs[todo.pop()]
                    found.setdefault(spec.name, set()).add(flow)
                    before = list(spec._inputs)
                    if isinstance(spec, BoundaryEvent):
                        # The event happens to a token that stands on its host.
                        before.append(spec.inputs[0]._outputs[0])
                    new = [name for name in before if name not in seen]
                    seen.update(new)
                    todo.extend(new)
            # A waiting boundary event is no token, its host is.
            hosted = {
                name
                for spec in self._wf_spec.task_specs.values()
                if isinstance(spec, BoundarySplit)
                for name in spec._outputs[1:]
            }
            self._reach = {k: frozenset(v) for k, v in found.items() if k not in hosted}
        return self._reach

    def targets(self, task: Task) -> Sequence[str]:
        chosen = [name for condition, name in self.cond_task_specs if condition and condition._matches(task)]
        default = [name for condition, name in self.cond_task_specs if condition is None]
        if not chosen and not default:
            raise Invalid(f"网关“{self.bpmn_name or self.name}”没有任何分支成立。", code="no_branch")
        return chosen or default
