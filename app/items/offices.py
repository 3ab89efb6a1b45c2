"""Which legal office examines an agency's items: the nearest one above, that of the own region first."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.catalogue.models import PowerItem
from app.kernel.errors import Refused
from app.people import service as people
from app.people.models import Agency, Region

from .room import life


@dataclass(frozen=True, slots=True)
class Office:
    """The legal office and its item on which it examines."""

    agency_id: int
    item: catalogue.Item


def nearest(session: Session, agency_id: int, procedure: str) -> Office | None:
    """The nearest office with an item on a procedure, from the agency's region upwards; never the agency itself."""
    offices = (
        select(Agency.region_code, PowerItem.agency_id, PowerItem.id)
        .join(Agency, Agency.id == PowerItem.agency_id)
        .where(
            PowerItem.procedure == procedure,
            PowerItem.status == catalogue.ItemStatus.PUBLISHED,
            PowerItem.agency_id != agency_id,
        )
        .order_by(PowerItem.id)
    )
    found = {region: (office, item) for region, office, item in reversed(session.execute(offices).all())}
    region: str | None = people.agency(session, agency_id).region
    while region is not None:
        if region in found:
            office, item = found[region]
            return Office(office, catalogue.item(session, item))
        region = session.scalar(select(Region.parent_code).where(Region.code == region))
    return None


def reviewing(session: Session, agency_id: int) -> Office:
    """The office that examines this agency's items.

    Raises:
        Refused: there is none here or above.
    """
    if found := nearest(session, agency_id, life()["review"]):
        return found
    raise Refused(
        "没有可以审核本机关事项的合法性审核机关。请系统管理员为本级或者上级司法行政机关录入"
        f"适用流程 {life()['review']} 的事项。",
        code="item_office",
    )
