"""How the statutory clocks of a case stand, in one light query."""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from .models import Clock, ClockKind, ClockState


def standing(
    session: Session, case_id: int, keys: Collection[str]
) -> Iterator[tuple[str, str, bool, datetime]]:
    """The open statutory clocks with these keys: key, name, whether paused, due moment."""
    chosen = select(Clock.key, Clock.name, Clock.state, Clock.due_at).where(
        Clock.case_id == case_id,
        Clock.kind == ClockKind.STATUTORY,
        Clock.key.in_(sorted(keys)),
        Clock.state.in_((ClockState.RUNNING, ClockState.PAUSED)),
    )
    for key, name, state, due_at in session.execute(chosen.order_by(Clock.id)):
        yield key, name, state == ClockState.PAUSED, due_at
