"""Running cases moved to another version together (批量迁移): proposed, looked at beforehand, decided, carried out.

Analysts prepare: they see how many cases run on which version and may propose a batch with a reason. That it is
carried out is decided by a head of the agency, as for a single case (`migration`), whose checks are made again
for each case in its own transaction (`moving_run`). A batch can be paused, and what it moved can be proposed to be
moved back: under the very same checks, towards the version the cases came from.
"""

from typing import Any

from sqlalchemy import Select, exists, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.diagrams import service as diagrams
from app.kernel import clock, jobs, writes
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.people import service as people

from . import migration
from .answers import checked_key
from .models import BatchStatus, Case, CaseStatus, Move, MoveBatch, MoveStatus
from .moving_models import OPEN
from .moving_rights import (
    DECIDES,
    LONGEST_REASON,
    MOVE_WORDS,
    STATUS_WORDS,
    agencies_of,
    batch,
    batches,
    enter,
    is_head,
    line,
    may_prepare,
    reason_given,
    still,
)

__all__ = [
    "CHECK", "MOVE", "MOVE_WORDS", "STATUS_WORDS", "agencies_of", "batch", "batches", "check_again", "end", "is_head",
    "may_prepare", "pause", "propose", "propose_revert", "release", "resume", "withdraw",
]  # fmt: skip

CHECK = "cases.move_check"
"""The job that works out a batch's preview, and the one that moves its cases."""
MOVE = "cases.move"
LANES = 2
"""How many jobs move the cases of a batch side by side."""


def propose(
    session: Session,
    actor: Actor,
    agency_id: int,
    source_id: int,
    target_id: int,
    reason: str,
    key: str,
) -> MoveBatch:
    """Propose that the running cases of an agency on one version move to another; the preview is worked out by a
    job. A repeated request gets the same batch.

    Raises:
        Forbidden, NotFound: the agency or a version does not exist for this person.
        Invalid: something is missing, or nothing runs on that version.
        Conflict: a batch for these cases is open.
    """
    if repeated := _repeated(session, actor, key):
        return repeated
    agency = people.agency(session, agency_id)
    if not agencies_of(session, actor).sees(agency.id, agency.region):
        raise NotFound("没有这个机关，或者它不在您的区域内。")
    source, target = diagrams.procedure(session, source_id), diagrams.procedure(session, target_id)
    if source.key != target.key:
        raise Invalid(errors={"target": [f"“{target.name}”是另一个流程，请选择同一流程的版本。"]})
    if source.id == target.id:
        raise Invalid(errors={"target": ["请选择与现在不同的版本。"]})
    running = select(exists().where(*_running(agency_id, source.id)))
    if not session.scalar(running):
        raise Invalid(
            errors={"source": [f"{agency.name}没有在第 {source.number} 版上办理的案件，不需要迁移。"]}
        )
    found = _new(session, actor, agency.id, agency.region, source, target, reason, key)
    cases = select(Case.id).where(*_running(agency_id, source.id))
    return _with(session, found, cases)


def propose_revert(session: Session, actor: Actor, batch_id: int, reason: str, key: str) -> MoveBatch:
    """Propose that what a batch has moved goes back to the version it came from.

    Raises:
        Forbidden, NotFound: the batch does not exist for this person.
        Invalid: it moved nothing that still runs.
        Conflict: it is still being carried out, or another batch for these cases is open.
    """
    if repeated := _repeated(session, actor, key):
        return repeated
    origin = batch(session, actor, batch_id)
    if origin.status in (BatchStatus.RELEASED, BatchStatus.CHECKING, BatchStatus.PROPOSED):
        raise Conflict("这一批次还没有执行完毕，请先暂停并终止，或者等执行完毕后再移回。", code="moving")
    moved = (
        select(Move.case_id)
        .join(Case, Case.id == Move.case_id)
        .where(
            Move.batch_id == origin.id,
            Move.status == MoveStatus.MOVED,
            Case.status == CaseStatus.OPEN,
            Case.procedure_id == origin.target_id,
        )
    )
    if not session.scalar(select(moved.exists())):
        raise Invalid(
            "这一批次迁移的案件都已经办结或者已不在迁移后的版本上，没有可以移回的案件。", code="nothing"
        )
    source = diagrams.procedure(session, origin.target_id)
    target = diagrams.procedure(session, origin.source_id)
    found = _new(session, actor, origin.agency_id, origin.region_code, source, target, reason, key)
    found.reverts_id = origin.id
    return _with(session, found, moved)


