"""The table of change orders."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity


class Kind(StrEnum):
    """What an order changes (基础数据的种类)."""

    LAW = "law"  # 依据
    ROSTER = "roster"  # 人员名录


class State(StrEnum):
    """Where an order stands."""

    DRAFT = "draft"  # 编制中
    SENT = "sent"  # 审核中: it is locked, and lies with the legal office
    CONFIRMED = "confirmed"  # 已确认: it is carried out on its day
    APPLIED = "applied"  # 已调整
    FAILED = "failed"  # 未能调整: on its day it did not fit any more; `trouble` says why
    REJECTED = "rejected"  # 不予确认: nothing changes


class ChangeOrder(Base):
    """One change order (变更单). What it says is fixed once it is sent in: `digest` is the SHA-256 of it, and nothing else
    is carried out (`acts`). Nothing else of the platform's pages writes what it changes."""

    __tablename__ = "change_order"
    __table_args__ = (
        CheckConstraint("kind in ('law', 'roster')", name="kind"),
        CheckConstraint(
            "state in ('draft', 'sent', 'confirmed', 'applied', 'failed', 'rejected')", name="state"
        ),
        CheckConstraint(
            "state = 'draft' or (proposed_by is not null and digest <> '' and effective_on is not null)",
            name="proposed",
        ),
        CheckConstraint("state in ('draft', 'sent') or answer is not null", name="answered"),
        Index("ix_change_order_agency", "agency_id", "kind", "id"),
        Index("ix_change_order_office", "office_id", "kind", "id"),
        Index("uq_change_order_case", "case_id", unique=True, postgresql_where=text("case_id is not null")),
        Index(
            "ix_change_order_open",
            "kind",
            "id",
            postgresql_where=text("state in ('draft', 'sent', 'confirmed')"),
        ),
        Index(
            "ix_change_order_to_apply",
            "effective_on",
            "id",
            postgresql_where=text("state = 'confirmed'"),
        ),
    )

    id: Mapped[int] = identity()
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default=State.DRAFT, server_default="draft")
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    """The agency that proposes it."""
    content: Mapped[dict] = mapped_column(JSONB)
    """What is to change, as its kind has it (`law`, `roster`)."""
    reason: Mapped[str] = mapped_column(default="", server_default="")
    source: Mapped[str] = mapped_column(default="", server_default="")
    excerpt: Mapped[str] = mapped_column(default="", server_default="")
    effective_on: Mapped[date | None]
    """The day asked for; once confirmed, the day that was signed."""
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    """Counts the savings of the draft."""
    digest: Mapped[str] = mapped_column(default="", server_default="")
    prepared_by: Mapped[str]
    """Who drew it up, by name: an administrator may draw up what an agency then proposes."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    proposed_at: Mapped[datetime | None]
    office_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    """The legal office that examines it."""
    case_id: Mapped[int | None] = mapped_column(BigInteger)
    """Its case at the legal office. No foreign key: rooms point downwards only."""
    case_no: Mapped[str] = mapped_column(default="", server_default="")
    answer: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    """The opinion the legal office has signed: conclusion, opinion, effective_on, signed_by."""
    answered_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(default="", server_default="")
