"""What ends for an officer ends at once: in the same transaction the open tasks that the person can no longer handle are
taken away, and the heads of the agency are told."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from app.kernel import clock

from . import notices
from .models import Officer

TakeAway = Callable[[Session, int], int]
_take_away: TakeAway | None = None


def install(take_away: TakeAway) -> None:
    """Who takes the tasks away of an officer who can no longer handle them, and says how many."""
    global _take_away
    _take_away = take_away


def ended(session: Session, officer_id: int, what: str) -> int:
    """An officer has lost something, `what` says it in words; the number of tasks that were taken away."""
    session.flush()
    taken = _take_away(session, officer_id) if _take_away else 0
    person = session.get_one(Officer, officer_id)
    told = f"{person.name}{what}。"
    if taken:
        told += f"在办的 {taken} 项任务已退回岗位待办，请安排其他人员办理；承办人员须更换的，请在“工作移交”中办理。"
    else:
        told += "没有因此退回的在办任务。"
    key = f"ended:{officer_id}:{clock.now():%Y%m%d%H%M%S%f}"
    notices.tell(session, notices.heads_of(session, person.agency_id), officer_id, key, told)
    return taken
