"""The thresholds of agencies that are stricter than the law, version by version."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import editions
from app.kernel.db import Base, identity


class AgencyThreshold(Base):
    """One version of an agency's thresholds for an attribute of a procedure, in force from a day until the next one is.
    Versions are never changed; without `lines` the law alone counts again."""

    __tablename__ = "agency_threshold"
    __table_args__ = (Index("ix_agency_threshold_of", "agency_id", "procedure", "attribute", "id"),)

    id: Mapped[int] = identity()
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    procedure: Mapped[str] = mapped_column(String(80))
    attribute: Mapped[str] = mapped_column(String(60))
    valid_from: Mapped[date]
    lines: Mapped[list] = mapped_column(JSONB)
    """`{most, amount, item}`: a threshold of the rule set by its param, the amount as decimal text, the item's id or null
    for all of the procedure."""
    basis: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    set_by: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    set_at: Mapped[datetime]


THRESHOLDS = "agency_threshold"
editions.watch(THRESHOLDS, AgencyThreshold)
