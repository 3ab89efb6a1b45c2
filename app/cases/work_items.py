"""Tasks in inboxes: opened and closed by the engine's moves, never by hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.deadlines import service as deadlines
from app.engine import service as engine
from app.kernel import writes
from app.kernel.errors import Refused
from app.kernel.events import ClockMoved, LiveTask
from app.people import service as people

from . import late, noting
from .models import Allocation, WorkItem, WorkStatus
from .seals import ARTICLE

if TYPE_CHECKING:
    from .locking import Running

CANCEL = """
with gone as (
    update work_item set status = 'cancelled', done_at = %(at)s, version = version + 1
    where case_id = %(case)s and task_id = any(%(tasks)s) and status in ('open', 'cosign', 'signing') returning id
), settled as (
    update sign_round r set state = 'cancelled', settled_at = %(at)s
    from gone where r.work_item_id = gone.id and r.state = 'open'
)
update involvement i set state = 'removed'
from gone where i.work_item_id = gone.id and i.state = 'open' and i.part in ('delegate', 'signer')
"""
"""Nobody is waited for any more at a task that ended, and its rounds of signing end with it. Whoever was asked and had
not answered took no part in it: `answered_at` stays empty."""


@dataclass(frozen=True, slots=True)
class Allotted:
    """To whom a rule gives a task, and why to this person."""

    officer_id: int
    rule_id: int
    reason: str


Allot = Callable[["Running", WorkItem], Allotted | None]
ALLOT: list[Allot] = []
"""Asked for a task that nobody of the case keeps, just before it opens: the agency's rules (`allocation`)."""


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


def finish(running: "Running", work: WorkItem, officer_id: int) -> None:
    """Mark a task as done by this officer."""
    work.status = WorkStatus.DONE
    work.done_by = officer_id
    work.done_at = running.at
    work.version += 1
    work.pending = None
    running.keepers[work.position_key] = officer_id


def close(running: "Running", task_ids: Sequence[str], own: WorkItem | None) -> None:
    """Cancel the still open tasks among `task_ids`: an interrupting event or another branch ended them. `own`
    is the task of this very act."""
    others = [task_id for task_id in task_ids if own is None or task_id != own.task_id]
    if others:
        values = {"case": running.case.id, "tasks": others, "at": running.at}
        writes.run(running.session, CANCEL, values)


def open_all(running: "Running", tasks: Sequence[LiveTask], first_to: int | None = None) -> dict[str, int]:
    """Put new tasks into inboxes; the work item's id by the engine's id.

    The first goes to `first_to`, if given. A task goes to the officer who last did one of the same position in
    this case and still holds it, to the lead handler where two officers are asked for, else to whom the agency's rule
    for the position gives it, else to everybody of the position.
    """
    session, case = running.session, running.case
    result = {}
    running.opened, running.allotted = [], []
    for task in tasks:
        due = deadlines.due_of(session, task, running.at, case.region_code)
        item = WorkItem(
            id=running.new_id(),
            case_id=case.id,
            agency_id=case.agency_id,
            task_id=task.id,
            node=task.node,
            name=task.name,
            kind=task.kind,
            step=task.attributes.get("step", ""),
            form=task.attributes.get("form", ""),
            position_key=task.position,
            officers=int(task.attributes.get("officers", 0)),
            assignee_id=first_to if first_to and not result else _keeper(running, task),
            opened_at=running.at,
            due_at=due.at if due else None,
        )
        allotted = _allotted(running, item)
        writes.insert(session, item)
        if allotted:
            _enter(running, item, allotted)
        running.opened.append(item)
        result[task.id] = item.id
    return result


def _allotted(running: "Running", item: WorkItem) -> Allotted | None:
    if item.assignee_id is not None or item.kind != "user":
        return None
    found = next((given for allot in ALLOT if (given := allot(running, item))), None)
    if found:
        item.assignee_id = found.officer_id
    return found


def _enter(running: "Running", item: WorkItem, allotted: Allotted) -> None:
    running.allotted.append((item, allotted))
    row = Allocation(
        case_id=item.case_id,
        work_item_id=item.id,
        agency_id=item.agency_id,
        position_key=item.position_key,
        officer_id=allotted.officer_id,
        rule_id=allotted.rule_id,
        at=running.at,
        reason=allotted.reason,
    )
    writes.insert(running.session, row)


def note_allotted(running: "Running") -> None:
    """Record to whom rules gave the tasks this act opened, after the act itself."""
    for item, allotted in running.allotted:
        person = people.officer(running.session, allotted.officer_id)
        detail = {
            "node": item.node,
            "officer": person.id,
            "person": person.name,
            "reason": allotted.reason,
            "rule": allotted.rule_id,
        }
        noting.note(running, "work.allotted", detail)


def _keeper(running: "Running", task: LiveTask) -> int | None:
    holders = {c.id for c in people.officers_at(running.session, running.case.agency_id, task.position)}
    holders -= running.recused
    if int(task.attributes.get("officers", 0)) > 1 or task.kind == "message":
        lead = next((h.officer_id for h in running.handlers if h.role == "lead"), None)
        if lead in holders:
            return lead
    last = running.keepers.get(task.position)
    return last if last in holders else None


def told(running: "Running") -> list[dict[str, str]]:
    """The tasks this act opened as name, position and person."""
    session = running.session
    names = people.officers(session, {w.assignee_id for w in running.opened if w.assignee_id})
    positions = people.position_names(session)
    return [
        {
            "id": str(w.id),
            "name": w.name,
            "position": positions.get(w.position_key, w.position_key),
            "person": names[w.assignee_id].name if w.assignee_id else "",
        }
        for w in running.opened
    ]


def follow_clock(session: Session, event: ClockMoved) -> None:
    """Copy a moved due moment into the inbox row it belongs to (flow subscriber)."""
    if event.work_item_id is not None:
        session.execute(update(WorkItem).where(WorkItem.id == event.work_item_id).values(due_at=event.due_at))
