"""Who handles a case, when one of its handlers is replaced."""

from typing import TYPE_CHECKING

from app.kernel import writes

from . import stepping
from .models import Handler

if TYPE_CHECKING:
    from .locking import Running


def succeed(running: "Running", officer_id: int, successor_id: int) -> None:
    """Let another officer be the handler in the place of this one."""
    case = running.case
    roles = {h.officer_id: h.role for h in running.handlers}
    running.handlers = [
        Handler(case_id=case.id, officer_id=successor_id if who == officer_id else who, role=role)
        for who, role in roles.items()
    ]
    writes.run(running.session, stepping.FORGET_HANDLERS, {"case": case.id})
    for handler in running.handlers:
        writes.insert(running.session, handler)
