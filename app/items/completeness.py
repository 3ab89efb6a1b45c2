"""公开完整度: what items in force lack of what must be there and be made public, agency by agency."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.catalogue.models import Change, ItemVersion, PowerItem
from app.kernel import clock

from . import drawing, steps


@dataclass(frozen=True, slots=True)
class Missing:
    """An item in force with what it lacks; what does not block is only to be checked."""

    item_id: int
    code: str
    name: str
    lacks: tuple[catalogue.item_rules.Lack, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing that must be there is missing."""
        return not any(lack.blocks for lack in self.lacks)


def missing(session: Session, agency_id: int) -> list[Missing]:
    """The items in force of an agency, trial operation left out, by code, each with what it lacks."""
    items = session.scalars(
        select(PowerItem)
        .where(
            PowerItem.agency_id == agency_id,
            PowerItem.status == catalogue.ItemStatus.PUBLISHED,
            PowerItem.kind.in_(sorted(steps.kinds())),
            ~PowerItem.trial,
        )
        .order_by(PowerItem.code)
    ).all()
    versions: dict[int, list[ItemVersion]] = {item.id: [] for item in items}
    chosen = select(ItemVersion).where(ItemVersion.item_id.in_(versions), ItemVersion.state == "approved")
    for version in session.scalars(chosen):
        versions[version.item_id].append(version)
    around = drawing.around(session, agency_id, _cited(items))
    found = []
    for item in items:
        standing = catalogue.versions.counting(versions[item.id], clock.today())
        if standing is None or standing.change not in (Change.NEW, Change.ADJUST):
            continue
        told = drawing.elements_of(session, standing)
        lacks = tuple(catalogue.item_rules.lacks(told, around))
        found.append(Missing(item.id, item.code, item.name, lacks))
    return found


def _cited(items: Sequence[PowerItem]) -> list[str]:
    return [str(each) for item in items for each in item.basis]
