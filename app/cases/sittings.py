"""Meetings and hearings held on the platform for a task: a higher room keeps them, the gate `SittingAgrees` asks here."""

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from .gates import Sitting
from .models import WorkItem
from .rules import matches

Find = Callable[[Session, WorkItem], Sitting | None]
End = Callable[[Session, Sequence[int], str], int]
"""Calls off what was not over of these tasks, with the reason; how many."""
_enders: list[End] = []
_finders: list[tuple[tuple[str, ...], Find]] = []


def install(steps: tuple[str, ...], find: Find) -> None:
    """Tell the gates which tasks may have a sitting, by their legal steps, and how it is found (done once a kind)."""
    if (steps, find) not in _finders:
        _finders.append((steps, find))


def of(session: Session, work: WorkItem) -> Sitting | None:
    """The sitting of a task; None: none was held on the platform."""
    for steps, find in _finders:
        if matches(work.step, steps):
            return find(session, work)
    return None


def install_end(end: End) -> None:
    """Tell the cases how the sittings of tasks that are taken back are called off (done once a kind)."""
    if end not in _enders:
        _enders.append(end)


def end_all(session: Session, work_ids: Sequence[int], reason: str) -> int:
    """Call off the sittings of these tasks that are not over; how many there were."""
    return sum(end(session, work_ids, reason) for end in _enders) if work_ids else 0
