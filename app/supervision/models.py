"""What the supervising office is told by the platform."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
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


class GovernanceLight(Base):
    """事项预警: a light about the governance of a power item that has turned. Each colour of a subject turns once;
    `ended_at`: what it warned of is over."""

    __tablename__ = "governance_light"
    __table_args__ = (
        CheckConstraint("kind in ('apply', 'answer', 'adjust', 'review')", name="kind"),
        CheckConstraint("colour in ('yellow', 'red')", name="colour"),
        UniqueConstraint("kind", "subject", "colour"),
        Index(
            "ix_governance_light_on",
            "region_code",
            "agency_id",
            "id",
            postgresql_where=text("ended_at is null"),
        ),
    )

    id: Mapped[int] = identity()
    kind: Mapped[str]
    subject: Mapped[str]
    """The law task, version or item it is about, with what makes it another one (the day of the last look)."""
    colour: Mapped[str]
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    """Whose duty it is: the item's agency, or the legal office."""
    region_code: Mapped[str]
    item_id: Mapped[int] = mapped_column(ForeignKey("power_item.id"))
    due_on: Mapped[date]
    told: Mapped[str]
    turned_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
