"""The door of the cases room."""

from sqlalchemy.orm import Session

from .acts import claim, confirm, hand_in, send_back
from .answers import ActResult, officer_of
from .locking import Running, lock, lock_all, spec_of
from .locking import running as running_case
from .models import Case, CaseStatus, WorkItem, WorkStatus
from .opening import open_case
from .overview import DueView, StepView, done, dues, key_facts, steps
from .queries import apply_search, case, cases, visible, work_item
from .rules import matches
from .stepping import context_of, form_context, form_of, holds, open_work, signer
from .timers import fire_due

__all__ = [
    "ActResult",
    "Case",
    "CaseStatus",
    "DueView",
    "StepView",
    "WorkItem",
    "WorkStatus",
    "apply_search",
    "case",
    "cases",
    "claim",
    "confirm",
    "context_of",
    "done",
    "dues",
    "fire_due",
    "form_context",
    "form_of",
    "hand_in",
    "holds",
    "key_facts",
    "lock",
    "lock_all",
    "matches",
    "officer_of",
    "open_case",
    "open_work",
    "running",
    "send_back",
    "signer",
    "spec_of",
    "steps",
    "visible",
    "work_item",
]


def running(session: Session, work: WorkItem) -> Running:
    """The case of a task with all that its page needs, unlocked."""
    return running_case(session, session.get_one(Case, work.case_id))
