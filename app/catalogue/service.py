"""The door of the catalogue room."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.errors import NotFound

from .models import PowerItem


class ItemStatus(StrEnum):
    """Where an item stands; only a published one can be exercised."""

    PUBLISHED = "published"
    ABOLISHED = "abolished"


def items_of(session: Session, agency_id: int) -> Sequence[PowerItem]:
    """The agency's published items, in the order of their codes."""
    return session.scalars(
        select(PowerItem)
        .where(PowerItem.agency_id == agency_id, PowerItem.status == ItemStatus.PUBLISHED)
        .order_by(PowerItem.code)
    ).all()


def item(session: Session, agency_id: int, item_id: int) -> PowerItem:
    """One published item of this agency.

    Raises:
        NotFound: it does not exist, is not published, or is another agency's.
    """
    found = session.scalar(
        select(PowerItem).where(
            PowerItem.id == item_id,
            PowerItem.agency_id == agency_id,
            PowerItem.status == ItemStatus.PUBLISHED,
        )
    )
    if found is None:
        raise NotFound("没有这个事项，或者它还没有公布。")
    return found


def add(session: Session, agency_id: int, values: Mapping[str, Any]) -> PowerItem:
    """Add a published item, or return the one with the same code (loading twice changes nothing)."""
    known = session.scalar(
        select(PowerItem).where(PowerItem.agency_id == agency_id, PowerItem.code == values["code"])
    )
    if known:
        return known
    new = PowerItem(
        agency_id=agency_id,
        code=values["code"],
        name=values["name"],
        kind=values["type"],
        procedure=values["procedure"],
        status=ItemStatus.PUBLISHED,
        basis=list(values.get("basis") or ()),
        content=dict(values.get("content") or {}),
    )
    session.add(new)
    return new
