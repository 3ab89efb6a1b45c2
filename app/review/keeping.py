"""Texts that one person types for all while they sit: the minutes of a meeting, the record of a hearing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.errors import Conflict

from .hearing_models import Hearing
from .meeting_models import Meeting

Sitting = TypeVar("Sitting", Hearing, Meeting)
MOVED_ON = "另一人已经改动了{what}，您的内容还在本页，没有保存。请刷新后合并。"


@dataclass(frozen=True, slots=True)
class Kept(Generic[Sitting]):
    """What is kept: the attribute of the row with its parts and the most characters of each, in which states it may
    change, and what is said in others."""

    model: type[Sitting]
    attribute: str
    what: str
    most: Mapping[str, int]
    states: Collection[str]
    fixed: str


def keep(
    session: Session, kept: Kept[Sitting], row_id: int, version: int, given: Mapping[str, str]
) -> Sitting:
    """Keep the texts as they stand, unchecked but for their length; the row is locked.

    Raises:
        Conflict: somebody else has written meanwhile, or they are fixed.
    """
    chosen = select(kept.model).where(kept.model.id == row_id).with_for_update()
    held = session.scalars(chosen.execution_options(populate_existing=True)).one()
    if held.state not in kept.states:
        raise Conflict(kept.fixed, code="fixed")
    before = getattr(held, kept.attribute)
    typed = {name: given.get(name, "")[:most] for name, most in kept.most.items()}
    if typed == {name: before.get(name, "") for name in typed}:
        return held
    if held.version != version:
        raise Conflict(MOVED_ON.format(what=kept.what), code="moved_on")
    setattr(held, kept.attribute, {**before, **typed})
    held.version += 1
    return held
