"""One running case as SpiffWorkflow objects. Lives for one act, then is thrown away."""

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from ..kernel.errors import Invalid
from .gateways import InclusiveGateway, Join, ParallelGateway
from .nodes import LIVE, EventGateway
from .script import CONDITIONS
from .timers import Due, LimitTimer

if TYPE_CHECKING:
    from .parser import Spec

MAX_AUTOMATIC = 5000
"""Automatic nodes one act may run: far above any real procedure, far below a hung worker."""


class CaseTask(Task):
    """A token. Ids are small numbers, counted per case: short to store and the same on every replay."""

    def _set_state(self, value: int) -> None:
        self._state = value  # the original writes a log record for every change

    def _add_child(self, task_spec: Any, state: int = TaskState.FUTURE) -> "CaseTask":
        return CaseTask(self.workflow, task_spec, self, state=state, id=self.workflow.top_workflow.next_id())


class _Tokens:
    """What a case and its sub-processes share."""

    tasks: dict[str, CaseTask]
    spec: Any

    def plant(self) -> None:
        """Set the root every token hangs below."""
        self.task_tree = CaseTask(self, self.spec.start, state=TaskState.COMPLETED, id="0")

    def begin(self) -> None:
        """Put the first token."""
        for name in self.spec.start._outputs:
            self.put(name, self.task_tree)

    def put(self, name: str, parent: CaseTask) -> None:
        """Move a token on to the named node."""
        spec = self.spec.task_specs[name]
        spec.arrive(parent._add_child(spec, TaskState.FUTURE))

    def live(self) -> list[CaseTask]:
        """The tokens, in order of arrival."""
        return [task for task in self.tasks.values() if task._state & LIVE]

    def cancel_live(self) -> None:
        """Remove every token."""
        for task in self.live():
            task.cancel()

    def _task_completed_notify(self, task: Task) -> None:
        """Nothing: the original re-examines every waiting task, timers by the wall clock."""


class SubProcessRun(_Tokens, BpmnSubWorkflow):
    """The tokens inside one sub-process."""


class Case(_Tokens, BpmnWorkflow):
    """The case: its tokens, its attributes, and what happened during this act.

    Attributes:
        attributes: the routing attributes, the only data conditions see.
        now: the moment of the act; due: tells when a timer runs out.
        passed: node ids in the order in which tokens left them.
        own_step: the legal step of the task or message that this act completes, empty for a timer's.
    """

    def __init__(self, spec: "Spec", attributes: Mapping[str, Any], now: datetime, due: Due) -> None:
        super().__init__(spec.process, spec.subprocesses, script_engine=CONDITIONS, deserializing=True)
        self.nodes = spec.nodes
        self.attributes = dict(attributes)
        self.now = now
        self.due = due
        self.passed: list[str] = []
        self.own_step = ""
        self.queue: deque[CaseTask] = deque()
        self.counter = 0
        self.plant()

    def next_id(self) -> str:
        self.counter += 1
        return str(self.counter)

    def steps(self) -> tuple[str, ...]:
        """The legal steps passed during this act."""
        found = (self.nodes[name].attributes.get("step", "") for name in self.passed if name in self.nodes)
        return tuple(step for step in found if step)

    def actions(self) -> tuple[str, ...]:
        """The named actions reached during this act."""
        found = (self.nodes[name].attributes.get("action", "") for name in self.passed if name in self.nodes)
        return tuple(action for action in found if action)

    # ---- sub-processes

    def create_subprocess(self, my_task: CaseTask, spec_name: str) -> SubProcessRun:
        run = SubProcessRun(self.subprocess_specs[spec_name], my_task.id, self, deserializing=True)
        run.plant()
        self.subprocesses[my_task.id] = run
        return run

    def end_subprocess(self, task: CaseTask) -> None:
        """Remove a sub-process with everything in it."""
        self.subprocesses.pop(task.id).cancel_live()

    def everywhere(self) -> Iterator[CaseTask]:
        """The tokens of the case and of all its sub-processes."""
        for run in (self, *self.subprocesses.values()):
            yield from run.live()

    # ---- moving

    def settle(self) -> None:
        """Run everything that needs nobody, until only people, messages and timers are waited for.

        Automatic nodes first, then joins: parallel joins and finished sub-processes cannot disturb each
        other; inclusive joins come last because they ask what else may still arrive.
        """
        for _ in range(MAX_AUTOMATIC):
            if self.queue:
                task = self.queue.popleft()
                if task._state == TaskState.READY:  # an end may have cancelled it meanwhile
                    task.run()
            elif not (self._join(ParallelGateway) or self._leave() or self._join(InclusiveGateway)):
                return
        raise Invalid(
            "流程在自动环节之间循环不止，无法继续，请联系流程管理员修改流程图。", code="endless_loop"
        )

    def _join(self, kind: type[Join]) -> bool:
        for run in (self, *self.subprocesses.values()):
            waiting: dict[Any, list[CaseTask]] = {}
            for task in run.live():
                if task._state == TaskState.WAITING and isinstance(task.task_spec, kind):
                    waiting.setdefault(task.task_spec, []).append(task)
            for spec, tokens in waiting.items():
                consumed = spec.ready(tokens)
                if consumed:
                    for token in consumed[1:]:
                        token._set_state(TaskState.COMPLETED)
                    consumed[0].run()
                    return True
        return False

    def _leave(self) -> bool:
        for task in list(self.everywhere()):
            if task._state == TaskState.STARTED and not self.subprocesses[task.id].live():
                self.end_subprocess(task)
                task.run()
                return True
        return False

    # ---- timers

    def timers(self) -> list[tuple[datetime, CaseTask]]:
        """The waiting timers, earliest first; equal ones in order of arrival."""
        waiting = [(LimitTimer.due(task), task) for task in self.everywhere() if "due" in task.internal_data]
        return sorted(waiting, key=lambda pair: (pair[0], int(pair[1].id)))

    def fire_due(self) -> None:
        """Fire the timers that are due, one by one: one may remove the next."""
        for _ in range(MAX_AUTOMATIC):
            timers = self.timers()
            if not timers or timers[0][0] > self.now:
                return
            self.happen(timers[0][1])
            self.settle()
        raise _endless()

    def happen(self, task: CaseTask, event: str = "") -> None:
        """A waited-for event happens. `event` names the one an event gateway was waiting for."""
        if isinstance(task.task_spec, EventGateway):
            timer = task.task_spec.timer()
            task.task_spec.choose(task, event or (timer.name if timer else ""))
        else:
            task._set_state(TaskState.READY)
            self.queue.append(task)
        task.internal_data.pop("due", None)


def _endless() -> Invalid:
    return Invalid("流程在自动环节之间循环不止，请联系流程管理员修改流程图。", code="endless_loop")


def is_message(task: CaseTask) -> bool:
    """Whether the token waits for a message that a person may register."""
    definition = getattr(task.task_spec, "event_definition", None)
    return (
        task._state == TaskState.WAITING
        and definition is not None
        and not isinstance(definition, LimitTimer)
        and not isinstance(task.task_spec, EventGateway)
    )
