"""Tasks in the hands of people who can no longer handle them: they left, lost the position or the certificate, or their
account was suspended. The workers put such tasks back; the record says why. Nothing is handed in by that.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.diagrams import service as diagrams
from app.engine import service as engine
from app.kernel import clock, jobs, writes
from app.kernel.errors import XingquanError
from app.people import service as people

from . import dropping, hands, late, locking, noting
from .locking import Running
from .models import Case, Involvement, Part, PartState, WorkItem, WorkStatus

log = logging.getLogger(__name__)

EVERY = 600
"""Seconds between two looks."""
JOB = "cases.put_back"
ENDED = """
select o.id from officer o
where (cast(:agency as bigint) is null or o.agency_id = :agency) and (not o.active
    or exists (select from posting p where p.officer_id = o.id and p.valid_to < :today)
    or exists (select from certificate c where c.officer_id = o.id and (c.valid_to < :today or c.revoked_on <= :today
        or c.suspended_from <= :today and (c.suspended_to is null or c.suspended_to >= :today)))
    or exists (select from account a where a.officer_id = o.id
        and not (a.active and a.roles && array['officer', 'analyst']::text[])))
order by o.id
"""
"""Of whom something has ended: who never held a thing, has not lost it."""
IN_HAND = """
select w.id, w.version, w.case_id, w.position_key, w.step, w.officers, w.kind, c.procedure_id from work_item w
join "case" c on c.id = w.case_id and c.status = 'open'
where w.id in (
    select id from work_item where kind = 'user' and status in ('open', 'cosign') and assignee_id = :officer
    union select id from work_item where kind = 'user' and status = 'cosign' and cosigner_id = :officer
    union select id from work_item where kind = 'user' and status = 'signing' and :officer in (assignee_id, cosigner_id)
    union select m.id from case_handler h join work_item m on m.case_id = h.case_id
        where h.officer_id = :officer and m.kind = 'message' and m.status in ('open', 'late') and m.assignee_id = :officer
) order by w.case_id, w.id
"""
AWAITED = """
select i.work_item_id as id, w.version, w.case_id from involvement i
join work_item w on w.id = i.work_item_id and w.status in ('open', 'cosign', 'signing')
join "case" c on c.id = i.case_id and c.status = 'open'
where i.officer_id = :officer and i.state = 'open' and i.part in ('delegate', 'signer') order by w.case_id, w.id
"""
"""The tasks in which an officer was asked to prepare something or to sign, and has not answered."""
WAITING = (WorkStatus.OPEN, WorkStatus.COSIGN, WorkStatus.SIGNING, WorkStatus.LATE)
HANDED_IN = (WorkStatus.COSIGN, WorkStatus.SIGNING)
LEFT = "不再是本机关在职人员"
SUSPENDED = "账号已停用或者没有办案权限"


def ended(session: Session, agency_id: int | None = None) -> Sequence[int]:
    """The officers (of one agency) of whom something has ended: a posting, a certificate or what makes it count, the
    account, the service."""
    found = session.execute(text(ENDED), {"agency": agency_id, "today": clock.today()})
    return sorted({*found.scalars(), *people.barred(session, agency_id)})


def cause(session: Session, officer_id: int, position: str, certificate: str, agency_id: int) -> str:
    """Why an officer cannot handle a task of a position that asks for a certificate (each empty: for none); empty where
    nothing is in the way."""
    if officer_id not in {card.id for card in people.officers_at(session, agency_id)}:
        return LEFT
    account = people.accounts_of(session, [officer_id]).get(officer_id)
    if account is not None and not account.handles:
        return SUSPENDED
    card = people.officer(session, officer_id)
    if position and position not in card.positions:
        return f"不再担任{people.position_names(session).get(position, position)}"
    if certificate and certificate not in {c.kind for c in card.certificates}:
        kind = people.CERTIFICATE_NAMES.get(people.CertificateKind(certificate), "证件")
        return card.why_barred(certificate) or f"{kind}已经失效"
    return ""


def in_hand(session: Session, officer_id: int) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The waiting tasks an officer holds or is to confirm, each with why that person cannot (empty: can)."""
    for row in session.execute(text(IN_HAND), {"officer": officer_id}).mappings().all():
        procedure = diagrams.procedure(session, row["procedure_id"])
        needs = hands.certificate_for(procedure, row["step"], row["officers"])
        agency = people.officer(session, officer_id).agency_id
        yield row, cause(session, officer_id, row["position_key"], needs, agency)


def look(session: Session, now: datetime) -> None:
    """Ask for every task to be put back whose person cannot handle it any more, and for every one that waits for the
    answer of somebody who cannot give it. Periodic work: asking twice for the same version of a task is asking once."""
    for officer_id in ended(session):
        for row, why in in_hand(session, officer_id):
            if why:
                _ask(session, row)
        for row in session.execute(text(AWAITED), {"officer": officer_id}).mappings().all():
            _ask(session, row)


def _ask(session: Session, row: Mapping[str, Any]) -> None:
    payload = {"work": row["id"], "case": row["case_id"]}
    jobs.enqueue(session, JOB, payload, key=f"{JOB}:{row['id']}:{row['version']}")


