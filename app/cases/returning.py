"""Taking acts of a running case back: what a return (退回) and a withdrawal (撤回) both do.

The case comes to stand as if the chosen act and what was built on it had not been done (`cutting`). Their submissions
stay as they are and are void; their documents are void in the register; their clocks stand as if never moved; the task
waits again, filled in with what was handed in. Who took part, what the party was told and how often a step was done
stay: each is the stricter for it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.deadlines import service as deadlines
from app.documents import service as documents
from app.documents.models import Document, Status
from app.engine import service as engine
from app.kernel import writes
from app.kernel.auth import Actor
from app.kernel.errors import Refused
from app.kernel.events import CaseNoted, LiveTask
from app.people import service as people

from . import acts, late, monitoring, rules, signing, sittings, stepping, trail, work_items
from .cutting import Cut, History
from .handling import handler_of
from .locking import Running
from .models import Involvement, Part, PartState, WorkItem, WorkStatus

VOID = "update submission set void_at = %(at)s where case_id = %(case)s and work_item_id = any(%(works)s)"
ASKED = (Part.DELEGATE, Part.SIGNER)
"""From whom something is awaited. Who was sent a copy goes on reading, who watches goes on watching."""


def keeper(running: Running, cut: Cut) -> int | None:
    """Who gets the task back: who handed it in, still holding the position and not excluded; None: the position."""
    work, handed = cut.target.work, cut.target.submission
    if work is None or handed is None:
        return None
    holders = {
        card.id for card in people.officers_at(running.session, running.case.agency_id, work.position_key)
    }
    if handed.by_id not in holders:
        return None
    me = stepping.signer(running.session, handed.by_id, running.at)
    try:
        stepping.guard(stepping.facts_of(running, work, [me], cut.attributes), rules.PERSON_GATES)
    except Refused:
        return None
    return handed.by_id


def papers(session: Session, running: Running, cut: Cut) -> Sequence[Document]:
    """The valid documents that what falls has issued, and those that stand in the place of such a one."""
    moments = [taken.row.at for taken in (*cut.void, *(one for one, _ in cut.changed))]
    issued = session.scalars(
        select(Document).where(Document.case_id == running.case.id).order_by(Document.id)
    ).all()
    whole = {(t.row.work_item_id, t.row.at) for t in cut.void}
    lost = {step for step, _, _ in cut.lost}
    tasks = {(t.row.work_item_id, t.row.at): t for t, _ in cut.changed}
    found = []
    fallen: set[int] = set()
    for paper in issued:
        if paper.replaces_id in fallen:
            fallen.add(paper.id)
            found.append(paper)
        if paper.issued_at not in moments or paper.replaces_id:
            continue
        key = (paper.work_item_id, paper.issued_at)
        own = tasks[key].work if key in tasks else None
        if key in whole or (key in tasks and (own is None or paper.step != own.step or paper.step in lost)):
            fallen.add(paper.id)
            found.append(paper)
    return [paper for paper in found if paper.status == Status.ISSUED]


def live_tasks(running: Running, cut: Cut) -> tuple[list[LiveTask], list[LiveTask]]:
    """The tasks that wait now and would not, and those that would wait and do not now (their ids are old ones)."""
    before = {task.id: task for task in engine.live(running.spec, running.case.state)}
    state = engine.stored(cut.number, cut.attributes, cut.tokens)
    after = {task.id: task for task in engine.live(running.spec, state)}
    return (
        [task for key, task in before.items() if key not in after],
        [task for key, task in after.items() if key not in before],
    )


def take_back(
    running: Running, actor: Actor, history: History, cut: Cut, kind: str, reason: str, own: WorkItem
) -> None:
    """Let the case stand as the cut says, and record it as `kind`. `own` is the task the person acts at.

    Raises:
        Refused: it may not be taken back.
    """
    if cut.refusal:
        raise Refused(cut.refusal, code="return", article=cut.article)
    session, case = running.session, running.case
    ended, _ = live_tasks(running, cut)
    issued = papers(session, running, cut)
    gets = keeper(running, cut)
    fresh = {key for key in cut.tokens if key <= history.greatest and key not in history.stands[-1].tokens}
    tokens, names, number = engine.renewed(cut.tokens, fresh, cut.number)
    state = engine.stored(number, cut.attributes, tokens)
    known = {task.id for task in engine.live(running.spec, case.state)}
    opened = [task for task in engine.live(running.spec, state) if task.id not in known]
    changed = {k: v for k, v in cut.attributes.items() if case.attributes.get(k) != v}
    was = running.passed

    late.forget(running, None)
    works = [taken.work.id for taken in cut.void if taken.work]
    put_away = _end(running, ended, own, works, reason)
    case.state, case.attributes = state, dict(cut.attributes)
    case.passed = rules.moments_kept(cut.passed)
    case.monitor = monitoring.monitor(running.procedure, running.at).text(cut.demands)
    case.next_due = engine.next_due(running.spec, tokens)
    writes.run(session, VOID, {"case": case.id, "at": running.at, "works": works})
    items = _open(running, opened, cut, names, gets)
    for paper in issued:
        documents.void(
            session,
            paper,
            f"办理任务被退回或者撤回：{reason}"[:500],
            handler_of(actor, running.procedure.kind),
        )
    event = _event(running, actor, kind)
    told = deadlines.take_back(session, event, cut.clocked, [task.id for task in ended], opened, items)
    _rewrite(running, history, cut, names)
    target = cut.target.work
    detail = {
        "node": own.node,
        "to": target.node if target and cut.void else "",
        "reason": reason,
        "void": works,
        "ended": [task.node for task in ended],
        "opened": [task.node for task in opened],
        "set": changed,
        "unpassed": sorted(was.keys() - cut.passed.keys()),
        "passed": sorted(cut.passed.keys() - was.keys()),
        "papers": [{"id": d.id, "code": d.code, "number": d.number} for d in issued],
        "clocks": told,
        **put_away,
    }
    acts.note(
        running,
        actor,
        kind,
        {name: value for name, value in detail.items() if value},
        position=own.position_key,
    )


def _event(running: Running, actor: Actor, kind: str) -> CaseNoted:
    """What the clocks want to know of the act."""
    case = running.case
    return CaseNoted(
        case.id, case.agency_id, case.region_code, running.at, handler_of(actor, running.procedure.kind),
        running.procedure.version, {}, actor.name, kind=kind,
    )  # fmt: skip


def _end(
    running: Running, ended: Sequence[LiveTask], own: WorkItem, void: Sequence[int], reason: str
) -> dict[str, Any]:
    """The tasks that wait no more: cancelled, and nobody is asked about them any longer; sittings of theirs, and of tasks
    that are `void`, are called off. For the record: the rounds of signing that ended (`rounds`), whose answer is not
    awaited any more (`unasked`), how many sittings were called off (`sittings`)."""
    session, tasks = running.session, [task.id for task in ended]
    if own.task_id in tasks:
        own.status, own.done_at = WorkStatus.CANCELLED, running.at
        own.version += 1
    chosen = select(WorkItem).where(WorkItem.case_id == running.case.id, WorkItem.task_id.in_(tasks))
    works = session.scalars(chosen.order_by(WorkItem.id)).all()
    waited = select(Involvement).where(
        Involvement.work_item_id.in_([work.id for work in works]),
        Involvement.state == PartState.OPEN,
        Involvement.part.in_(ASKED),
    )
    asked = session.scalars(waited.order_by(Involvement.id)).all()
    unasked = sorted({part.officer_id for part in asked})
    rounds = [number for work in works for number in signing.end_all(running, work, reason)]
    for part in asked:  # of rounds that were settled before all had answered, too
        part.state = PartState.REMOVED
    session.flush()
    work_items.close(running, tasks, own)
    called_off = sittings.end_all(session, [*void, *(work.id for work in works)], reason)
    return {"rounds": rounds, "unasked": unasked, "sittings": called_off}


def _open(
    running: Running, opened: Sequence[LiveTask], cut: Cut, names: Mapping[int, int], gets: int | None
) -> dict[str, int]:
    """The tasks that wait again: the chosen one as it was handed in, others as they were left."""
    items = work_items.open_all(running, opened)
    target, handed = cut.target.work, cut.target.submission
    older = {new: old for old, new in names.items()}
    before = _left(running, opened, older)
    for item in running.opened:
        was = _old_id(item.task_id, older)
        if target is not None and was == target.task_id:
            item.assignee_id = gets
            item.pending = dict(handed.data) if handed else None
        elif was in before:
            item.assignee_id, item.pending = before[was].assignee_id, before[was].pending
    return items


def _old_id(task_id: str, older: Mapping[int, int]) -> str:
    ident, dot, event = task_id.partition(".")
    return f"{older.get(int(ident), ident)}{dot}{event}"


def _left(running: Running, opened: Sequence[LiveTask], older: Mapping[int, int]) -> dict[str, WorkItem]:
    ids = [_old_id(task.id, older) for task in opened]
    chosen = select(WorkItem).where(
        WorkItem.case_id == running.case.id,
        WorkItem.task_id.in_(ids),
        or_(WorkItem.assignee_id.is_not(None), WorkItem.pending.is_not(None)),
    )
    return {work.task_id: work for work in running.session.scalars(chosen)}


def _rewrite(running: Running, history: History, cut: Cut, names: Mapping[int, int]) -> None:
    """The trail of the acts that are left, under the ids their tokens have now."""
    session = running.session
    gone = {taken.row.id for taken in cut.void}
    redone = {taken.row.id: again for taken, again in cut.changed}
    for taken in history.acts:
        if taken.row.id in gone:
            session.delete(taken.row)
            continue
        again = redone.get(taken.row.id)
        moved = engine.rewritten(again.moved if again else taken.moved, names)
        told = dict(taken.row.told)
        if demanded := history.demanded.get(taken.row.id):
            told["demanded"] = list(demanded)
        if judged := history.judged.get(taken.row.id):
            told |= {"judged": judged.at.isoformat(), "seen": judged.seen}
        if again:
            left = set(again.steps)
            told["steps"] = [[s, taken.moments.get(s, taken.row.at).isoformat()] for s in again.steps]
            told["actions"] = list(again.actions)
            told["clocks"] = [did for did in told.get("clocks", ()) if did[0] in left]
        trail.change(taken.row, moved.dump(), told)
    trail.rename(session, running.case.id, names)
    session.flush()
