"""A letter that came in time and is entered after its period was over.

When a period ends, its timer moves the case on. What the party brought on the last day is often entered the
next morning. As long as nothing else was done since, the timer's firing can be taken back: the case keeps what
the firing replaced (`Case.late`), and the message may be registered as of the moment it was received. The
gate `InTime` sees to it that this moment lies within the period.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import service as engine
from app.kernel import writes

from .models import Case, WorkItem, WorkStatus

if TYPE_CHECKING:
    from .locking import Running

CANCEL = """
update work_item set status = 'cancelled', done_at = %(at)s, version = version + 1
where id = any(%(items)s) and id <> %(own)s and status in ('late', 'open', 'cosign', 'signing')
"""


def snapshot(running: "Running") -> dict[str, Any]:
    """The case as a timer finds it."""
    case = running.case
    state = base64.b64encode(case.state).decode()
    return {"state": state, "passed": dict(case.passed), "monitor": case.monitor}


def keep(running: "Running", found: Mapping[str, Any], advance: engine.Advance) -> None:
    """After a timer fired: keep what it found, where it ended nothing but messages that the rule set lets in late.

    Not where a task that appeared has already issued a document: that cannot be taken back.
    """
    session, case = running.session, running.case
    steps = {bound.step for bound in running.procedure.rules.in_time}
    ended = session.scalars(
        select(WorkItem).where(WorkItem.case_id == case.id, WorkItem.task_id.in_(advance.closed))
    ).all()
    papers = [d for task in advance.opened for d in task.documents if d.get("when") == "open"]
    if not ended or papers or any(w.kind != "message" or w.step not in steps for w in ended):
        return
    for work in ended:
        work.status = WorkStatus.LATE
    after = hashlib.sha256(advance.state).hexdigest()
    case.late = {**found, "after": after, "items": sorted(w.id for w in ended)}
    session.flush()


def covers(case: Case, work: WorkItem) -> bool:
    """Whether this task may be entered late now."""
    return case.late is not None and work.id in case.late["items"]


def items(session: Session, case: Case) -> Sequence[WorkItem]:
    """The messages of a case that may still be entered late."""
    if case.late is None:
        return []
    return session.scalars(select(WorkItem).where(WorkItem.id.in_(case.late["items"]))).all()


def before(case: Case) -> bytes:
    """The state that the firing of the timer found."""
    return base64.b64decode((case.late or {})["state"])


def register(
    running: "Running",
    work: WorkItem,
    after: Mapping[str, Any],
    received: datetime,
    own: Mapping[str, datetime],
) -> engine.Advance:
    """Take the firing back and let the message have come when it was received. The caller settles."""
    case = running.case
    kept = case.late or {}
    if hashlib.sha256(case.state).hexdigest() != kept["after"]:
        raise AssertionError("every act forgets what an earlier firing replaced")
    case.passed = dict(kept["passed"])
    case.monitor = kept.get("monitor")
    return engine.register_late(
        running.spec, before(case), case.state, work.task_id, after, received, running.at, running.due(own)
    )


def forget(running: "Running", own: WorkItem | None) -> None:
    """Something else is done, or `own` has been entered late: the period is over for good."""
    case = running.case
    if case.late is None:
        return
    values = {"items": case.late["items"], "own": own.id if own else 0, "at": running.at}
    writes.run(running.session, CANCEL, values)
    case.late = None
