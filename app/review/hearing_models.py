"""Hearings (听证): where and when, who is called and comes, what is said, who signs."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity
from app.kernel.sealed import SealedJson


class HearingState(StrEnum):
    """Where a hearing stands."""

    PLANNED = "planned"
    SESSION = "session"
    RECORD = "record"  # it is over, the record is read and signed
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Hearing(Base):
    """The hearing of a case."""

    __tablename__ = "hearing"
    __table_args__ = (
        CheckConstraint("state in ('planned', 'session', 'record', 'closed', 'cancelled')", name="state"),
        # one that counts for a task; another round of the case has its own
        Index("uq_hearing_work", "work_item_id", unique=True, postgresql_where=text("state <> 'cancelled'")),
        Index("ix_hearing_case", "case_id", "id"),
        Index("ix_hearing_host", "host_id", "id"),
    )

    id: Mapped[int] = identity()
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    work_item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id"))
    """The task in which it was arranged."""
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    state: Mapped[str] = mapped_column(default=HearingState.PLANNED)
    planned_at: Mapped[datetime]
    host_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    recorder_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    plan: Mapped[dict] = mapped_column(SealedJson("hearing.plan"))
    """`place`, `openness`, `closed_reason`, `bring`, `contact_phone`; `adjourned`: earlier times with their reasons;
    `called_off`: why it was, where its task was taken back."""
    record: Mapped[dict] = mapped_column(SealedJson("hearing.record"), default=dict)
    """What was written of each phase (`hearing_acts.PHASES`)."""
    version: Mapped[int] = mapped_column(Integer, default=1)
    """Of the record: two who write do not overwrite one another."""
    held: Mapped[bool | None]
    """Whether it was carried through; false: ended because the party stayed away or left."""
    by_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    at: Mapped[datetime]
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class HearingPerson(Base):
    """A person called to a hearing."""

    __tablename__ = "hearing_person"
    __table_args__ = (
        CheckConstraint("attendance in ('expected', 'present', 'absent', 'left')", name="attendance"),
        CheckConstraint("signature in ('', 'signed', 'refused')", name="signature"),
        Index("ix_hearing_person_hearing", "hearing_id", "id"),
    )

    id: Mapped[int] = identity()
    hearing_id: Mapped[int] = mapped_column(ForeignKey("hearing.id"))
    role: Mapped[str]
    """As what the person is called (当事人, 委托代理人, 案件调查人员, 证人 …)."""
    who: Mapped[dict] = mapped_column(SealedJson("hearing_person.who"))
    """`name`, `unit`; `identity`: the paper that was checked; `note`: absence, leaving, refusal to sign."""
    notified_at: Mapped[datetime | None]
    method: Mapped[str] = mapped_column(default="")
    attendance: Mapped[str] = mapped_column(default="expected")
    signature: Mapped[str] = mapped_column(default="")
    signed_at: Mapped[datetime | None]
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    """The officer before whom the person signed."""
