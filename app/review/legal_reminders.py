"""Whether the supervising office was reminded of the major decision. The room that sends reminders stands above this
one and leaves its answer here (`install`)."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from app.cases import service as cases
from app.engine import service as engine

Find = Callable[[Session, int, str], datetime | None]
"""When the named action was carried out for a case; None: not so far."""


_finders: dict[str, Find] = {}


def install(action: str, find: Find) -> None:
    """Tell the workbench which named action reminds, and how to learn when it did (done once)."""
    _finders[action] = find


def state(session: Session, running: cases.Running) -> tuple[str, datetime | None] | None:
    """The node that reminds, and when it did; None: the procedure has no such node."""
    for info in engine.nodes(running.spec).values():
        action = info.attributes.get("action", "")
        if action in _finders:
            return info.name, _finders[action](session, running.case.id, action)
    return None
