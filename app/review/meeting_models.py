"""Meetings of collective deliberation (集体讨论): what is planned, who takes part, what each of them said."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity
from app.kernel.sealed import SealedJson


class MeetingState(StrEnum):
    """Where a meeting stands."""

    PLANNED = "planned"
    SESSION = "session"  # it sits: statements and votes
    MINUTES = "minutes"  # the minutes are fixed and are being signed
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Meeting(Base):
    """One meeting about one task."""

    __tablename__ = "meeting"
    __table_args__ = (
        CheckConstraint("state in ('planned', 'session', 'minutes', 'closed', 'cancelled')", name="state"),
        CheckConstraint("outcome in ('', 'agreed', 'amended', 'rejected')", name="outcome"),
        # one that counts for a task
        Index("uq_meeting_work", "work_item_id", unique=True, postgresql_where=text("state <> 'cancelled'")),
        Index("ix_meeting_case", "case_id", "id"),
    )

    id: Mapped[int] = identity()
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    work_item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    state: Mapped[str] = mapped_column(default=MeetingState.PLANNED)
    planned_at: Mapped[datetime]
    chair_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    recorder_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    plan: Mapped[dict] = mapped_column(SealedJson("meeting.plan"))
    """`place`, `agenda` (points), `observers` (lines)."""
    minutes: Mapped[dict] = mapped_column(SealedJson("meeting.minutes"), default=dict)
    """`report`, `discussion`, `result`; `reason` of a cancelled one."""
    version: Mapped[int] = mapped_column(Integer, default=1)
    """Of the minutes: two who write do not overwrite one another."""
    outcome: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    at: Mapped[datetime]
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class MeetingMember(Base):
    """A member (负责人) of a meeting."""

    __tablename__ = "meeting_member"
    __table_args__ = (
        UniqueConstraint("meeting_id", "officer_id"),
        CheckConstraint("attendance in ('expected', 'present', 'absent')", name="attendance"),
        CheckConstraint("stance in ('', 'agree', 'amend', 'disagree')", name="stance"),
        CheckConstraint("signature in ('', 'signed', 'refused')", name="signature"),
        Index("ix_meeting_member_officer", "officer_id", "meeting_id"),
    )

    id: Mapped[int] = identity()
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    attendance: Mapped[str] = mapped_column(default="expected")
    recused: Mapped[bool] = mapped_column(default=False)
    stance: Mapped[str] = mapped_column(default="")
    said: Mapped[dict | None] = mapped_column(SealedJson("meeting_member.said"))
    """`statement` with the vote, `ground` of a recusal, `refusal` to sign."""
    voted_at: Mapped[datetime | None]
    signature: Mapped[str] = mapped_column(default="")
    signed_at: Mapped[datetime | None]
