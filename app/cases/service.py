"""The door of the cases room."""

from sqlalchemy.orm import Session

from . import seeking
from .acts import claim, confirm, hand_in, send_back
from .answers import ActResult, officer_of
from .completeness import numbering_gaps
from .desk import Desk, desk
from .discretion import Advice
from .finding import Page
from .finding import page as cases
from .handling import GOVERNANCE, governs_only, handler_of, handles, opener_of, within
from .locking import Running, lock, lock_all, spec_of
from .locking import running as running_case
from .migration import migrate
from .models import Case, CaseStatus, WorkItem, WorkStatus
from .opening import open_case, openable
from .overview import CaseView, DueView, LineView, StepView, done, due_of, dues, key_facts, lines, steps
from .overview import case as case_view
from .packages import of_draft as package_of_draft
from .packages import of_tree as package_of_tree
from .packages import of_version as package_of_version
from .packages import take_in as take_package_in
from .packages import whence
from .proving import LEVELS, account, proof_of_draft
from .publication import examined, rule_reasons
from .queries import LATER, OVERSEERS, case, visible, work_item
from .rules import matches
from .seals import intact
from .search import named, veiled, words
from .stepping import advised, context_of, form_context, form_of, holds, open_work, signer
from .timers import fire_due

__all__ = [
    "GOVERNANCE",
    "LATER",
    "LEVELS",
    "OVERSEERS",
    "ActResult",
    "Advice",
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
    "account",
    "advised",
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
    "examined",
    "fire_due",
    "form_context",
    "form_of",
    "governs_only",
    "hand_in",
    "handler_of",
    "handles",
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
    "openable",
    "opener_of",
    "package_of_draft",
    "package_of_tree",
    "package_of_version",
    "proof_of_draft",
    "rule_reasons",
    "running",
    "running_case",
    "seeking",
    "send_back",
    "signer",
    "spec_of",
    "steps",
    "take_package_in",
    "veiled",
    "visible",
    "whence",
    "within",
    "words",
    "work_item",
]


def running(session: Session, work: WorkItem) -> Running:
    """The case of a task with all that its page needs, unlocked."""
    return running_case(session, session.get_one(Case, work.case_id))
