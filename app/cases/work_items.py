"""Tasks in inboxes: opened and closed by the engine's moves, never by hand."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.deadlines import service as deadlines
from app.engine import service as engine
from app.kernel.errors import Refused
from app.kernel.events import CaseOpened, ClockMoved, LiveTask, StepCompleted
from app.people import service as people

from . import late
from .models import Handler, WorkItem, WorkStatus
from .seals import ARTICLE

if TYPE_CHECKING:
    from .stepping import Running


def bigrams(*texts: str) -> list[str]:
    """Every pair of neighbouring characters: what a Chinese search looks for, without any extension."""
    return sorted({text[i : i + 2].lower() for text in texts for i in range(len(text) - 1)})


def genuine(running: "Running", work: WorkItem) -> None:
    """Refuse a task whose row is not what the diagram says of its node: the row is for inboxes.

    Raises:
        Refused: the row was made or changed by somebody else.
    """
    node = engine.nodes(running.spec).get(work.node)
    told = node and (
        node.attributes.get("step", ""),
        node.attributes.get("form", ""),
        node.position,
        int(node.attributes.get("officers", 0)),
    )
    if told != (work.step, work.form, work.position_key, work.officers):
        raise _forged(work)


def live(running: "Running", work: WorkItem) -> None:
    """Refuse a task that the engine does not wait for, for acts that do not ask the engine themselves.

    Raises:
        Refused: the row was made or changed by somebody else.
    """
    if not late.covers(running.case, work) and not engine.is_live(
        running.spec, running.case.state, work.task_id, work.node
    ):
        raise _forged(work)


def _forged(work: WorkItem) -> Refused:
    return Refused(
        f"“{work.name}”不是流程现在等待办理的任务，任务数据可能被绕过平台改动过。"
        "本次办理没有执行，请立即报告本机关负责人和系统管理员。",
        code="task_forged",
        article=ARTICLE,
    )


def finish(session: Session, work: WorkItem, officer_id: int, at: datetime) -> None:
    """Mark a task as done by this officer."""
    work.status = WorkStatus.DONE
    work.done_by = officer_id
    work.done_at = at
    work.version += 1
    work.pending = None


def close(session: Session, case_id: int, task_ids: Sequence[str], at: datetime) -> None:
    """Cancel the still open tasks among `task_ids`: an interrupting event or another branch ended them."""
    if task_ids:
        session.flush()
        session.execute(
            update(WorkItem)
            .where(
                WorkItem.case_id == case_id,
                WorkItem.task_id.in_(list(task_ids)),
                WorkItem.status.in_((WorkStatus.OPEN, WorkStatus.COSIGN)),
            )
            .values(status=WorkStatus.CANCELLED, done_at=at, version=WorkItem.version + 1)
            .execution_options(synchronize_session="fetch")
        )


def open_all(running: "Running", tasks: Sequence[LiveTask]) -> dict[str, int]:
    """Put new tasks into inboxes; the work item's id by the engine's id.

    A task goes to the officer who last did one of the same position in this case and still holds it, to the
    lead handler where two officers are asked for, else to everybody of the position.
    """
    session, case = running.session, running.case
    result = {}
    for task in tasks:
        due = deadlines.due_of(session, task, running.at, case.region_code)
        item = WorkItem(
            case_id=case.id,
            agency_id=case.agency_id,
            region_code=case.region_code,
            task_id=task.id,
            node=task.node,
            name=task.name,
            kind=task.kind,
            step=task.attributes.get("step", ""),
            form=task.attributes.get("form", ""),
            position_key=task.position,
            officers=int(task.attributes.get("officers", 0)),
            assignee_id=_keeper(session, case.id, case.agency_id, task),
            opened_at=running.at,
            due_at=due.at if due else None,
        )
        session.add(item)
        session.flush()
        result[task.id] = item.id
    return result


def _keeper(session: Session, case_id: int, agency_id: int, task: LiveTask) -> int | None:
    holders = {card.id for card in people.officers_at(session, agency_id, task.position)}
    if int(task.attributes.get("officers", 0)) > 1 or task.kind == "message":
        lead = session.scalar(
            select(Handler.officer_id).where(Handler.case_id == case_id, Handler.role == "lead")
        )
        if lead in holders:
            return lead
    last = session.scalar(
        select(WorkItem.done_by)
        .where(
            WorkItem.case_id == case_id,
            WorkItem.position_key == task.position,
            WorkItem.status == WorkStatus.DONE,
        )
        .order_by(WorkItem.done_at.desc(), WorkItem.id.desc())
        .limit(1)
    )
    return last if last in holders else None


def attach_clocks(session: Session, event: CaseOpened | StepCompleted) -> None:
    """Tell the position clocks of this act which inbox row they belong to (flow subscriber, after the clocks
    were started)."""
    deadlines.attach(session, event.case_id, event.context["work_items"])


def follow_clock(session: Session, event: ClockMoved) -> None:
    """Copy a moved due moment into the inbox row it belongs to (flow subscriber)."""
    if event.work_item_id is not None:
        session.execute(update(WorkItem).where(WorkItem.id == event.work_item_id).values(due_at=event.due_at))
