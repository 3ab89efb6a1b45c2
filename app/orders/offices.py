"""Which legal office examines an agency's change orders: the nearest one from the agency's region upwards, never the agency
itself where there is another; an office with none above examines its own, by other people than those who propose."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.catalogue.models import PowerItem
from app.items import service as items
from app.kernel.errors import Refused

from .room import settings


def examining(session: Session, agency_id: int) -> items.Office:
    """The office, with its item on which it examines.

    Raises:
        Refused: there is none here or above.
    """
    procedure = settings()["procedure"]
    if found := items.nearest_office(session, agency_id, procedure):
        return found
    own = select(PowerItem.id).where(
        PowerItem.agency_id == agency_id,
        PowerItem.procedure == procedure,
        PowerItem.status == catalogue.ItemStatus.PUBLISHED,
    )
    if (item := session.scalar(own.order_by(PowerItem.id).limit(1))) is not None:
        return items.Office(agency_id, catalogue.item(session, item))
    raise Refused(
        "没有可以审核变更单的司法行政机关。请系统管理员为本级或者上级司法行政机关录入"
        f"适用流程 {procedure} 的事项。",
        code="order_office",
    )
