"""The door of the catalogue room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import editions
from app.kernel.errors import NotFound

from .models import CATALOGUE, PowerItem

NO_ITEM = "没有这个事项，或者它还没有公布。"


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


def of_procedure(session: Session, key: str, limit: int = 200) -> Sequence[PowerItem]:
    """Published items, of any agency, that run on a procedure; each name once."""
    chosen = select(PowerItem).where(PowerItem.procedure == key, PowerItem.status == ItemStatus.PUBLISHED)
    chosen = chosen.distinct(PowerItem.name).order_by(PowerItem.name, PowerItem.id).limit(limit)
    return session.scalars(chosen).all()


@dataclass(frozen=True, slots=True)
class Item:
    """An item as cases see it: plain values, kept in the process until the catalogue changes. `content` is what
    documents and gates may use of it."""

    id: int
    agency_id: int
    name: str
    procedure: str
    status: str
    content: Mapping[str, Any]


_kept: tuple[str, dict[int, Item]] = ("", {})
"""Only a cache: every question asks the database for the edition first."""


def item(session: Session, item_id: int) -> Item:
    """An item, published or not: a case goes on when its item is abolished."""
    global _kept
    edition = editions.current(session, CATALOGUE)
    if _kept[0] != edition:
        _kept = (edition, {})
    known = _kept[1]
    if item_id not in known:
        row = session.get(PowerItem, item_id)
        if row is None:
            raise NotFound(NO_ITEM)
        content = {"id": row.id, "code": row.code, "name": row.name, "basis": row.basis, **row.content}
        known[item_id] = Item(row.id, row.agency_id, row.name, row.procedure, row.status, content)
    return known[item_id]


def published(session: Session, agency_id: int, item_id: int) -> Item:
    """One published item of this agency.

    Raises:
        NotFound: it does not exist, is not published, or is another agency's.
    """
    found = item(session, item_id)
    if found.agency_id != agency_id or found.status != ItemStatus.PUBLISHED:
        raise NotFound(NO_ITEM)
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
