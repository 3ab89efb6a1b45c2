"""The door of the cases room."""

from sqlalchemy.orm import Session

from .acts import ActResult, claim, confirm, hand_in, officer_of, open_case, send_back
from .migration import migrate
from .models import Case, CaseStatus, WorkItem, WorkStatus
from .overview import DueView, StepView, done, dues, key_facts, steps
from .queries import apply_search, case, cases, visible, work_item
from .rules import matches
from .stepping import (
    Running,
    context_of,
    form_context,
    form_of,
    holds,
    lock,
    lock_all,
    open_work,
    signer,
    spec_of,
)
from .stepping import running as running_case
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
    "migrate",
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
