"""Recusal (回避): asked for by the officer, the party or a head, decided by the head of the agency, and from then on a
gate: whoever is out of a case acts in it through no door (`gates.persons.Recused`).

Until the decision the investigation does not stop. What was decided is undone by another decision alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from app.people import service as people

from . import acts, dropping, handing, hands, kept_out, locking, on_demand, queries, stepping
from .answers import ActResult, answered, checked_key, remember
from .handling import handler_of
from .locking import Running
from .models import (
    Case,
    CaseStatus,
    Done,
    Involvement,
    Part,
    PartState,
    Recusal,
    RecusalState,
    WorkItem,
    WorkStatus,
)
from .recusing import (
    Decision,
    Request,
    collective,
    law,
    may_not_decide,
    successors,
    wrong_decision,
    wrong_request,
)

WAITING = (WorkStatus.OPEN, WorkStatus.COSIGN, WorkStatus.SIGNING, WorkStatus.LATE)
STATES = {"requested": "待决定", "approved": "已决定回避", "rejected": "决定不回避", "lifted": "已解除回避"}
GONE = "没有这项回避，或者它不属于您的机关和岗位。"


@dataclass(frozen=True, slots=True)
class RecusalView:
    """A recusal as pages tell it."""

    id: int
    officer_id: int
    officer: str
    kind: str
    ground: str
    state: str
    said: Mapping[str, Any]
    requested_by: str
    requested_at: datetime
    decided_by: str
    decided_at: datetime | None
    successor: str
    lifted_by: str
    lifted_at: datetime | None


def of_case(session: Session, case_id: int) -> Sequence[RecusalView]:
    """Every recusal of a case that this person may see, newest first."""
    rows = session.scalars(
        select(Recusal).where(Recusal.case_id == case_id).order_by(Recusal.id.desc())
    ).all()
    people_in = ("officer_id", "requested_by", "decided_by", "successor_id", "lifted_by")
    names = people.officers(
        session, {who for row in rows for who in (getattr(row, p) for p in people_in) if who}
    )

    def name(officer_id: int | None) -> str:
        return names[officer_id].name if officer_id else ""

    return [
        RecusalView(
            row.id,
            row.officer_id,
            name(row.officer_id),
            row.kind,
            law()["grounds"].get(row.ground, row.ground),
            row.state,
            row.said,
            name(row.requested_by),
            row.requested_at,
            name(row.decided_by),
            row.decided_at,
            name(row.successor_id),
            name(row.lifted_by),
            row.lifted_at,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits for a decision."""

    id: int
    case_id: int
    no: str
    title: str
    officer: str
    kind: str
    requested_at: datetime


def waiting(session: Session, actor: Actor) -> Sequence[Waiting]:
    """The requests of the agency that wait for a decision of this person, oldest first."""
    if not actor.positions & set(law()["records_collective"]):
        return []
    rows = session.execute(
        select(Recusal, Case.no, Case.title)
        .join(Case, Case.id == Recusal.case_id)
        .where(
            Recusal.agency_id == actor.agency_id,
            Recusal.state == RecusalState.REQUESTED,
            Case.status == CaseStatus.OPEN,
            kept_out.open_to(actor, Recusal.case_id),
        )
        .order_by(Recusal.id)
        .limit(100)
    ).all()
    mine = [row for row in rows if not may_not_decide(session, actor, row[0].officer_id)]
    names = people.officers(session, {row.officer_id for row, _, _ in mine})
    return [
        Waiting(
            row.id,
            row.case_id,
            no,
            title,
            names[row.officer_id].name,
            law()["kinds"].get(row.kind, row.kind),
            row.requested_at,
        )
        for row, no, title in mine
    ]


def request(session: Session, actor: Actor, case_id: int, key: str, asked: Request) -> ActResult:
    """Ask that an officer keep out of a case; nothing stops until it is decided.

    Raises:
        NotFound: the case does not exist for this person.
        Invalid: messages by field.
        Conflict: it has been asked for, or decided, already.
        Refused: the case is closed.
    """
    running, repeated = _begin(session, actor, case_id, key, "recusal.requested")
    return repeated or enter(running, actor, key, asked)


