"""The working calendar and the running clocks."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import DDL, BigInteger, ForeignKey, Index, Text, UniqueConstraint, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import editions
from app.kernel.db import Base, identity


class DayStatus(StrEnum):
    """Where a calendar day comes from: a notice of the State Council's office, or our estimate."""

    OFFICIAL = "official"
    ESTIMATED = "estimated"


class ClockKind(StrEnum):
    """岗位时限 (one task at one position) or 法定时限 (one stretch of the procedure)."""

    POSITION = "position"
    STATUTORY = "statutory"


class ClockState(StrEnum):
    """Whether time runs."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    VOID = "void"  # what started it was returned or withdrawn: it never ran


class CalendarDay(Base):
    """One day that differs from Monday to Friday. `region` null: the whole country (GB/T 2260 code else)."""

    __tablename__ = "calendar_day"

    id: Mapped[int] = identity()
    date: Mapped[date]
    region: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("date", "region", postgresql_nulls_not_distinct=True),)


class CalendarEdition(Base):
    """One change of the calendar: which notice, by whom, what it changed. The newest id is the version."""

    __tablename__ = "calendar_edition"

    id: Mapped[int] = identity()
    year: Mapped[int]
    region: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    difference: Mapped[list]
    recomputed: Mapped[int] = mapped_column(default=0)
    by: Mapped[int | None] = mapped_column(BigInteger)
    by_name: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]


class CalendarAlert(Base):
    """From 15 November: next year's arrangement has not been imported."""

    __tablename__ = "calendar_alert"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_raised_at: Mapped[datetime]
    last_raised_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]


class Clock(Base):
    """One running limit.

    `key` is the clock's id in the procedure's rules.yaml (statutory) and empty for a position; `task_id` the
    engine's id of the task a position clock belongs to. `rule` keeps the declaration as it was when the clock
    started, so that a later version of the procedure does not change it.
    """

    __tablename__ = "clock"

    id: Mapped[int] = identity()
    case_id: Mapped[int] = mapped_column(BigInteger)
    agency_id: Mapped[int] = mapped_column(BigInteger)
    region_code: Mapped[str] = mapped_column(Text)
    work_item_id: Mapped[int | None] = mapped_column(BigInteger)
    task_id: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text, default="")
    name: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text, default="")
    side: Mapped[str] = mapped_column(Text)
    limit_text: Mapped[str] = mapped_column(Text)
    rule: Mapped[dict] = mapped_column(default=dict)
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    due_on: Mapped[date]
    provisional: Mapped[bool] = mapped_column(default=False)
    earliest_on: Mapped[date]
    latest_on: Mapped[date]
    state: Mapped[str] = mapped_column(Text, default=ClockState.RUNNING)
    light: Mapped[str] = mapped_column(Text)
    next_light_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    extended_by: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        Index("ix_clock_case_id", "case_id"),
        Index("ix_clock_turning", "next_light_at", "id", postgresql_where=text("next_light_at is not null")),
        Index(
            "ix_clock_provisional",
            "id",
            postgresql_where=text("provisional and state in ('running', 'paused')"),
        ),
        Index(
            "uq_clock_open_task",
            "case_id",
            "task_id",
            unique=True,
            postgresql_where=text("kind = 'position' and state in ('running', 'paused')"),
        ),
        # the law's time runs once: a repeated step does not start a second clock beside a running one
        Index(
            "uq_clock_open_key",
            "case_id",
            "key",
            unique=True,
            postgresql_where=text("kind = 'statutory' and state in ('running', 'paused')"),
        ),
    )


# a clock's row is rewritten a few times in its life; with room on the page most updates stay HOT
event.listen(
    Clock.__table__,
    "after_create",
    DDL("alter table clock set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02)"),
)


class ClockPast(Base):
    """The clocks of a finished case that have no ledger, put together (`past`, which also gives them back)."""

    __tablename__ = "clock_past"

    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    agency_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    region_code: Mapped[str] = mapped_column(Text, primary_key=True)
    clocks: Mapped[list] = mapped_column(JSONB)


TOGETHER = (
    "alter table clock_past set (toast_tuple_target = 128)",
    "alter table clock_past alter column clocks set storage main",
)
"""Compressed from 128 bytes on, and kept in the row."""
for statement in TOGETHER:
    event.listen(ClockPast.__table__, "after_create", DDL(statement))


class Suspension(Base):
    """扣除 or 中止: days that do not count, why, and the file that proves it.

    From `from_day` (included) until `until_day` (the day counting resumes, not suspended); null: still open.
    `step`: the legal step that paused the clock by itself, as its procedure declares; a person has a proof.
    """

    __tablename__ = "suspension"

    id: Mapped[int] = identity()
    clock_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("clock.id"), index=True)
    cause: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text)
    proof_digest: Mapped[str] = mapped_column(Text, default="")
    step: Mapped[str] = mapped_column(Text, default="")
    from_day: Mapped[date]
    until_day: Mapped[date | None]
    by: Mapped[int | None] = mapped_column(BigInteger)
    by_name: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    ended_by: Mapped[int | None] = mapped_column(BigInteger)
    ended_by_name: Mapped[str] = mapped_column(Text, default="")
    ended_at: Mapped[datetime | None]


class Extension(Base):
    """延长: how much longer, on what basis, approved by whom. `capped`: the law sets a maximum for it."""

    __tablename__ = "extension"

    id: Mapped[int] = identity()
    clock_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("clock.id"), index=True)
    limit_text: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, default="")
    approved_by: Mapped[int] = mapped_column(BigInteger)
    approved_by_name: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    capped: Mapped[bool]


class DueChange(Base):
    """Every change of a due day, with its cause: suspension, resumption, extension, calendar."""

    __tablename__ = "due_change"

    id: Mapped[int] = identity()
    clock_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("clock.id"), index=True)
    cause: Mapped[str] = mapped_column(Text)
    before_on: Mapped[date]
    after_on: Mapped[date]
    before_provisional: Mapped[bool]
    after_provisional: Mapped[bool]
    edition_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("calendar_edition.id"))
    by: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime]


CALENDAR = "calendar"
editions.watch(CALENDAR, CalendarDay, CalendarEdition)