def put_back_job(session: Session, payload: Mapping[str, Any]) -> None:
    """Put one task back, if it is still so. A case whose seal is broken stays as it is; the log names it."""
    try:
        with writes.nested(session):
            put_back(session, int(payload["case"]), int(payload["work"]))
    except XingquanError:
        log.exception("the task %s could not be put back", payload["work"])


def take_away(session: Session, officer_id: int) -> int:
    """Put back at once, in this transaction, every task that an officer can no longer handle and every one that waits for
    an answer the officer can no longer give; how many. The case of a broken seal stays as it is; the log names it."""
    asked = [row for row, why in in_hand(session, officer_id) if why]
    asked += session.execute(text(AWAITED), {"officer": officer_id}).mappings().all()
    done = 0
    for case_id, work_id in sorted({(row["case_id"], row["id"]) for row in asked}):
        try:
            with writes.nested(session):
                done += bool(put_back(session, case_id, work_id))
        except XingquanError:
            log.exception("the task %s could not be taken away", work_id)
    return done


def put_back(session: Session, case_id: int, work_item_id: int) -> str:
    """Put a task back whose person cannot handle it any more, recorded with the cause; the cause, empty where there is
    none. What was typed or handed in for confirmation stays with the task.

    An assignee who cannot: to the pool. A second officer who cannot confirm: back to the first one. So does what has been
    handed in and waits for further signers, for either of the two. A delegate or signer who cannot answer any more is
    asked no longer; nothing takes effect by that (`dropping`).
    """
    running = locking.lock(session, case_id)
    chosen = select(WorkItem).where(WorkItem.id == work_item_id, WorkItem.case_id == case_id)
    work = session.scalar(chosen.execution_options(populate_existing=True))
    told = _put_back(running, work) if work is not None else ""
    session.flush()
    locking.release(session)
    return told


def _put_back(running: Running, work: WorkItem) -> str:
    session, case = running.session, running.case
    if work.status not in WAITING:
        return ""
    needs = hands.certificate_for(running.procedure, work.step, work.officers)
    holders = [o for o in (work.assignee_id, work.cosigner_id if work.status in HANDED_IN else None) if o]
    causes = {o: cause(session, o, work.position_key, needs, case.agency_id) for o in holders}
    lost = [o for o in holders if causes[o]]
    silent = _silent(running, work)
    alive = late.covers(case, work) or engine.is_live(running.spec, case.state, work.task_id, work.node)
    if not (lost or silent) or not alive:
        return ""
    if lost:
        _from_hand(running, work, lost)
    names = people.officers(session, {*lost, *silent})
    for officer_id, why in silent.items():
        if not dropping.drop(running, work, officer_id, why):  # a delegate
            hands.end_delegations(session, work, officer_id)
            work.version += 1
    told = [f"{names[o].name}{causes[o]}" for o in lost]
    told += [f"{names[o].name}{why}，不再等候其交回或者签署" for o, why in silent.items()]
    reason = "；".join(told)
    who = list(dict.fromkeys([*lost, *silent]))
    noting.note(running, "work.released_by_rule", {"node": work.node, "officers": who, "reason": reason})
    return reason


def _from_hand(running: Running, work: WorkItem, lost: Sequence[int]) -> None:
    """The task of an assignee who cannot: to the pool. What was handed in must be confirmed and signed anew."""
    if work.assignee_id in lost:
        hands.end_delegations(running.session, work)
        work.assignee_id = None
        work.claimed_at = None
    hands.back_to_hand_in(running, work)
    work.version += 1


def _silent(running: Running, work: WorkItem) -> dict[int, str]:
    """Who was asked to prepare or to sign a task, has not answered and cannot any more, with the cause."""
    session, found = running.session, {}
    chosen = select(Involvement.officer_id, Involvement.part).where(
        Involvement.work_item_id == work.id,
        Involvement.state == PartState.OPEN,
        Involvement.part.in_((Part.DELEGATE, Part.SIGNER)),
    )
    for officer_id, part in session.execute(chosen.order_by(Involvement.id)).tuples():
        position = work.position_key if part == Part.DELEGATE else ""  # signers are asked from elsewhere
        if why := cause(session, officer_id, position, "", running.case.agency_id):
            found[officer_id] = why
    return found


def handler_cause(session: Session, case: Case, officer_id: int) -> str:
    """Why an officer can no longer be a handler of a case; empty where nothing is in the way."""
    procedure = diagrams.procedure(session, case.procedure_id)
    for node in hands.paired_nodes(locking.spec_of(procedure)):
        step, officers = node.attributes.get("step", ""), int(node.attributes.get("officers", 0))
        needs = hands.certificate_for(procedure, step, officers)
        if why := cause(session, officer_id, node.position, needs, case.agency_id):
            return why
    return ""


def register_jobs() -> None:
    """Let the workers know the work of this file."""
    jobs.register(JOB, put_back_job)
    jobs.periodic("cases.lapses", EVERY, look)