def enter(running: Running, actor: Actor, key: str, asked: Request, outcome: str = "") -> ActResult:
    """The same in a case that is locked."""
    session, case = running.session, running.case
    errors = wrong_request(running, actor, asked)
    if errors:
        raise Invalid(errors=errors)
    standing = session.scalar(
        select(Recusal.state).where(
            Recusal.case_id == case.id,
            Recusal.officer_id == asked.officer_id,
            Recusal.state.in_((RecusalState.REQUESTED, RecusalState.APPROVED)),
        )
    )
    if standing:
        raise Conflict(f"这名人员在本案的回避{STATES[standing]}，不需要重复提出。", code="recusal")
    said = {"facts": asked.facts.strip()}
    if asked.kind == "party":
        said |= {"brought_by": asked.brought_by.strip(), "brought_on": asked.brought_on}
    row = Recusal(
        case_id=case.id,
        agency_id=case.agency_id,
        officer_id=asked.officer_id,
        kind=asked.kind,
        ground=asked.ground,
        said=said,
        requested_by=handler_of(actor, running.procedure.kind),
        requested_at=running.at,
    )
    session.add(row)
    session.flush()
    name = people.officer(session, asked.officer_id).name
    detail = {
        "recusal": row.id,
        "officer": asked.officer_id,
        "name": name,
        "request": asked.kind,
        "ground": law()["grounds"][asked.ground],
        "reason": said["facts"],
    }
    if asked.kind == "party":
        detail["brought_by"] = said["brought_by"]
    acts.note(running, actor, outcome or "recusal.requested", detail)
    told = f"已提出{name}回避，由{'负责人集体讨论' if collective(session, row.officer_id) else '主要负责人'}决定。"
    told += "决定作出以前，调查不停止。"
    result = ActResult(outcome or "recusal.requested", case.id, row.id, told, [], [])
    return result if outcome else remember(session, actor, key, result)


def decide(
    session: Session, actor: Actor, case_id: int, recusal_id: int, key: str, decision: Decision
) -> ActResult:
    """Decide on a request. Approved, the person is out of the case at once: their tasks go back to the position, and
    a handler has a successor.

    Raises:
        NotFound: there is no such request for this person.
        Forbidden: another one decides, the person concerned never.
        Invalid: messages by field.
        Conflict: it is decided already.
    """
    outcome = "recusal.approved" if decision.approve else "recusal.rejected"
    running, repeated = _begin(session, actor, case_id, key, outcome)
    if repeated:
        return repeated
    row = _find(running, recusal_id)
    if barred := may_not_decide(session, actor, row.officer_id):
        raise Forbidden(barred)
    if row.state != RecusalState.REQUESTED:
        raise Conflict(f"这项回避{STATES[row.state]}。", code="recusal")
    errors = wrong_decision(session, row, decision.reason, decision.minutes)
    chosen = {c.id: c for c in successors(running, row.officer_id)}
    if decision.approve and chosen:
        successor = chosen.get(decision.successor_id or 0)
        if successor is None:
            errors["successor"] = ["被决定回避的是本案承办人，请同时指定接替的人员。"]
        elif successor.why_not:
            errors["successor"] = [f"不能指定{successor.name}：{successor.why_not}"]
    if errors:
        raise Invalid(errors=errors)
    row.state = RecusalState.APPROVED if decision.approve else RecusalState.REJECTED
    row.decided_by, row.decided_at = handler_of(actor, running.procedure.kind), running.at
    row.said = {**row.said, "reason": decision.reason.strip(), "minutes": decision.minutes.strip()}
    name = people.officer(session, row.officer_id).name
    detail = {"recusal": row.id, "officer": row.officer_id, "name": name, "reason": decision.reason.strip()}
    if decision.minutes.strip():
        detail["minutes"] = decision.minutes.strip()
    told = f"已决定{name}在本案不回避。"
    if decision.approve:
        told = f"已决定{name}在本案回避，立即生效。"
        running.recused = running.recused | {row.officer_id}
        back, unsigned = _take_out(running, row.officer_id)
        if back:
            detail["back"] = back
            told += f"{len(back)} 项任务已放回岗位待办。"
        if unsigned:
            detail["unsigned"] = unsigned
            told += f"{len(unsigned)} 项任务的会签不再有其意见，已提交的退回承办人。"
        if chosen:
            row.successor_id = decision.successor_id
            handing.succeed(running, row.officer_id, decision.successor_id or 0)
            follower = people.officer(session, decision.successor_id or 0).name
            detail["successor"] = decision.successor_id
            detail["to"] = follower
            told += f"由{follower}接替承办。"
    session.flush()
    decider = stepping.signer(session, row.decided_by, running.at)
    position = " ".join(sorted(actor.positions))
    issued = on_demand.of_act(running, outcome, decider, position, _told(running, row, decider.name))
    told += "".join(f"已签发《{d['title']}》{d['number']}。" for d in issued)
    acts.note(running, actor, outcome, detail)
    return remember(session, actor, key, ActResult(outcome, case_id, row.id, told, issued, []))


