"""Timers in the platform's own limit syntax: `5wd` working days, `15d` days, `24h` hours.

When a timer comes due is legal knowledge (working calendar, side, anchor), so the engine asks for it once,
on entry, and keeps the answer in the state. After that a timer is a comparison of two moments; nothing here
reads a clock.
"""

import re
from collections.abc import Callable
from datetime import datetime

from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.task import Task

Due = Callable[[str, str, datetime], datetime]
"""(limit, anchor step or empty, moment of entry) -> the aware moment at which the limit has run out."""

LIMIT = re.compile(r"[1-9][0-9]{0,3}(wd|d|h)")


def is_limit(text: str) -> bool:
    """Whether the text is a limit such as `5wd`, `30d` or `24h`."""
    return LIMIT.fullmatch(text) is not None


class LimitTimer(TimerEventDefinition):
    """A limit, counted from the completion of `anchor` (a legal step) or, without one, from entry."""

    def __init__(self, name: str, limit: str, anchor: str) -> None:
        super().__init__(name, limit)
        self.limit = limit
        self.anchor = anchor

    def schedule(self, task: Task) -> None:
        """Fix the due moment of a task that has just begun to wait."""
        case = task.workflow.top_workflow
        # The caller knows the legal moment of the step it completes (served on Monday, entered on Wednesday).
        # A step passed on the way (an event, a service task) is not on its record yet: it is counted from now,
        # and the moment an earlier round left there must not be used.
        passed_on_the_way = self.anchor in case.steps() and self.anchor != case.own_step
        anchor = "" if passed_on_the_way else self.anchor
        task.internal_data["due"] = case.due(self.limit, anchor, case.now).isoformat()

    @staticmethod
    def due(task: Task) -> datetime:
        """The stored due moment."""
        return datetime.fromisoformat(task.internal_data["due"])

    def has_fired(self, my_task: Task) -> bool:
        return bool(self.due(my_task) <= my_task.workflow.top_workflow.now)
