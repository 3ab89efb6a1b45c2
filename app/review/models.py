"""The tables of the room."""

from .hearing_models import Hearing, HearingPerson
from .legal_models import ReviewedDraft, ReviewRemark
from .meeting_models import Meeting, MeetingMember

__all__ = ["Hearing", "HearingPerson", "Meeting", "MeetingMember", "ReviewRemark", "ReviewedDraft"]
