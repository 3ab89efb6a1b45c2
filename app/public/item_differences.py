"""Where what is public differs from what was examined and counts (S4-47): what the public does not see, and why."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.catalogue.models import ItemVersion, PowerItem
from app.diagrams import service as diagrams
from app.items import service as items
from app.kernel import clock

from . import item_list


@dataclass(frozen=True, slots=True)
class Withheld:
    """An item that counts and is not public; `reasons` in words."""

    item_id: int
    agency_id: int
    code: str
    name: str
    reasons: tuple[str, ...]


def withheld(session: Session, agencies: Collection[int]) -> list[Withheld]:
    """The powers of these agencies that count today, neither on trial nor classified, and are not public, by code."""
    today = clock.today()
    public = {entry.item_id for entry in item_list.listing(session).entries}
    rows = session.execute(
        select(PowerItem, ItemVersion)
        .join(ItemVersion, ItemVersion.item_id == PowerItem.id)
        .where(
            PowerItem.agency_id.in_(agencies),
            ItemVersion.state == "approved",
            or_(ItemVersion.effective_on.is_(None), ItemVersion.effective_on <= today),
        )
        .order_by(
            PowerItem.agency_id,
            PowerItem.code,
            ItemVersion.effective_on.desc().nulls_last(),
            ItemVersion.number.desc(),
        )
        .distinct(PowerItem.agency_id, PowerItem.code)
    ).tuples()
    drawn = {
        row.key for row in diagrams.versions(session) if row.effective_on is None or row.effective_on <= today
    }
    return [
        Withheld(item.id, item.agency_id, item.code, version.name, _reasons(session, version, drawn))
        for item, version in rows
        if item.id not in public
        and version.kind in item_list.public_kinds()
        and version.change in catalogue.versions.EXERCISED
        and not version.trial
        and version.elements.get("classified") != "yes"
    ]


def _reasons(session: Session, version: ItemVersion, drawn: Collection[str]) -> tuple[str, ...]:
    found = []
    if version.case_id is None and not version.approval:
        found.append(
            "没有部门初审和合法性审核的记录：以前审核过的，请补记审核文书的文号；没有审核过的，请办理变更送审"
        )
    if version.procedure not in drawn:
        found.append("没有施行的流程图，请先发布流程图")
    untold = catalogue.item_rules.untold(items.elements_of(session, version))
    if labels := [catalogue.item_rules.label_of(key) for key in dict.fromkeys(untold)]:
        found.append(f"公示内容缺少{'、'.join(labels)}")
    return tuple(found or ["公布以后有了变化，请系统管理员核对"])
