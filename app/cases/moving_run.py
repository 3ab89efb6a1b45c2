"""The work of a batch: its preview, and moving its cases. Run by the workers (`app.kernel.jobs`).

The preview is database work, some hundred cases a job. Moving is leased work in lanes. A lane takes cases in hand
under its fencing token, and moves each in a transaction of its own that marks it done: killed at any moment, a
worker leaves every case either moved and marked or neither, and who takes the lane over goes on with what is left.
A case that ends its worker's process again and again is given up alone.
"""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, func, or_, select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from app.diagrams import service as diagrams
from app.kernel import clock, jobs, writes
from app.kernel.auth import Actor, Role
from app.kernel.errors import XingquanError
from app.kernel.transaction import transaction
from app.people import service as people
from app.people.models import Account

from . import locking, migration, moving, moving_rights
from .models import BatchStatus, Case, Move, MoveBatch, MoveStatus

log = logging.getLogger(__name__)

CHECKED = 200
"""Cases one job looks at for the preview."""
TAKEN = 100
"""Cases a lane takes in hand at once."""
MOST_ATTEMPTS = 3
LEASE = timedelta(minutes=5)
"""Longer than a lane's cases take, each waiting for a lock as long as it may."""
PATIENCE = "set local lock_timeout = '2s'"
GONE = "案件此后已经换到其他版本，不再属于这一批次"
CRASHED = "办理迁移的后台进程几次中断，案件没有改变，请联系系统管理员查看日志"
BUSY = "案件正在被办理，几次都没有等到，没有迁移；可以再提出一次"
BROKEN = "平台内部出错，案件没有改变，请联系系统管理员查看日志"
NOT_HEAD = "作出决定的负责人已不再担任本机关负责人，请现任负责人审阅后继续"


def register_jobs() -> None:
    """Let the workers know the two kinds of work."""
    jobs.register(moving.CHECK, check)
    jobs.register_effect(moving.MOVE, move, settle, LEASE)


def check(session: Session, payload: Mapping[str, Any]) -> None:
    """Look at the next cases of a batch: could they move, and what would change. A job."""
    batch = session.scalar(select(MoveBatch).where(MoveBatch.id == payload["batch"]).with_for_update())
    if batch is None or batch.status != BatchStatus.CHECKING or len(batch.history) != payload["asked"]:
        return
    target = diagrams.procedure(session, batch.target_id)
    found = session.scalars(
        select(Move)
        .where(Move.batch_id == batch.id, Move.status == MoveStatus.UNCHECKED)
        .order_by(Move.case_id)
        .limit(CHECKED)
    ).all()
    cases = session.scalars(select(Case).where(Case.id.in_([one.case_id for one in found])))
    by_id = {case.id: case for case in cases}
    for one in found:
        one.reasons, one.changes = verdict(session, batch, target, by_id[one.case_id])
        one.status = MoveStatus.BLOCKED if one.reasons else MoveStatus.READY
    if len(found) == CHECKED:
        jobs.enqueue(session, moving.CHECK, payload)
    else:
        batch.status, batch.checked_at = BatchStatus.PROPOSED, clock.now()


def verdict(
    session: Session, batch: MoveBatch, target: diagrams.Procedure, case: Case
) -> tuple[list[str], list[str]]:
    """Why a case of a batch cannot move, and what would change where it can."""
    if case.procedure_id != batch.source_id:
        return [GONE], []
    try:
        plan = migration.plan_of(locking.running(session, case), target)
    except XingquanError as refused:
        return [refused.message.removesuffix("。")], []
    except DBAPIError:
        raise
    except Exception:
        log.exception("case %s could not be looked at for batch %s", case.id, batch.id)
        return [BROKEN], []
    return _worded(batch, plan.reasons), list(plan.changes)


def _worded(batch: MoveBatch, reasons: Sequence[str]) -> list[str]:
    """Moved back, a case goes to the version it came from, not to a new one."""
    return [reason.replace("新版本", "原版本") if batch.reverts_id else reason for reason in reasons]


TAKE = text("""
with mine as (
    select case_id from case_move
    where batch_id = :batch and status = 'waiting' and (lane is null or lane = :lane)
        and (attempts = 0) = :fresh and token is distinct from :token
    order by attempts, case_id limit :limit for update skip locked
)
update case_move m set lane = :lane, token = :token, attempts = m.attempts + 1
from mine where m.batch_id = :batch and m.case_id = mine.case_id
returning m.case_id, m.attempts
""")


def move(payload: Mapping[str, Any], key: str) -> None:
    """Move the next cases of a lane, each in its own transaction. Leased work: it may be cut off anywhere."""
    token, done = jobs.token(), 0
    while done < TAKEN and (taken := _take(payload, token)):
        for case_id in taken:
            if not _move_one(payload, case_id, token):
                return
        done += len(taken)


