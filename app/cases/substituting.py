"""Who acts for whom: a substitute holds the position of somebody who is away, and is named as what they are, 代."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Actor
from app.people import service as people

from .models import Submission, WorkItem

if TYPE_CHECKING:
    from .locking import Running


def absent_ids(running: "Running", work: WorkItem, officer_id: int) -> list[int]:
    """For whom an officer acts at a task: for the one it was taken from, else for the handler of the case whose
    substitute they are, else for whoever's position they hold; nobody where it is their own."""
    card = people.officer(running.session, officer_id, clock.legal_day(running.at))
    absent = [c.officer_id for c in card.covers if work.position_key in c.positions]
    if not absent:
        return []
    if work.for_id in absent:
        return [work.for_id]
    handlers = [h.officer_id for h in running.handlers]
    if officer_id not in handlers and (mine := [o for o in absent if o in handlers]):
        return mine
    return [] if work.position_key in card.own else absent


def waits_for(session: Session, work: WorkItem, officer_id: int) -> people.CoverCard | None:
    """Whom this officer stands in for, where a task waits for that person; None where it waits for nobody else."""
    absent = work.cosigner_id if work.status == "cosign" else work.assignee_id
    if absent is None or officer_id in (absent, work.assignee_id):
        return None
    covers = people.officer(session, officer_id).covers
    return next((c for c in covers if c.officer_id == absent and work.position_key in c.positions), None)


def pairs(running: "Running", work: WorkItem, signers: Iterable[int]) -> list[int]:
    """Who signs for whom, as a submission keeps it."""
    return [one for who in signers for absent in absent_ids(running, work, who) for one in (who, absent)]


def told(name: str, absent: Iterable[int], names: Mapping[int, people.OfficerCard]) -> str:
    """A name as pages, record and documents give it: 甲（代乙）."""
    others = "、".join(names[o].name for o in absent)
    return f"{name}（代{others}）" if others else name


def signed(submission: Submission, names: Mapping[int, people.OfficerCard]) -> list[str]:
    """Who signed a submission, as pages and documents give it."""
    return [
        told(names[o].name, submission.stood_for(o), names) for o in (submission.by_id, *submission.with_ids)
    ]


def name_at(running: "Running", work: WorkItem | None, officer_id: int, name: str) -> str:
    """The name of somebody who acts at a task."""
    absent = absent_ids(running, work, officer_id) if work is not None else []
    return told(name, absent, people.officers(running.session, absent)) if absent else name


def name_of(
    running: "Running", work: WorkItem, officer_id: int | None, names: Mapping[int, people.OfficerCard]
) -> str:
    """The name of the officer a task waits for, empty where it waits for nobody in particular."""
    return name_at(running, work, officer_id, names[officer_id].name) if officer_id else ""


def absent_of(session: Session, actor: Actor, work: WorkItem) -> str:
    """Who is away, where a task waits for somebody this person stands in for; else empty."""
    cover = waits_for(session, work, actor.officer_id) if actor.officer_id else None
    return cover.name if cover else ""


def everybody(submissions: Iterable[Submission]) -> set[int]:
    """All whom submissions name."""
    return {o for s in submissions for o in (s.by_id, *s.with_ids, *s.for_ids)}
