"""What each BPMN element does when a token reaches it.

SpiffWorkflow's own specs predict the future of the task tree and look through its history; that is where
joins in loops fire early, branch data is lost and the tree grows. Ours keep to the token rule of BPMN 2.0:
a task in the tree is a token, a finished task is nothing. Routing attributes belong to the case, so tokens
carry no data that a join could lose.
"""

from collections.abc import Sequence
from typing import Any

from SpiffWorkflow.bpmn.specs import control, defaults
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition, TerminateEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from .timers import LimitTimer

LIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED


class Token:
    """Mixed in before a SpiffWorkflow spec: replaces prediction and history by plain token passing."""

    name: str
    _outputs: list[str]

    def arrive(self, task: Task) -> None:
        """A token has reached the node. Nodes that need nobody run as soon as the case settles."""
        task._set_state(TaskState.READY)
        task.workflow.top_workflow.queue.append(task)

    def targets(self, task: Task) -> Sequence[str]:
        """The names of the nodes the token goes on to."""
        return self._outputs

    def _predict(self, my_task: Task, seen: object = None, looked_ahead: int = 0, mask: int = 0) -> None:
        """Nothing is predicted: the tree holds tokens only."""

    def _update(self, my_task: Task) -> None:
        self.arrive(my_task)

    def _run(self, my_task: Task) -> bool:
        return True

    def _on_complete(self, my_task: Task) -> None:
        parent = my_task.parent
        if isinstance(parent.task_spec, BoundarySplit):
            parent.task_spec.child_completed(my_task)
        my_task.workflow.top_workflow.passed.append(self.name)
        for name in self.targets(my_task):
            my_task.workflow.put(name, my_task)

    def _on_cancel(self, my_task: Task) -> None:
        """A cancelled token leaves nothing behind."""


class UserTask(Token, defaults.UserTask):
    """Waits for a person."""

    def arrive(self, task: Task) -> None:
        task._set_state(TaskState.READY)


class ServiceTask(Token, defaults.ServiceTask):
    """A named, registered action. The engine only reports that it was reached."""


class StartEvent(Token, defaults.StartEvent):
    """The one plain start of a process or sub-process."""


class ThrowEvent(Token, defaults.IntermediateThrowEvent):
    """A milestone: passed at once, its legal step is reported."""


class EndEvent(Token, defaults.EndEvent):
    """Consumes its token; a terminate end also all others of its process or sub-process."""

    def targets(self, task: Task) -> Sequence[str]:
        if isinstance(self.event_definition, TerminateEventDefinition):
            task.workflow.cancel_live()
        return ()


class CatchEvent(Token, defaults.IntermediateCatchEvent):
    """Waits for its message or its timer."""

    event_definition: Any

    def arrive(self, task: Task) -> None:
        task._set_state(TaskState.WAITING)
        if isinstance(self.event_definition, LimitTimer):
            self.event_definition.schedule(task)


class BoundaryEvent(Token, defaults.BoundaryEvent):
    """Waits while its host does."""

    arrive = CatchEvent.arrive


class BoundarySplit(Token, control.BoundaryEventSplit):
    """Stands before a node with boundary events: opens the host and its events side by side."""

    def arrive(self, task: Task) -> None:
        task._set_state(TaskState.COMPLETED)
        for name in self._outputs:
            task.workflow.put(name, task)

    @staticmethod
    def child_completed(child: Task) -> None:
        """The host, or an event that interrupts it, ends everything beside it."""
        if isinstance(child.task_spec, BoundaryEvent) and not child.task_spec.cancel_activity:
            return
        for sibling in child.parent.children:
            if sibling is not child and sibling.has_state(LIVE):
                sibling.cancel()


class SubProcess(Token, defaults.SubWorkflowTask):
    """An embedded sub-process: one token outside stands for all tokens inside."""

    def arrive(self, task: Task) -> None:
        task._set_state(TaskState.STARTED)
        task.workflow.top_workflow.create_subprocess(task, self.spec).begin()

    def _on_cancel(self, my_task: Task) -> None:
        my_task.workflow.top_workflow.end_subprocess(my_task)


class CallActivity(SubProcess, defaults.CallActivity):
    """A called process runs like an embedded one: it sees the same case attributes."""


class EventGateway(Token, BpmnSpecMixin):
    """Waits for the first of several events.

    SpiffWorkflow's own moves the definitions of the events into the gateway and keeps what it saw as
    objects, so that a second timer shadows the first and the state cannot be stored. Here the events stay
    where they are drawn; only the due moment of the one timer is kept.
    """

    def arrive(self, task: Task) -> None:
        task._set_state(TaskState.WAITING)
        timer = self.timer()
        if timer is not None:
            timer.event_definition.schedule(task)

    def timer(self) -> CatchEvent | None:
        """The gateway's timer event; the publication gate lets at most one through."""
        return next((e for e in self.outputs if isinstance(e.event_definition, LimitTimer)), None)

    def messages(self) -> list[str]:
        """The names of the message events it waits for."""
        return [e.name for e in self.outputs if not isinstance(e.event_definition, LimitTimer)]

    def choose(self, task: Task, event: str) -> None:
        """The event has happened: the token passes through it, the other branches are gone."""
        task.internal_data["chosen"] = event
        task._set_state(TaskState.READY)
        task.workflow.top_workflow.queue.append(task)

    def _on_complete(self, my_task: Task) -> None:
        event = my_task._add_child(self._wf_spec.task_specs[my_task.internal_data["chosen"]], TaskState.READY)
        my_task.workflow.top_workflow.queue.append(event)


NOTHING = NoneEventDefinition()
