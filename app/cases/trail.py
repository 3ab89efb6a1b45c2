"""The trail of a running case: what each act did to its tokens, so that an act can be taken back (`returning`).

Written with every act, under a seal of its own; gone when the case is closed or moves to another version, whose
drawing may not know the tokens of before. Where a case has none its next act begins one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import service as engine
from app.kernel import reads, sealing, writes
from app.kernel.errors import Refused

from .models import Case, Submission, TokenStep, WorkItem
from .seals import ARTICLE
from .thresholds import Moment, newest

if TYPE_CHECKING:
    from .locking import Running

LABEL = "token_step"
FORGET = "delete from token_step where case_id = %(case)s"
FORGET_LAST = """
delete from token_step where case_id = %(case)s and work_item_id is null
and id = (select max(id) from token_step where case_id = %(case)s)
"""
BEGUN = reads.Fragment("trailed", "select exists (select from token_step t where t.case_id = {case})")
Clocked = Sequence[tuple[str, str, int]]
"""What clocks did: the step, `start`, `stop`, `pause` or `resume`, and the clock's or the suspension's id."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One act of the trail. `work` and `submission` are empty where a timer fired."""

    row: TokenStep
    work: WorkItem | None
    submission: Submission | None
    moved: engine.Moved

    @property
    def act(self) -> engine.Act:
        """As the engine does it again."""
        told = self.row.told.get("received")
        received = datetime.fromisoformat(told) if told else None
        task_id, message = (self.work.task_id, self.work.kind == "message") if self.work else ("", False)
        return engine.Act(task_id, message, self.row.at, received, self.moved)

    @property
    def moments(self) -> dict[str, datetime]:
        """The legal steps passed, in order, with their moments."""
        return {step: datetime.fromisoformat(at) for step, at in self.row.told.get("steps", ())}

    @property
    def steps(self) -> list[str]:
        """The legal steps passed, in order; one may be passed twice."""
        return [step for step, _ in self.row.told.get("steps", ())]

    @property
    def actions(self) -> Sequence[str]:
        """The named actions carried out."""
        return self.row.told.get("actions", ())

    @property
    def demanded(self) -> Sequence[str]:
        """The attributes that it was the first to find demanded by the agency."""
        return self.row.told.get("demanded", ())

    @property
    def judged(self) -> Moment:
        """The moment as of which the agency's thresholds count for it: its own, or that of a later judgement."""
        told = self.row.told
        at = datetime.fromisoformat(told["judged"]) if "judged" in told else self.row.at
        return Moment(at, told.get("seen", 0))

    @property
    def clocked(self) -> Clocked:
        """What clocks did because of it."""
        return [(step, what, number) for step, what, number in self.row.told.get("clocks", ())]


@dataclass(frozen=True, slots=True)
class Trail:
    """A case from where its trail begins: the state, passed steps and monitor then, and the acts since."""

    state: bytes
    passed: Mapping[str, int | str]
    monitor: str | None
    acts: Sequence[Taken]


def note(
    running: "Running",
    before: bytes,
    advance: engine.Advance,
    work: WorkItem | None,
    moments: Mapping[str, datetime],
    clocked: Clocked,
    was: Mapping[str, Any],
    received: datetime | None,
    taken_up: Sequence[str] = (),
) -> None:
    """Keep what an act did; `before` is the state it found, `was` what else (where the trail begins with it), `taken_up`
    the attributes that it was the first to find demanded by the agency."""
    session, case = running.session, running.case
    if advance.finished:
        writes.run(session, FORGET, {"case": case.id})
        return
    if received is not None:  # the timer that had fired never did
        writes.run(session, FORGET_LAST, {"case": case.id})
    if not running.trailed:
        _insert(running, None, before, was)
        running.trailed = True
    told: dict[str, Any] = {"steps": [[step, moments[step].isoformat()] for step in advance.steps]}
    told |= {
        name: list(value)
        for name, value in (("actions", advance.actions), ("clocks", clocked), ("demanded", taken_up))
        if value
    }
    if seen := newest(running):
        told["seen"] = seen
    if received is not None:
        told["received"] = received.isoformat()
    _insert(running, work, engine.difference(before, advance.state).dump(), told)


def standing(case: Case) -> dict[str, Any]:
    """What a case keeps besides its state, where its trail begins."""
    return {"passed": dict(case.passed), "monitor": case.monitor}


def _insert(running: "Running", work: WorkItem | None, moved: bytes, told: Mapping[str, Any]) -> None:
    row = TokenStep(
        case_id=running.case.id,
        at=running.at,
        work_item_id=work.id if work else None,
        moved=moved,
        told=dict(told),
    )
    row.seal = seal_of(row)
    writes.insert(running.session, row)


def seal_of(row: TokenStep) -> bytes:
    """The seal for a row of the trail."""
    return sealing.make(LABEL, _material(row))


def _material(row: TokenStep) -> bytes:
    work = "" if row.work_item_id is None else str(row.work_item_id)
    parts = (str(row.case_id), str(int(row.at.timestamp() * 1_000_000)), work, bytes(row.moved))
    return sealing.joined(*parts, sealing.canonical(row.told))


def change(row: TokenStep, moved: bytes, told: Mapping[str, Any]) -> None:
    """Write another content into a row, under its seal; nothing where it is the same."""
    if (bytes(row.moved), row.told) != (moved, told):
        row.moved, row.told = moved, dict(told)
        row.seal = seal_of(row)


def rename(session: Session, case_id: int, names: Mapping[int, int]) -> None:
    """Give the tokens with which a trail begins their new ids."""
    first = session.scalars(
        select(TokenStep).where(TokenStep.case_id == case_id).order_by(TokenStep.id).limit(1)
    ).one()
    found, fresh, number = engine.tokens(bytes(first.moved)), dict(names), engine.counter(bytes(first.moved))
    if fresh.keys() & found.keys():
        attributes = engine.attributes(bytes(first.moved))
        change(first, engine.stored(number, attributes, engine.under(found, fresh)), first.told)


def forget(running: "Running") -> None:
    """Nothing before this moment can be taken back any more."""
    writes.run(running.session, FORGET, {"case": running.case.id})
    running.trailed = False


def read(running: "Running") -> Trail | None:
    """The trail of a case; None where no act was done since it could begin.

    Raises:
        Refused: somebody has changed it.
    """
    session, case_id = running.session, running.case.id
    asked = select(TokenStep).where(TokenStep.case_id == case_id).order_by(TokenStep.id)
    rows = session.scalars(asked.execution_options(populate_existing=True)).all()
    if not rows:
        return None
    for row in rows:
        if not sealing.holds(LABEL, row.seal, _material(row)):
            raise broken()
    works = {w.id: w for w in session.scalars(select(WorkItem).where(WorkItem.case_id == case_id))}
    handed = {
        s.work_item_id: s for s in session.scalars(select(Submission).where(Submission.case_id == case_id))
    }
    first, *others = rows
    acts = [
        Taken(
            row,
            works[row.work_item_id] if row.work_item_id else None,
            handed[row.work_item_id] if row.work_item_id else None,
            engine.moved(row.moved),
        )
        for row in others
    ]
    return Trail(bytes(first.moved), first.told["passed"], first.told["monitor"], acts)


def broken() -> Refused:
    """Somebody has changed the trail, or what was handed in."""
    return Refused(
        "本案的流转轨迹与案件现在的状态不一致，可能有人绕过平台改动过数据。本次处理没有执行，"
        "请报告本机关负责人和系统管理员。",
        code="trail_broken",
        article=ARTICLE,
    )
