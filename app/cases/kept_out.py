"""Who was recused from a case (回避) sees it no more: neither the case nor anything in it, by no door that shows cases.

Until the decision they go on; what they did stays theirs to know by number and step in the list of what they handled. A
recusal that is lifted opens the case again. Supervisors of other agencies look by their own right and are not asked here.
"""

from typing import Any

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from app.kernel.auth import Actor
from app.kernel.errors import Forbidden

from .gates.persons import Recused
from .models import Recusal, RecusalState

KEPT_OUT = "select r.case_id from recusal r where r.officer_id = %(me)s and r.state = 'approved'"
"""The cases that the officer `me` must keep out of, in questions as text."""
SEE_NOTHING = "您在本案已被决定回避，不能再查看或者处理本案及其材料。"


def open_to(actor: Actor, case_id: Any) -> ColumnElement[bool]:
    """That a person need not keep out of a case (its id as a column)."""
    if actor.officer_id is None:
        return true()
    own = select(Recusal.case_id).where(
        Recusal.officer_id == actor.officer_id, Recusal.state == RecusalState.APPROVED
    )
    return case_id.not_in(own)


def check(session: Session, actor: Actor, case_id: int) -> None:
    """Tell somebody that they must keep out of a case. They know: it was decided about them.

    Raises:
        Forbidden: the person was recused from it.
    """
    own = select(Recusal.id).where(
        Recusal.case_id == case_id,
        Recusal.officer_id == actor.officer_id,
        Recusal.state == RecusalState.APPROVED,
    )
    if actor.officer_id is not None and session.scalar(own) is not None:
        raise Forbidden(SEE_NOTHING, code=Recused.code)
