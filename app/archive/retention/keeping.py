"""The term of every closed case's file: entered once when it is bound, by a sweep for what has no papers, and made longer
by a head. It never becomes shorter, and nothing is ever destroyed here."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import Case
from app.kernel import clock, jobs
from app.kernel.auth import Actor
from app.kernel.errors import Forbidden, Invalid, NotFound, Refused

from ..binding import keeping as binding
from ..binding import plan
from ..models import CaseRetention
from . import rules

BATCH = 200
EVERY = 600
"""Seconds between two looks at closed cases without a term."""
REASON = 300
CONFIRMED = "；以本机关的保管期限表为准"
"""What is said of a rule that the agency's own schedule of terms has to confirm."""
HEADS_ONLY = "延长保管期限由机关分管负责人或主要负责人进行。"


def enter(session: Session, case_id: int) -> None:
    """Enter the term of a case that is closed; a second time changes nothing."""
    case = session.get_one(Case, case_id)
    if case.closed_at is None or session.get(CaseRetention, case_id) is not None:
        return
    found, said = ruling_of(session, case), plan.archived_of(session, case_id)
    asked = said.get("保管期限", "")
    term, closed = rules.longer(found.term, asked), clock.legal_day(case.closed_at)
    row = {
        "case_id": case_id,
        "agency_id": case.agency_id,
        "closed_on": closed,
        "term": term,
        "ends_on": rules.ends_on(term, closed),
        "asked": asked,
        "ground": f"{found.circumstance}：{found.source}{CONFIRMED if found.unsure else ''}"[:300],
        "place": said.get("存放位置", "")[:200],
    }
    session.execute(insert(CaseRetention).values(row).on_conflict_do_nothing())


def ruling_of(session: Session, case: Case) -> rules.Ruling:
    """The least term of a case as it stands, and why."""
    running = cases.running_case(session, case)
    basis = "；".join(running.item["basis"])
    return rules.ruling(rules.Facts(running.procedure.kind, case.passed.keys(), case.attributes, basis))


def sweep(session: Session, now: datetime) -> None:
    """Enter what is closed and has no term yet, the oldest first."""
    has = select(CaseRetention.case_id).where(CaseRetention.case_id == Case.id).exists()
    chosen = (
        select(Case.id).where(Case.status == cases.CaseStatus.CLOSED, ~has).order_by(Case.id).limit(BATCH)
    )
    for case_id in session.scalars(chosen).all():
        enter(session, case_id)


def lengthen(session: Session, actor: Actor, case_id: int, term: str, reason: str) -> None:
    """Keep a case's file longer, on the record; it is bound anew.

    Raises:
        NotFound: the case does not exist for this person, or its file has no term yet.
        Forbidden: this person is no head of the agency.
        Refused: the term is not longer than that in force.
        Invalid: no reason is given.
    """
    found = cases.case(session, actor, case_id)
    if not actor.positions & cases.OVERSEERS:
        raise Forbidden(HEADS_ONLY)
    running = cases.lock(session, case_id)
    kept = session.get(CaseRetention, case_id, with_for_update=True)
    if kept is None:
        raise NotFound("案卷还没有登记保管期限：案件办结归档以后登记。")
    if term not in rules.longer_than(kept.term):
        raise Refused(
            f"保管期限只能延长：现在是{kept.term}，请选择更长的期限。", code="retention", field="term"
        )
    if not reason:
        raise Invalid(errors={"reason": ["请写明延长保管期限的理由。"]})
    before, kept.term = kept.term, term
    kept.ends_on = rules.ends_on(term, kept.closed_on)
    kept.by_id, kept.changed_at, kept.reason = cases.officer_of(actor), clock.now(), reason[:REASON]
    session.flush()
    cases.note(running, actor, "case.kept_longer", {"from": before, "to": term, "reason": reason[:REASON]})
    binding.again(session, case_id, found.agency_id, cases.officer_of(actor))


def register_jobs() -> None:
    """Let the workers look."""
    jobs.periodic("archive.retention", EVERY, sweep)