def check_again(session: Session, actor: Actor, batch_id: int) -> MoveBatch:
    """Work the preview out anew: with the cases that have come to run on the version since.

    Raises:
        Forbidden, NotFound: see `batch`.
        Conflict: the batch is decided already.
    """
    held = batch(session, actor, batch_id, lock=True)
    if held.status == BatchStatus.CHECKING:
        return held
    still(held, BatchStatus.PROPOSED)
    again = {"status": MoveStatus.UNCHECKED, "reasons": [], "changes": []}
    session.execute(update(Move).where(Move.batch_id == held.id).values(again))
    if held.reverts_id is None:
        known = select(Move.case_id).where(Move.batch_id == held.id)
        new = select(literal(held.id), Case.id, literal(MoveStatus.UNCHECKED.value), *_BLANK).where(
            *_running(held.agency_id, held.source_id), Case.id.not_in(known)
        )
        session.execute(insert(Move).from_select(_COLUMNS, new))
    held.status = BatchStatus.CHECKING
    enter(held, actor, "checked_again")
    _ask_check(session, held)
    return held


def release(session: Session, actor: Actor, batch_id: int, decision: str) -> MoveBatch:
    """Decide that the batch is carried out: every case that can move does, each under its own checks.

    Raises:
        Forbidden: the person is no head of this agency.
        NotFound: see `batch`.
        Invalid: no reason is given.
        Conflict: the preview is not there yet, or the batch is decided already.
    """
    officer_id, held = _decided_by(session, actor, batch_id)
    if held.status == BatchStatus.CHECKING:
        raise Conflict("预览还没有核对完毕，请等核对完毕后再决定。", code="checking")
    still(held, BatchStatus.PROPOSED)
    held.decision = reason_given(decision, "decision", "请填写决定迁移的理由，它将记入每个案件的留痕。")
    ready = update(Move).where(Move.batch_id == held.id, Move.status == MoveStatus.READY)
    count = session.execute(ready.values(status=MoveStatus.WAITING)).rowcount  # type: ignore[attr-defined]
    if not count:
        raise Invalid(
            "这一批次没有可以迁移的案件，不能执行。可以撤回它，按列出的理由处理后再提出。", code="nothing"
        )
    held.decided_by, held.decided_by_name, held.decided_at = officer_id, actor.name, clock.now()
    _start(session, held, actor, "released", held.decision)
    return held


def pause(session: Session, actor: Actor, batch_id: int) -> MoveBatch:
    """Stop after the case in hand.

    Raises:
        Forbidden, NotFound, Conflict: as for `release`.
    """
    _, held = _decided_by(session, actor, batch_id)
    if held.status == BatchStatus.PAUSED:
        return held
    still(held, BatchStatus.RELEASED)
    held.status = BatchStatus.PAUSED
    enter(held, actor, "paused")
    return held


def resume(session: Session, actor: Actor, batch_id: int) -> MoveBatch:
    """Go on with a paused batch; who resumes it decides from here on.

    Raises:
        Forbidden, NotFound, Conflict: as for `release`.
    """
    officer_id, held = _decided_by(session, actor, batch_id)
    if held.status == BatchStatus.RELEASED:
        return held
    still(held, BatchStatus.PAUSED)
    held.decided_by, held.decided_by_name = officer_id, actor.name
    _start(session, held, actor, "resumed")
    return held


def end(session: Session, actor: Actor, batch_id: int) -> MoveBatch:
    """End a paused batch: what has moved stays moved, the rest stays where it is.

    Raises:
        Forbidden, NotFound, Conflict: as for `release`.
    """
    _, held = _decided_by(session, actor, batch_id)
    if held.status == BatchStatus.DONE:
        return held
    still(held, BatchStatus.PAUSED)
    waiting = update(Move).where(Move.batch_id == held.id, Move.status == MoveStatus.WAITING)
    session.execute(waiting.values(status=MoveStatus.LEFT_OUT))
    held.status, held.finished_at = BatchStatus.DONE, clock.now()
    enter(held, actor, "ended")
    return held