def _told(running: Running, row: Recusal, decider: str) -> dict[str, Any]:
    """What the document of a decision may say of it."""
    session = running.session
    about, positions = people.officer(session, row.officer_id), people.position_names(session)
    asked = {
        "own": about.name,
        "party": row.said.get("brought_by", ""),
        "ordered": people.officer(session, row.requested_by).name,
    }
    return {
        "approved": row.state == RecusalState.APPROVED,
        "officer": about.name,
        "posts": "、".join(positions.get(key, key) for key in sorted(about.positions)),
        "asked_as": law()["kinds"].get(row.kind, row.kind),
        "asked_by": asked[row.kind],
        "asked_on": row.said.get("brought_on") or clock.legal_day(row.requested_at).isoformat(),
        "ground": law()["grounds"].get(row.ground, row.ground),
        "facts": row.said.get("facts", ""),
        "reason": row.said["reason"],
        "minutes": row.said["minutes"],
        "decided_by": decider,
        "decided_on": clock.legal_day(running.at).isoformat(),
    }


def lift(
    session: Session, actor: Actor, case_id: int, recusal_id: int, key: str, reason: str, minutes: str = ""
) -> ActResult:
    """Decide anew that somebody need not keep out any longer. They get nothing back by it: whoever handles the case
    goes on handling it.

    Raises:
        NotFound, Forbidden, Invalid, Conflict: as `decide`.
    """
    running, repeated = _begin(session, actor, case_id, key, "recusal.lifted")
    if repeated:
        return repeated
    row = _find(running, recusal_id)
    if barred := may_not_decide(session, actor, row.officer_id):
        raise Forbidden(barred)
    if row.state != RecusalState.APPROVED:
        raise Conflict(f"这项回避{STATES[row.state]}，不能解除。", code="recusal")
    if errors := wrong_decision(session, row, reason, minutes):
        raise Invalid(errors=errors)
    row.state = RecusalState.LIFTED
    row.lifted_by, row.lifted_at = handler_of(actor, running.procedure.kind), running.at
    row.said = {**row.said, "lifted": reason.strip(), "lifted_minutes": minutes.strip()}
    session.flush()
    name = people.officer(session, row.officer_id).name
    detail = {"recusal": row.id, "officer": row.officer_id, "name": name, "reason": reason.strip()}
    if minutes.strip():
        detail["minutes"] = minutes.strip()
    acts.note(running, actor, "recusal.lifted", detail)
    told = f"已解除{name}在本案的回避，解除的理由已写入案件记录。"
    return remember(session, actor, key, ActResult("recusal.lifted", case_id, row.id, told, [], []))


def _begin(
    session: Session, actor: Actor, case_id: int, key: str, outcome: str
) -> tuple[Running, ActResult | None]:
    queries.case(session, actor, case_id)
    own = checked_key(key)
    running = locking.lock(session, case_id)
    officer_id = handler_of(actor, running.procedure.kind)
    done = session.get(Done, own, populate_existing=True)
    if repeated := answered(done, actor, (outcome,)):
        return running, repeated
    if running.case.status != CaseStatus.OPEN:
        raise Refused("案件已经办结归档，不能再提出或者决定回避。", code="closed")
    locking.keep_out(running, officer_id)
    return running, None


def _find(running: Running, recusal_id: int) -> Recusal:
    found = running.session.scalar(
        select(Recusal)
        .where(Recusal.id == recusal_id, Recusal.case_id == running.case.id)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound(GONE)
    return found


def _take_out(running: Running, officer_id: int) -> tuple[list[str], list[str]]:
    """Put the person's tasks of the case back among those of the position, and end what else they have to do in it: the
    nodes of the tasks, and of those that they signed or were to sign. What they signed and has not taken effect counts
    as not signed."""
    session = running.session
    back, unsigned = [], []
    chosen = select(WorkItem).where(
        WorkItem.case_id == running.case.id,
        WorkItem.status.in_(WAITING),
    )
    for work in session.scalars(chosen.order_by(WorkItem.id).execution_options(populate_existing=True)):
        if officer_id in (work.assignee_id, work.cosigner_id):
            _from_hand(running, work, officer_id)
            back.append(work.node)
        if dropping.drop(running, work, officer_id, "在本案已被决定回避", answered=True):
            unsigned.append(work.node)
    session.execute(
        update(Involvement)
        .where(
            Involvement.case_id == running.case.id,
            Involvement.officer_id == officer_id,
            Involvement.part != Part.WATCH,
            Involvement.state == PartState.OPEN,
        )
        .values(state=PartState.REMOVED)
    )
    return back, unsigned


def _from_hand(running: Running, work: WorkItem, officer_id: int) -> None:
    """A task that the person has or is to confirm: signed by one who must not, it is as if it had not been handed in."""
    hands.back_to_hand_in(running, work)
    if work.assignee_id == officer_id:
        hands.end_delegations(running.session, work)
        work.assignee_id, work.for_id, work.claimed_at, work.pending = None, None, None, None
    work.cosigner_id = None
    work.version += 1
