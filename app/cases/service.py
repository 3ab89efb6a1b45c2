"""The door of the cases room."""

from sqlalchemy.orm import Session

from . import seeking
from .acts import claim, confirm, hand_in, send_back
from .answers import ActResult, officer_of
from .completeness import numbering_gaps
from .desk import Desk, desk
from .finding import Page
from .finding import page as cases
from .locking import Running, lock, lock_all, spec_of
from .locking import running as running_case
from .migration import migrate
from .models import Case, CaseStatus, WorkItem, WorkStatus
from .opening import open_case
from .overview import (
    CaseView,
    DueView,
    LineView,
    StepView,
    done,
    due_of,
    dues,
    dues_of,
    key_facts,
    lines,
    steps,
)
from .overview import case as case_view
from .proving import proof_of_draft
from .queries import LATER, OVERSEERS, case, visible, work_item
from .rules import matches
from .seals import intact
from .search import named, veiled, words
from .stepping import context_of, form_context, form_of, holds, open_work, signer
from .timers import fire_due

__all__ = [
    "LATER",
    "OVERSEERS",
    "ActResult",
    "Case",
    "CaseStatus",
    "CaseView",
    "Desk",
    "DueView",
    "LineView",
    "Page",
    "StepView",
    "WorkItem",
    "WorkStatus",
    "case",
    "case_view",
    "cases",
    "claim",
    "confirm",
    "context_of",
    "desk",
    "done",
    "due_of",
    "dues",
    "dues_of",
    "fire_due",
    "form_context",
    "form_of",
    "hand_in",
    "holds",
    "intact",
    "key_facts",
    "lines",
    "lock",
    "lock_all",
    "matches",
    "migrate",
    "named",
    "numbering_gaps",
    "officer_of",
    "open_case",
    "open_work",
    "proof_of_draft",
    "running",
    "running_case",
    "seeking",
    "send_back",
    "signer",
    "spec_of",
    "steps",
    "veiled",
    "visible",
    "words",
    "work_item",
]


def running(session: Session, work: WorkItem) -> Running:
    """The case of a task with all that its page needs, unlocked."""
    return running_case(session, session.get_one(Case, work.case_id))
