"""Batches of running cases to be moved: who sees and who decides about them, and what stands in their history."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Actor, Role
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.people import service as people

from . import migration
from .models import BatchStatus, MoveBatch, MoveStatus

LONGEST_REASON = 500
DECIDES = "批量迁移由本机关分管负责人或者主要负责人决定。流程配置人员可以提出，请由机关负责人审阅后执行。"


STATUS_WORDS: Mapping[str, str] = {
    BatchStatus.CHECKING: "正在核对",
    BatchStatus.PROPOSED: "待负责人决定",
    BatchStatus.RELEASED: "正在执行",
    BatchStatus.PAUSED: "已暂停",
    BatchStatus.DONE: "已完成",
    BatchStatus.WITHDRAWN: "已撤回",
}

MOVE_WORDS: Mapping[str, str] = {
    MoveStatus.UNCHECKED: "待核对",
    MoveStatus.READY: "可以迁移",
    MoveStatus.BLOCKED: "不能迁移",
    MoveStatus.WAITING: "等待迁移",
    MoveStatus.MOVED: "已迁移",
    MoveStatus.REFUSED: "执行时不能迁移",
    MoveStatus.LEFT_OUT: "未执行",
}


def may_prepare(actor: Actor) -> bool:
    """Whether this person may see batches at all: an analyst, or a head of an agency."""
    return Role.ANALYST in actor.roles or is_head(actor)


def is_head(actor: Actor) -> bool:
    """Whether this person decides about the cases of an agency."""
    return (
        actor.officer_id is not None
        and Role.OFFICER in actor.roles
        and bool(actor.positions & migration.HEADS)
    )


def agencies_of(session: Session, actor: Actor) -> people.Scope:
    """The agencies whose batches exist for this person.

    Raises:
        Forbidden: the person neither prepares nor decides.
    """
    if Role.ANALYST in actor.roles:
        return people.analysed(session, actor)
    if is_head(actor):
        return people.Scope(actor.agency_id)
    raise Forbidden(DECIDES)


def batch(session: Session, actor: Actor, batch_id: int, lock: bool = False) -> MoveBatch:
    """One batch.

    Raises:
        NotFound: it does not exist for this person.
        Forbidden: see `agencies_of`.
    """
    chosen = select(MoveBatch).where(
        MoveBatch.id == batch_id, agencies_of(session, actor).condition(MoveBatch)
    )
    found = session.scalar(chosen.with_for_update() if lock else chosen)
    if found is None:
        raise NotFound("没有这个迁移批次，或者它不属于您的机关和区域。")
    return found


def batches(
    session: Session, actor: Actor, before: int | None = None, limit: int = 31
) -> Sequence[MoveBatch]:
    """The batches that exist for this person, newest first."""
    query = select(MoveBatch).where(agencies_of(session, actor).condition(MoveBatch))
    if before is not None:
        query = query.where(MoveBatch.id < before)
    return session.scalars(query.order_by(MoveBatch.id.desc()).limit(limit)).all()


def still(found: MoveBatch, *statuses: BatchStatus) -> None:
    """Refuse what the batch is past.

    Raises:
        Conflict: it stands elsewhere.
    """
    if found.status not in statuses:
        now = STATUS_WORDS[found.status]
        raise Conflict(f"这一批次现在“{now}”，不能这样操作，请刷新后查看。", code="moved_on")


def reason_given(text: str, field: str, message: str) -> str:
    """A reason as it is kept.

    Raises:
        Invalid: there is none (then with this message), or it is too long.
    """
    given = " ".join(text.split())
    if not given:
        raise Invalid(errors={field: [message]}, message=message)
    if len(given) > LONGEST_REASON:
        raise Invalid(errors={field: [f"最多 {LONGEST_REASON} 个字，现有 {len(given)} 个字，请删减。"]})
    return given


def line(actor: Actor | None, act: str, note: str = "") -> dict[str, str]:
    """One line of a batch's history; without an actor it was the platform itself."""
    by = actor.name if actor else "平台"
    return {"at": clock.now().isoformat(), "by": by, "act": act, "note": note}


def enter(found: MoveBatch, actor: Actor | None, act: str, note: str = "") -> None:
    """Add a line to a batch's history."""
    found.history = [*found.history, line(actor, act, note)]


def stop(held: MoveBatch, why: str) -> None:
    """The platform itself pauses a batch that cannot go on as it was decided."""
    held.status = BatchStatus.PAUSED
    enter(held, None, "stopped", why)
