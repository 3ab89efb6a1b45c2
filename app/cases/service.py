"""The door of the cases room."""

from sqlalchemy.orm import Session

from app.forms.conditions import evaluate as holds

from . import (
    allocation,
    changes,
    deviations,
    event_log,
    full_text,
    handover,
    lapses,
    moving,
    moving_preview,
    on_demand,
    recusals,
    seeking,
    sight,
    standards,
    switches,
    threshold_editing,
)
from .acts import begin, claim, confirm, hand_in, note, send_back
from .ahead import Ahead
from .ahead import decision as decision_ahead
from .answers import ActResult, checked_key, officer_of, remember
from .applied import Applied as AppliedLaw
from .applied import shown as applied_laws
from .arriving import Opened, arrive, come, send_on
from .attention import Urged, UrgedBy, read_copies, urged, urgings
from .case_acts import Told
from .case_acts import act as case_act
from .completeness import numbering_gaps
from .context import submissions
from .desk import Desk, desk
from .desk_acts.base import read as desk_read
from .desk_acts.carrying import Entry as DeskEntry
from .desk_acts.carrying import carry_out as desk_act
from .desk_acts.carrying import kinds as desk_kinds
from .desk_acts.carrying import listed as desk_listed
from .desk_acts.carrying import menu as desk_menu
from .desk_acts.carrying import offered as desk_offer
from .desk_acts.signing import barred_from
from .desk_settings import is_head
from .discretion import Advice, Cited, cited
from .draft_proving import proof_of_parts
from .established import GROUPS as ESTABLISHED_GROUPS
from .established import Established, established
from .evidence import door as evidence
from .finding import Page
from .finding import page as cases
from .former import RULE as TIGHTEN
from .former import Former, formers_of, standing_id
from .gates import Sitting
from .handling import GOVERNANCE, governs_only, handler_of, handles, opener_of, within
from .hands import loads
from .kept_out import KEPT_OUT, open_to
from .kept_out import check as check_open_to
from .locking import Running, lock, lock_all, spec_of
from .locking import running as running_case
from .migration import migrate
from .models import BatchStatus, Case, CaseStatus, MoveBatch, MoveStatus, WorkItem, WorkStatus
from .moving_run import register_jobs as _register_moving
from .opening import open_case, openable
from .overview import (
    CaseView,
    DueView,
    LineView,
    StepView,
    done,
    due_of,
    dues,
    dues_of,
    evidence_of,
    external_nodes,
    key_facts,
    lines,
    steps,
)
from .overview import case as case_view
from .packages import of_draft as package_of_draft
from .packages import of_tree as package_of_tree
from .packages import of_version as package_of_version
from .packages import take_in as take_package_in
from .packages import whence
from .proving import LEVELS, account, proof_of_draft
from .publication import NO_STANDARD, examined, rule_reasons
from .queries import LATER, OVERSEERS, case, handed_in, numbers_of, visible, work_item
from .round_views import RoundView, rounds, waits_for
from .rules import ABOUT_PERSONS, matches
from .seals import intact
from .search import named, veiled, words
from .several import Task as NamedTask
from .several import tasks as named_tasks
from .sign_rules import STANCES
from .signing import AWAITED, took_part
from .signing import advice as signing_advice
from .sittings import install as install_sitting
from .sittings import install_end as install_sitting_end
from .stepping import advised, context_of, form_context, form_named, form_of, open_work, signer
from .substituting import absent_of
from .substituting import name_of as name_at
from .timers import fire_due
from .trial import Happened, Stage, form_at, play
from .trial_runs import RunResult, check, check_all, record, run_text
from .trial_script import Act, Outcome, Run, Script, read_run, read_script, script_values

__all__ = [
    "ABOUT_PERSONS",
    "AWAITED",
    "ESTABLISHED_GROUPS",
    "GOVERNANCE",
    "KEPT_OUT",
    "LATER",
    "LEVELS",
    "NO_STANDARD",
    "OVERSEERS",
    "STANCES",
    "TIGHTEN",
    "Act",
    "ActResult",
    "Advice",
    "Ahead",
    "AppliedLaw",
    "BatchStatus",
    "Case",
    "CaseStatus",
    "CaseView",
    "Cited",
    "Desk",
    "DeskEntry",
    "DueView",
    "Established",
    "Former",
    "Happened",
    "LineView",
    "MoveBatch",
    "MoveStatus",
    "NamedTask",
    "Opened",
    "Outcome",
    "Page",
    "RoundView",
    "Run",
    "RunResult",
    "Script",
    "Sitting",
    "Stage",
    "StepView",
    "Told",
    "Urged",
    "UrgedBy",
    "WorkItem",
    "WorkStatus",
    "absent_of",
    "account",
    "advised",
    "allocation",
    "applied_laws",
    "arrive",
    "barred_from",
    "begin",
    "case",
    "case_act",
    "case_view",
    "cases",
    "changes",
    "check",
    "check_all",
    "check_open_to",
    "checked_key",
    "cited",
    "claim",
    "come",
    "confirm",
    "context_of",
    "decision_ahead",
    "desk",
    "desk_act",
    "desk_kinds",
    "desk_listed",
    "desk_menu",
    "desk_offer",
    "desk_read",
    "deviations",
    "done",
    "due_of",
    "dues",
    "dues_of",
    "established",
    "event_log",
    "evidence",
    "evidence_of",
    "examined",
    "external_nodes",
    "fire_due",
    "form_at",
    "form_context",
    "form_named",
    "form_of",
    "formers_of",
    "full_text",
    "governs_only",
    "hand_in",
    "handed_in",
    "handler_of",
    "handles",
    "handover",
    "holds",
    "install_sitting",
    "install_sitting_end",
    "intact",
    "is_head",
    "key_facts",
    "lapses",
    "lines",
    "loads",
    "lock",
    "lock_all",
    "matches",
    "migrate",
    "moving",
    "moving_preview",
    "name_at",
    "named",
    "named_tasks",
    "note",
    "numbering_gaps",
    "numbers_of",
    "officer_of",
    "on_demand",
    "open_case",
    "open_to",
    "open_work",
    "openable",
    "opener_of",
    "package_of_draft",
    "package_of_tree",
    "package_of_version",
    "play",
    "proof_of_draft",
    "proof_of_parts",
    "read_copies",
    "read_run",
    "read_script",
    "record",
    "recusals",
    "register_jobs",
    "remember",
    "rounds",
    "rule_reasons",
    "run_text",
    "running",
    "running_case",
    "script_values",
    "seeking",
    "send_back",
    "send_on",
    "sight",
    "signer",
    "signing_advice",
    "spec_of",
    "standards",
    "standing_id",
    "steps",
    "submissions",
    "switches",
    "take_package_in",
    "threshold_editing",
    "took_part",
    "urged",
    "urgings",
    "veiled",
    "visible",
    "waits_for",
    "whence",
    "within",
    "words",
    "work_item",
]


def running(session: Session, work: WorkItem) -> Running:
    """The case of a task with all that its page needs, unlocked."""
    return running_case(session, session.get_one(Case, work.case_id))


def register_jobs() -> None:
    """Let the workers know the work of this room."""
    _register_moving()
    lapses.register_jobs()
    sight.register_jobs()
    full_text.register_jobs()
