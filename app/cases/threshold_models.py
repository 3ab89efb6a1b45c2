"""The thresholds of agencies and regions that are stricter than the law, version by version."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import editions
from app.kernel.db import Base, identity


class AgencyThreshold(Base):
    """One version of an agency's thresholds for an attribute of a procedure, or of a region's for all its agencies, in
    force from a day until the next one is, or until its last day. Versions are never changed; without `lines` the law
    alone (for an agency: and its regions) counts again."""

    __tablename__ = "agency_threshold"
    __table_args__ = (
        Index("ix_agency_threshold_of", "agency_id", "procedure", "attribute", "id"),
        Index("ix_agency_threshold_of_region", "region_code", "procedure", "attribute", "id"),
        CheckConstraint("(agency_id is null) <> (region_code is null)", name="owner"),
        CheckConstraint("valid_to is null or valid_to >= valid_from", name="valid"),
    )

    id: Mapped[int] = identity()
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    region_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    """Of a version for a region and all below it: then there is no agency."""
    procedure: Mapped[str] = mapped_column(String(80))
    attribute: Mapped[str] = mapped_column(String(60))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    """The last day of its validity (有效期), which a region's version must have."""
    lines: Mapped[list] = mapped_column(JSONB)
    """`{most, amount, item}`: a threshold of the rule set by its param, the amount as decimal text, the item's id or null
    for all of the procedure."""
    basis: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    set_by: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    set_at: Mapped[datetime]


THRESHOLDS = "agency_threshold"
editions.watch(THRESHOLDS, AgencyThreshold)
