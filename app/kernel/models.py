"""Tables of the kernel itself: queued work and the slots of periodic work."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import DDL, BigInteger, Index, Text, event, text
from sqlalchemy.orm import Mapped, mapped_column

from .db import Base, identity


class JobState(StrEnum):
    """Where a job stands. A job without a key is deleted when it is done."""

    QUEUED = "queued"
    LEASED = "leased"  # claimed by a worker; free again after `run_at`
    DONE = "done"
    FAILED = "failed"  # given up after the last attempt; a person must look


class Job(Base):
    """One piece of slow or outside work, written in the transaction that asked for it.

    `run_at` is the moment from which somebody may take it: the wished moment, the next attempt, or the end of
    a lease. `key` makes asking idempotent: a second job with the same key is not written.
    """

    __tablename__ = "job"

    id: Mapped[int] = identity()
    kind: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict]
    key: Mapped[str | None] = mapped_column(Text, unique=True)
    state: Mapped[str] = mapped_column(Text, default=JobState.QUEUED, server_default=JobState.QUEUED)
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often it was claimed: an attempt that ended with its process counts too."""
    token: Mapped[int] = mapped_column(default=0, server_default="0")
    """Of the newest claim, from a sequence: an older holder can no longer settle the job."""
    error: Mapped[str] = mapped_column(Text, default="", server_default="")
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_job_waiting", "run_at", "id", postgresql_where=text("state in ('queued', 'leased')")),
        Index("ix_job_finished", "finished_at", postgresql_where=text("finished_at is not null")),
    )


event.listen(Job.__table__, "before_create", DDL("create sequence if not exists job_token"))
# rows come and go all day: without this, dead rows at the head of the index slow every claim
event.listen(
    Job.__table__,
    "after_create",
    DDL("alter table job set (autovacuum_vacuum_scale_factor = 0.01, fillfactor = 80)"),
)


class PeriodicRun(Base):
    """Who comes first to insert (name, slot) runs it; everybody else finds it taken."""

    __tablename__ = "periodic_run"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    slot: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]


class ProcessBeat(Base):
    """A running process of this installation, as it last said so itself. Silent for a minute, it is gone."""

    __tablename__ = "process_beat"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    host: Mapped[str] = mapped_column(Text)
    pid: Mapped[int]
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]
    ticked_at: Mapped[datetime | None]
    """When its background worker last finished a round; null where it runs none."""


class SlowStatement(Base):
    """A statement slower than XQ_SLOW_MS: its text without values, and where it came from."""

    __tablename__ = "slow_statement"
    __table_args__ = (Index("ix_slow_statement_at", "at"),)

    id: Mapped[int] = identity()
    at: Mapped[datetime]
    milliseconds: Mapped[int]
    statement: Mapped[str] = mapped_column(Text)
    route: Mapped[str] = mapped_column(Text)
    request: Mapped[str] = mapped_column(Text)


class JobDecision(Base):
    """What an administrator decided about a job that was given up: to try it again, or to leave it."""

    __tablename__ = "job_decision"
    __table_args__ = (Index("ix_job_decision_at", "at"),)

    id: Mapped[int] = identity()
    job_id: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    error: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int]
    at: Mapped[datetime]
