"""What the heads of an agency demand beyond the law, and since when."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import editions
from app.kernel.db import Base, identity


class AgencySwitch(Base):
    """One turn of a switch. The newest row of a name holds; those before it are the history."""

    __tablename__ = "agency_switch"
    __table_args__ = (Index("ix_agency_switch_name", "agency_id", "name", "id"),)

    id: Mapped[int] = identity()
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    name: Mapped[str] = mapped_column(String(40))
    """Its key in `data/switches.yaml`."""
    on: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    set_by: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    set_at: Mapped[datetime]


SWITCHES = "agency_switch"
editions.watch(SWITCHES, AgencySwitch)
