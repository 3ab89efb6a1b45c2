"""Everything the page of one task shows, read in one round trip: the page is asked for before every act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.deadlines import service as deadlines
from app.documents import service as documents
from app.forms import service as forms
from app.kernel import editions, reads
from app.kernel.auth import Actor
from app.kernel.errors import NotFound

from . import kept_out, locking
from .desk_acts.base import Place
from .handling import GOVERNANCE, governs_only, handler_of, handles
from .models import Case, Involvement, Submission, WorkItem

OF_WORK = "(select case_id from work_item where id = %(work)s)"
"""The case, in questions that are sent before anybody has heard the answer to the first one."""
WORK = f"""
select w.*, (select a.reason from allocation a where a.work_item_id = w.id order by a.id desc limit 1) as allotted,
    (select count(*) from urging u where u.work_item_id = w.id) as urged, {locking.ROUNDS} as sign_rounds
from work_item w where {locking.OF_PERSON}
"""  # noqa: S608 - ours
CASE = f'select * from "case" where id = {OF_WORK}'  # noqa: S608
PAGE = locking.OF_PAGE.replace("%(case)s", OF_WORK)
HANDED_IN = f"""
select s.*, w.node, w.name, w.step, w.form, w.done_at as at, w.done_by as by_id
from submission s join work_item w on w.id = s.work_item_id
where s.case_id = {OF_WORK} and w.case_id = s.case_id order by s.id
"""  # noqa: S608
PARTS = """
select * from involvement where work_item_id = %(work)s and state <> 'removed' order by id
"""
DOCUMENTS = documents.ISSUED.format(case=OF_WORK)
CLOCKS = tuple(question.format(case=OF_WORK) for question in deadlines.OF_CASE)
DRAFT = forms.DRAFT.format(account="%(account)s", scope="%(scope)s")


@dataclass(frozen=True, slots=True)
class Desk:
    """A task with what lies beside it: the case, everything handed in (oldest first), the valid documents, the
    clocks that run or are paused, what this person has typed so far, and who else takes part in the task. The rows
    are not attached to the session: to read, not to change."""

    work: WorkItem
    running: locking.Running
    handed_in: Sequence[Submission]
    documents: Sequence[Mapping[str, Any]]
    clocks: Sequence[deadlines.ClockView]
    draft: dict[str, Any] | None
    parts: Sequence[Involvement] = ()
    allotted: str = ""
    """By which rule the task found its person, if by one."""
    urged: int = 0
    """How often it was urged."""

    def place(self, session: Session, actor: Actor) -> Place:
        """Where an act on the task takes place."""
        officer_id = handler_of(actor, self.running.procedure.kind)
        return Place(session, actor, officer_id, self.running, self.work, self.parts)

    @property
    def clock(self) -> deadlines.ClockView | None:
        """The task's own clock, None where it has no limit."""
        own = [clock for clock in self.clocks if clock.work_item_id == self.work.id]
        return max(own, key=lambda clock: clock.id) if own else None


def desk(session: Session, actor: Actor, work_item_id: int) -> Desk:
    """A task that exists for this person, with what lies beside it.

    Raises:
        NotFound: it does not exist for this person; what was read with it is let go of unseen.
        Forbidden: the person was recused from its case.
    """
    values = {
        "work": work_item_id,
        "agency": actor.agency_id,
        "positions": sorted(actor.positions),
        "officer": actor.officer_id,
        "account": actor.account_id,
        "scope": f"work:{work_item_id}",
    }
    asked = (WORK, CASE, PAGE, HANDED_IN, DOCUMENTS, DRAFT, PARTS, *CLOCKS)
    works, cases, pages, handed_in, issued, drafts, parts, *clocks = reads.fetch(
        session, *((question, values) for question in asked)
    )
    if not works or not handles(actor):
        raise NotFound(locking.NO_WORK)
    editions.told(session, pages[0]["editions"])
    clocks[0] = [c for c in clocks[0] if c["stopped_at"] is None or c["work_item_id"] == work_item_id]
    running = locking.shown(session, reads.entity(Case, cases[0]), pages[0])
    if governs_only(actor) and running.procedure.kind != GOVERNANCE:
        raise NotFound(locking.NO_WORK)
    if actor.officer_id in running.recused:
        kept_out.check(session, actor, running.case.id)
    running.sign_rounds = locking.rounds_in(works[0])
    return Desk(
        reads.entity(WorkItem, works[0]),
        running,
        [reads.entity(Submission, row) for row in handed_in],
        documents.issued_in(issued),
        deadlines.views_of(session, clocks, running.at),
        forms.draft_in(drafts),
        [reads.entity(Involvement, row) for row in parts],
        works[0]["allotted"] or "",
        works[0]["urged"],
    )
