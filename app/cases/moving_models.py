"""Tables of running cases that are moved to another version together: the batch and each of its cases."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity


class BatchStatus(StrEnum):
    """Where a batch stands. Only a head of the agency takes it from `proposed` to `released`."""

    CHECKING = "checking"  # the preview is being worked out
    PROPOSED = "proposed"  # the preview stands, a head has to decide
    RELEASED = "released"  # the cases are being moved
    PAUSED = "paused"
    DONE = "done"
    WITHDRAWN = "withdrawn"


OPEN = (BatchStatus.CHECKING, BatchStatus.PROPOSED, BatchStatus.RELEASED, BatchStatus.PAUSED)


class MoveStatus(StrEnum):
    """What became of one case of a batch."""

    UNCHECKED = "unchecked"
    READY = "ready"  # could move when it was looked at
    BLOCKED = "blocked"  # could not; `reasons` says why
    WAITING = "waiting"  # released, not yet moved
    MOVED = "moved"
    REFUSED = "refused"  # could not move any more when its turn came
    LEFT_OUT = "left_out"  # the batch was ended before its turn


class MoveBatch(Base):
    """Running cases of one agency on one version, proposed to move to another (批量迁移).

    `reason` is the proposer's, `decision` the head's, which stands in the record of every case. `reverts_id` names
    the batch whose cases are moved back. `run` counts releases and resumptions: work asked for by an earlier one
    stops by itself. `history` lists what was done with the batch: `at`, `by`, `act`, `note`.
    """

    __tablename__ = "move_batch"
    __table_args__ = (
        # one at a time: two would compete for the same cases
        Index(
            "uq_move_batch_open",
            "agency_id",
            "source_id",
            unique=True,
            postgresql_where=text("status in ('checking', 'proposed', 'released', 'paused')"),
        ),
        Index("ix_move_batch_agency", "agency_id", "id"),
    )

    id: Mapped[int] = identity()
    key: Mapped[str] = mapped_column(Text, unique=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    region_code: Mapped[str] = mapped_column(Text)
    source_id: Mapped[int] = mapped_column(ForeignKey("procedure_version.id"))
    target_id: Mapped[int] = mapped_column(ForeignKey("procedure_version.id"))
    reverts_id: Mapped[int | None] = mapped_column(ForeignKey("move_batch.id"))
    status: Mapped[str] = mapped_column(Text, default=BatchStatus.CHECKING)
    reason: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(Text, default="")
    proposed_by: Mapped[int] = mapped_column(BigInteger)
    """The account."""
    proposed_by_name: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    decided_by_name: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    run: Mapped[int] = mapped_column(default=0)
    history: Mapped[list] = mapped_column(JSONB, default=list)


class Move(Base):
    """One case of a batch. `reasons` says in Chinese why it cannot move, `changes` what would change.

    `token` is the fencing token of the worker that took the case in hand, `lane` the one of the batch's parallel
    jobs it belongs to; `attempts` counts how often it was taken in hand.
    """

    __tablename__ = "case_move"
    __table_args__ = (
        Index("ix_case_move_case", "case_id", "batch_id"),
        Index("ix_case_move_status", "batch_id", "status", "case_id"),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("move_batch.id"), primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True, autoincrement=False)
    status: Mapped[str] = mapped_column(Text, default=MoveStatus.UNCHECKED)
    reasons: Mapped[list] = mapped_column(JSONB, default=list)
    changes: Mapped[list] = mapped_column(JSONB, default=list)
    lane: Mapped[int | None] = mapped_column(SmallInteger)
    token: Mapped[int | None] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    at: Mapped[datetime | None]
    """When it moved or was refused."""
