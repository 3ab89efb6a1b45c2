"""Sittings of tasks that were taken back (returned, withdrawn): nobody waits for them any more."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from .hearing_models import Hearing, HearingState
from .meeting_models import Meeting, MeetingState

WORDS = "承办任务被退回或者撤回"


def end(session: Session, work_ids: Sequence[int], reason: str) -> int:
    """Call off the meetings and hearings of these tasks that are not over, with the reason; how many. What was said,
    voted and signed in them stays as it was written."""
    meetings = session.scalars(
        select(Meeting).where(
            Meeting.work_item_id.in_(work_ids),
            Meeting.state.not_in((MeetingState.CLOSED, MeetingState.CANCELLED)),
        )
    ).all()
    for meeting in meetings:
        meeting.state = MeetingState.CANCELLED
        meeting.minutes = {**meeting.minutes, "reason": f"{WORDS}：{reason}"}
    hearings = session.scalars(
        select(Hearing).where(
            Hearing.work_item_id.in_(work_ids),
            Hearing.state.not_in((HearingState.CLOSED, HearingState.CANCELLED)),
        )
    ).all()
    for hearing in hearings:
        hearing.state = HearingState.CANCELLED
        hearing.plan = {**hearing.plan, "called_off": f"{WORDS}：{reason}"}
    return len(meetings) + len(hearings)
