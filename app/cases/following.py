"""Cases that follow what another case decided: a review, a lawsuit, a correction. Which do, their rule sets say
(`follows`).

The decided case reads what they say: days that do not count, amounts that were changed, whether a dispute is under way.
A case that was handed over (an enforcement) looks at those of the case that decided.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.diagrams import service as diagrams

from . import context
from .link_models import CaseLink, LinkKind
from .models import Case

if TYPE_CHECKING:
    from .locking import Running

Filed = Sequence[tuple[str, Any]]


def source(session: Session, case_id: int) -> int | None:
    """The case this one came out of; None where it came out of none."""
    return session.scalar(select(CaseLink.source_id).where(CaseLink.target_id == case_id))


def ids(session: Session, case_id: int) -> Sequence[int]:
    """The cases that follow what was decided in a case or, where it was handed over, in the case it came out of; in the
    order of their opening."""
    above = select(CaseLink.source_id).where(
        CaseLink.target_id == case_id, CaseLink.kind == LinkKind.REFERRED
    )
    chosen = select(CaseLink.target_id).where(
        CaseLink.kind == LinkKind.FOLLOWS, (CaseLink.source_id == case_id) | CaseLink.source_id.in_(above)
    )
    return session.scalars(chosen.order_by(CaseLink.id)).all()


def filed(session: Session, cases: Iterable[int]) -> Sequence[Filed]:
    """What was handed in at each case and counts, oldest first."""
    return tuple(
        tuple((s.form, s.data) for s in context.submissions(session, case_id) if s.void_at is None)
        for case_id in cases
    )


def under_way(running: "Running") -> tuple[str, ...]:
    """The numbers of the cases that follow the decision and in which the dispute is not over."""
    found = []
    for case in _cases(running.session, ids(running.session, running.case.id)):
        over = {step for each in _follows(running.session, case) for step in each.over}
        if case.closed_at is None and not over & case.passed.keys():
            found.append(case.no)
    return tuple(found)


def told(session: Session, case_id: int) -> Sequence[str]:
    """What a case that follows a decision shows of itself on the page of the decided case, in Chinese."""
    (case,) = _cases(session, [case_id])
    (said,) = filed(session, [case_id])
    procedure = diagrams.procedure(session, case.procedure_id)
    found = []
    for path in dict.fromkeys(path for each in procedure.rules.follows for path in each.tells):
        form, _, key = path.partition(".")
        values = [data.get(key) for name, data in said if name == form]
        if values and values[-1]:
            found.append(_word(procedure, form, key, str(values[-1])))
    return found


def _word(procedure: Any, form: str, key: str, value: str) -> str:
    """An answer in the words of its form."""
    for item in procedure.forms[form]["items"]:
        if item.get("key") == key:
            options = [o for o in item.get("options", ()) if isinstance(o, dict)]
            return next((str(o["label"]) for o in options if o["value"] == value), value)
    return value


def _cases(session: Session, cases: Iterable[int]) -> Sequence[Case]:
    return session.scalars(select(Case).where(Case.id.in_(cases)).order_by(Case.id)).all()


def _follows(session: Session, case: Case) -> Any:
    return diagrams.procedure(session, case.procedure_id).rules.follows
