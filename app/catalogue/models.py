"""Power items. A case is opened on a published item only."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import editions
from app.kernel.db import Base, identity


class PowerItem(Base):
    """One power an agency may exercise (行政权力事项).

    `basis` is a list of citations, `content` the published elements (penalty range, tiers) as values.
    """

    __tablename__ = "power_item"
    __table_args__ = (UniqueConstraint("agency_id", "code"), Index(None, "agency_id", "status"))

    id: Mapped[int] = identity()
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    code: Mapped[str]
    """Code in the agency's list; codes of other schemes are attributes, never keys."""
    name: Mapped[str]
    kind: Mapped[str]
    procedure: Mapped[str]
    """Key of the procedure it runs on, for example `penalty/ordinary`."""
    status: Mapped[str]
    basis: Mapped[list] = mapped_column(JSONB)
    content: Mapped[dict] = mapped_column(JSONB)


CATALOGUE = "catalogue"
editions.watch(CATALOGUE, PowerItem)
