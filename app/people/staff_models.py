"""What is kept of officers besides where they stand: training and what is asked of it, and what they and their heads are
told."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity


class Training(Base):
    """培训: an officer took part in so many hours of training on a day, and passed its examination or not. It counts for
    the year of that day; training made up for (补训) for the year before."""

    __tablename__ = "training"
    __table_args__ = (
        CheckConstraint("hours > 0 and hours <= 200", name="hours"),
        CheckConstraint("examination in ('', 'passed', 'failed')", name="examination"),
        CheckConstraint(
            "counts_for in (extract(year from held_on), extract(year from held_on) - 1)", name="counts_for"
        ),
        UniqueConstraint("officer_id", "held_on", "topic"),
    )

    id: Mapped[int] = identity()
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id", ondelete="CASCADE"))
    held_on: Mapped[date]
    topic: Mapped[str] = mapped_column(String(120))
    organiser: Mapped[str] = mapped_column(String(120))
    hours: Mapped[Decimal] = mapped_column(Numeric(5, 1))
    """学时."""
    examination: Mapped[str] = mapped_column(String(10), default="", server_default="")
    """Empty: none was held."""
    counts_for: Mapped[int] = mapped_column(SmallInteger)
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    entered_at: Mapped[datetime]


class TrainingRule(Base):
    """培训要求: one version of what an agency, or all agencies of a region and below, asks beyond what is asked of it
    anyway, in force from a day until the next one is. Never changed."""

    __tablename__ = "training_rule"
    __table_args__ = (
        CheckConstraint("num_nonnulls(agency_id, region_code) = 1", name="of_one"),
        CheckConstraint("hours between 0 and 400", name="hours"),
        Index("ix_training_rule_agency", "agency_id", "kind", "id"),
        Index("ix_training_rule_region", "region_code", "kind", "id"),
    )

    id: Mapped[int] = identity()
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    region_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    kind: Mapped[str] = mapped_column(String(20))
    hours: Mapped[int] = mapped_column(SmallInteger)
    """学时 a year."""
    examination: Mapped[bool]
    bars: Mapped[bool]
    """Whoever lacks last year's training handles nothing that asks for a certificate."""
    valid_from: Mapped[date]
    basis: Mapped[str] = mapped_column(Text)
    set_by: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    set_at: Mapped[datetime]


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
