"""What the supervising office is told by the platform."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity


class Reminder(Base):
    """A reminder that a procedure sends to the supervising office, for example that a major decision is near
    (S2-50)."""

    __tablename__ = "supervision_reminder"
    __table_args__ = (Index(None, "region_code", "id"), Index(None, "case_id"))

    id: Mapped[int] = identity()
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    region_code: Mapped[str]
    action: Mapped[str]
    at: Mapped[datetime]
    content: Mapped[dict] = mapped_column(JSONB)
