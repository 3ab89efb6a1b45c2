"""What others must answer before a task is handed in: delegates who prepare it, further signers."""

from collections.abc import Callable, Sequence

from sqlalchemy import select

from . import signing
from .locking import Running
from .models import Involvement, Part, PartState, WorkItem

Hold = Callable[[Running, WorkItem, Sequence[Involvement]], None]
"""Looks at the involvements from which an answer is awaited, and refuses where the task has to wait for it."""
HOLDS: list[Hold] = [signing.hold]


def check(running: Running, work: WorkItem) -> None:
    """Refuse to hand in a task that waits for somebody else.

    Raises:
        Refused: somebody has to answer first; the message says who.
    """
    chosen = select(Involvement).where(
        Involvement.work_item_id == work.id,
        Involvement.state == PartState.OPEN,
        Involvement.part.in_((Part.DELEGATE, Part.SIGNER)),
    )
    awaited = running.session.scalars(chosen.order_by(Involvement.place, Involvement.id)).all()
    for hold in HOLDS:
        hold(running, work, awaited)
