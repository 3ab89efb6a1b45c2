"""Bound files (电子案卷) of cases, and how long the files are kept (保管期限)."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity


class BindingState(StrEnum):
    """How far it has come."""

    ASKED = "asked"
    DONE = "done"


class CaseBinding(Base):
    """A binding of a case's file: asked for by a head, or by the platform when the case is over (`asked_by` empty).
    `digest` names the PDF in the store; `pages` counts the numbered ones."""

    __tablename__ = "case_binding"
    __table_args__ = (
        CheckConstraint("state in ('asked', 'done')", name="state"),
        CheckConstraint("(state = 'done') = (digest is not null)", name="done"),
        Index("ix_case_binding_case", "case_id", "id"),
        Index("ix_case_binding_one", "case_id", unique=True, postgresql_where=text("state = 'asked'")),
    )

    id: Mapped[int] = identity()
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    state: Mapped[str] = mapped_column(String(8), default=BindingState.ASKED)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    asked_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    digest: Mapped[str | None] = mapped_column(String(64))
    pages: Mapped[int] = mapped_column(default=0)


class CaseRetention(Base):
    """How long the file of a closed case is kept: the term, its last day (none: for ever), and what the archivist asked
    for. `ground` is why and after what; `reason` and `by_id` of the last time a head made it longer."""

    __tablename__ = "case_retention"
    __table_args__ = (
        CheckConstraint("(by_id is null) = (changed_at is null)", name="changed"),
        Index("ix_case_retention_closed", "agency_id", "closed_on", "case_id"),
        Index("ix_case_retention_ends", "agency_id", "ends_on"),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True, autoincrement=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    closed_on: Mapped[date]
    term: Mapped[str] = mapped_column(String(8))
    ends_on: Mapped[date | None]
    asked: Mapped[str] = mapped_column(String(8), default="")
    ground: Mapped[str] = mapped_column(String(300))
    place: Mapped[str] = mapped_column(String(200), default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    changed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(300), default="")
