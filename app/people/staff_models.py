"""What is kept of officers besides where they stand: training, and what they and their heads are told."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity


class Training(Base):
    """培训: an officer took part in so many hours of training on a day."""

    __tablename__ = "training"
    __table_args__ = (
        CheckConstraint("hours > 0 and hours <= 200", name="hours"),
        UniqueConstraint("officer_id", "held_on", "topic"),
    )

    id: Mapped[int] = identity()
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id", ondelete="CASCADE"))
    held_on: Mapped[date]
    topic: Mapped[str] = mapped_column(String(120))
    organiser: Mapped[str] = mapped_column(String(120))
    hours: Mapped[Decimal] = mapped_column(Numeric(5, 1))
    """学时."""
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    entered_at: Mapped[datetime]


class StaffNotice(Base):
    """提醒: something about an officer that one person is told, once for each `key`."""

    __tablename__ = "staff_notice"
    __table_args__ = (
        UniqueConstraint("to_id", "key"),
        Index("ix_staff_notice_to", "to_id", "id"),
        Index("ix_staff_notice_unread", "to_id", postgresql_where=text("read_at is null")),
    )

    id: Mapped[int] = identity()
    to_id: Mapped[int] = mapped_column(ForeignKey("officer.id", ondelete="CASCADE"))
    about_id: Mapped[int] = mapped_column(ForeignKey("officer.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(80))
    told: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class RefusedAct(Base):
    """被拒绝的办理: somebody tried what the law of persons keeps them from (no valid certificate, not the position, taken
    part before ...). Kept outside of any case: what was refused is no part of it."""

    __tablename__ = "refused_act"
    __table_args__ = (Index("ix_refused_act_agency", "agency_id", "id"),)

    id: Mapped[int] = identity()
    at: Mapped[datetime]
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(40))
    told: Mapped[str] = mapped_column(Text)
    article: Mapped[str] = mapped_column(String(200))
    endpoint: Mapped[str] = mapped_column(String(80))
