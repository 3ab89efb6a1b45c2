"""A reviewer's own work over the last twelve months: how many, how long, with which results.

Bounded: at most `MOST` of the newest reviews, found by the index of what a person has done.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import Case, Submission, WorkItem
from app.diagrams import service as diagrams
from app.forms import service as forms
from app.kernel import clock
from app.kernel.auth import Actor

from .legal_keeping import REVIEW
from .legal_points import Shape, shape_of

MOST = 500
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Statistics:
    """`days` from arrival to opinion on average, calendar days; `late` were handed in after their limit;
    `conclusions` and `points` are counted, the most frequent first; `more` says that older ones were left out."""

    count: int
    cases: int
    days: float
    late: int
    passed: int
    again: int
    conclusions: Sequence[tuple[str, int]]
    points: Sequence[tuple[str, int]]
    more: bool

    @property
    def returned(self) -> int:
        """Reviews that did not let the case pass."""
        return self.count - self.passed


def of(session: Session, actor: Actor) -> Statistics:
    """The statistics of this person."""
    rows = session.execute(
        select(
            WorkItem.case_id, WorkItem.form, WorkItem.opened_at, WorkItem.done_at, WorkItem.due_at,
            Case.procedure_id, Submission.data,
        )
        .join(Submission, Submission.work_item_id == WorkItem.id)
        .join(Case, Case.id == WorkItem.case_id)
        .where(
            WorkItem.status == cases.WorkStatus.DONE,
            WorkItem.done_by == actor.officer_id,
            WorkItem.agency_id == actor.agency_id,
            WorkItem.step == REVIEW,
            WorkItem.done_at >= clock.now() - YEAR,
            Submission.case_id == WorkItem.case_id,
        )
        .order_by(WorkItem.done_at.desc(), WorkItem.id.desc())
        .limit(MOST + 1)
    ).all()  # fmt: skip
    more, rows = len(rows) > MOST, rows[:MOST]
    shapes: dict[tuple[int, str], tuple[forms.Form, Shape]] = {}
    conclusions: Counter[str] = Counter()
    points: Counter[str] = Counter()
    rounds: Counter[int] = Counter()
    passed = late = 0
    spent = timedelta()
    for row in rows:
        if (row.procedure_id, row.form) not in shapes:
            procedure = diagrams.procedure(session, row.procedure_id)
            form = cases.form_named(procedure, row.form)
            shapes[row.procedure_id, row.form] = form, shape_of(form, procedure.rules, REVIEW)
        form, shape = shapes[row.procedure_id, row.form]
        conclusions[str(row.data.get(shape.conclusion) or "其他")] += 1
        points.update(point.label for point in shape.failed(row.data))
        passed += bool(form.routing(row.data).get(shape.passed))
        rounds[row.case_id] += 1
        spent += row.done_at - row.opened_at
        late += row.due_at is not None and row.done_at > row.due_at
    count = len(rows)
    return Statistics(
        count=count,
        cases=len(rounds),
        days=round(spent / count / timedelta(days=1), 1) if count else 0.0,
        late=late,
        passed=passed,
        again=sum(times - 1 for times in rounds.values()),
        conclusions=conclusions.most_common(),
        points=points.most_common(),
        more=more,
    )