def withdraw(session: Session, actor: Actor, batch_id: int, reason: str) -> MoveBatch:
    """Take a proposal back, or decline it as a head; no case was touched.

    Raises:
        Forbidden, NotFound: see `batch`.
        Conflict: it is decided already.
    """
    held = batch(session, actor, batch_id, lock=True)
    if held.status == BatchStatus.WITHDRAWN:
        return held
    still(held, BatchStatus.CHECKING, BatchStatus.PROPOSED)
    held.status, held.finished_at = BatchStatus.WITHDRAWN, clock.now()
    enter(held, actor, "withdrawn", reason.strip()[:LONGEST_REASON])
    return held


_COLUMNS = ["batch_id", "case_id", "status", "reasons", "changes", "attempts"]
_BLANK = (func.jsonb_build_array(), func.jsonb_build_array(), literal(0))


def _running(agency_id: int, procedure_id: int) -> tuple[Any, ...]:
    return (
        Case.status == CaseStatus.OPEN,
        Case.agency_id == agency_id,
        Case.procedure_id == procedure_id,
    )


def _repeated(session: Session, actor: Actor, key: str) -> MoveBatch | None:
    found = session.scalar(select(MoveBatch).where(MoveBatch.key == checked_key(key)))
    if found is not None and found.proposed_by != actor.account_id:
        raise Conflict("这次提交的标识已被使用，请刷新页面后重新提交。", code="key_reused")
    return found


def _new(
    session: Session,
    actor: Actor,
    agency_id: int,
    region: str,
    source: diagrams.Procedure,
    target: diagrams.Procedure,
    reason: str,
    key: str,
) -> MoveBatch:
    why = reason_given(reason, "reason", "请填写提出迁移的理由，例如新版本修正了什么。")
    open_one = select(MoveBatch.id).where(
        MoveBatch.agency_id == agency_id, MoveBatch.source_id == source.id, MoveBatch.status.in_(OPEN)
    )
    if known := session.scalar(open_one):
        raise Conflict(
            f"这些案件已有一个尚未结束的迁移批次（第 {known} 号），请先处理它，再提出新的。",
            code="open_batch",
        )
    return MoveBatch(
        key=key,
        agency_id=agency_id,
        region_code=region,
        source_id=source.id,
        target_id=target.id,
        reason=why,
        proposed_by=actor.account_id,
        proposed_by_name=actor.name,
        proposed_at=clock.now(),
        history=[line(actor, "proposed", why)],
    )


def _with(session: Session, found: MoveBatch, cases: Select[tuple[int]]) -> MoveBatch:
    try:
        with writes.nested(session):
            session.add(found)
            session.flush()
    except IntegrityError as lost:  # two proposals at one moment: the index decides
        raise Conflict("这些案件刚刚被列入另一个迁移批次，请刷新后查看。", code="open_batch") from lost
    rows = cases.subquery()
    new = select(literal(found.id), rows.c[0], literal(MoveStatus.UNCHECKED.value), *_BLANK)
    session.execute(insert(Move).from_select(_COLUMNS, new))
    _ask_check(session, found)
    return found


def _ask_check(session: Session, found: MoveBatch) -> None:
    jobs.enqueue(session, CHECK, {"batch": found.id, "asked": len(found.history)})


def _decided_by(session: Session, actor: Actor, batch_id: int) -> tuple[int, MoveBatch]:
    if not is_head(actor):
        raise Forbidden(DECIDES)
    officer_id = migration.check_head(actor)
    held = batch(session, actor, batch_id, lock=True)
    if held.agency_id != actor.agency_id:
        raise Forbidden(DECIDES)
    return officer_id, held


def _start(session: Session, held: MoveBatch, actor: Actor, act: str, note: str = "") -> None:
    """Ask for the work, in lanes of its own: those of an earlier run stop by themselves."""
    held.run += 1
    held.status = BatchStatus.RELEASED
    waiting = update(Move).where(Move.batch_id == held.id, Move.status == MoveStatus.WAITING)
    session.execute(waiting.values(lane=None, token=None, attempts=0))
    enter(held, actor, act, note)
    for lane in range(LANES):
        jobs.enqueue(session, MOVE, {"batch": held.id, "run": held.run, "lane": lane})
