"""What each account has seen of the tours."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


class TourSeen(Base):
    """An account that went through a tour, or put it away: it is not shown again by itself."""

    __tablename__ = "tour_seen"
    __table_args__ = (CheckConstraint("outcome in ('finished', 'dismissed')", name="outcome"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    tour: Mapped[str] = mapped_column(primary_key=True)
    outcome: Mapped[str]
    at: Mapped[datetime]