def settle(session: Session, payload: Mapping[str, Any], _: Any) -> None:
    """The lane goes on as long as there is something for it; the last one ends the batch."""
    batch = session.scalar(select(MoveBatch).where(MoveBatch.id == payload["batch"]).with_for_update())
    if batch is None or batch.status != BatchStatus.RELEASED or batch.run != payload["run"]:
        return
    waiting = (Move.batch_id == batch.id, Move.status == MoveStatus.WAITING)
    mine = exists().where(*waiting, or_(Move.lane.is_(None), Move.lane == payload["lane"]))
    if session.scalar(select(mine)):
        jobs.enqueue(session, moving.MOVE, payload)
    elif not session.scalar(select(exists().where(*waiting))):
        batch.status, batch.finished_at = BatchStatus.DONE, clock.now()
        batch.history = [*batch.history, _finished(session, batch)]


def _finished(session: Session, batch: MoveBatch) -> dict[str, str]:
    chosen = select(Move.status, func.count()).where(Move.batch_id == batch.id).group_by(Move.status)
    counts = dict(session.execute(chosen).tuples().all())
    note = f"已迁移 {counts.get(MoveStatus.MOVED, 0)} 件"
    if refused := counts.get(MoveStatus.REFUSED, 0):
        note += f"，执行时不能迁移 {refused} 件"
    return {"at": clock.now().isoformat(), "by": "平台", "act": "done", "note": note}


def _take(payload: Mapping[str, Any], token: int) -> list[int]:
    """The next cases of this lane, marked as in hand. Those that were before come last and one by one, so that
    one that ends the process takes no other with it."""
    with transaction() as session:
        batch = session.scalar(select(MoveBatch).where(MoveBatch.id == payload["batch"]).with_for_update())
        if batch is None or batch.status != BatchStatus.RELEASED or batch.run != payload["run"]:
            return []
        if _decider(session, batch) is None:
            moving_rights.stop(batch, NOT_HEAD)
            return []
        values = {"batch": batch.id, "lane": payload["lane"], "token": token}
        rows = session.execute(TAKE, values | {"fresh": True, "limit": TAKEN}).all()
        while not rows and (rows := session.execute(TAKE, values | {"fresh": False, "limit": 1}).all()):
            [(case_id, attempts)] = rows
            if attempts > MOST_ATTEMPTS:
                _mark(session.get_one(Move, (batch.id, case_id)), MoveStatus.REFUSED, [CRASHED])
                session.flush()
                rows = []
        return sorted(case_id for case_id, _ in rows)


def _decider(session: Session, batch: MoveBatch) -> Actor | None:
    """Who decided, where that person still may."""
    account = session.scalar(select(Account).where(Account.officer_id == batch.decided_by, Account.active))
    if account is None or batch.decided_by is None:
        return None
    actor = people.actor_of(session, batch.decided_by)
    mine = Role.OFFICER in actor.roles and actor.agency_id == batch.agency_id
    return actor if mine and actor.positions & migration.HEADS else None


def _move_one(payload: Mapping[str, Any], case_id: int, token: int) -> bool:
    """Move one case, or say why not. False where the lane has to stop: paused, or taken over by another worker."""
    batch_id = payload["batch"]
    try:
        with transaction() as session:
            session.execute(text(PATIENCE))
            batch = session.get_one(MoveBatch, batch_id)
            mine = (Move.batch_id == batch_id, Move.case_id == case_id, Move.token == token)
            one = session.scalar(
                select(Move).where(*mine, Move.status == MoveStatus.WAITING).with_for_update()
            )
            actor = _decider(session, batch)
            going = batch.status == BatchStatus.RELEASED and batch.run == payload["run"]
            if one is None or actor is None or not going:
                return False
            _carry_out(session, batch, one, actor)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", "") != "55P03":  # lock_not_available: somebody works on it
            raise
        return _again(batch_id, case_id, token, BUSY)
    except Exception:
        log.exception("case %s could not be moved in batch %s", case_id, batch_id)
        return _again(batch_id, case_id, token, BROKEN)
    return True


def _carry_out(session: Session, batch: MoveBatch, one: Move, actor: Actor) -> None:
    key = hashlib.sha256(f"move {batch.id} {one.case_id}".encode()).hexdigest()[:32]
    try:
        with writes.nested(session):
            there = session.scalar(select(Case.procedure_id).where(Case.id == one.case_id))
            if there != batch.source_id:
                raise migration.NotMovable([GONE])
            migration.migrate(
                session, actor, one.case_id, batch.target_id, batch.decision, key, batch=batch.id
            )
    except migration.NotMovable as refused:
        _mark(one, MoveStatus.REFUSED, _worded(batch, refused.reasons))
    except XingquanError as refused:
        _mark(one, MoveStatus.REFUSED, [refused.message.removesuffix("。")])
    else:
        _mark(one, MoveStatus.MOVED)


def _again(batch_id: int, case_id: int, token: int, why: str) -> bool:
    """Leave a case for later; the last time, give it up."""
    with transaction() as session:
        chosen = select(Move).where(Move.batch_id == batch_id, Move.case_id == case_id, Move.token == token)
        one = session.scalar(chosen.with_for_update())
        if one is not None and one.attempts >= MOST_ATTEMPTS:
            _mark(one, MoveStatus.REFUSED, [why])
    return True


def _mark(one: Move, status: MoveStatus, reasons: Sequence[str] = ()) -> None:
    one.status, one.reasons, one.at = status, list(reasons), clock.now()
