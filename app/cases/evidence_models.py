"""The register of evidence files of a case."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity
from app.kernel.sealed import SealedJson


class EvidenceState(StrEnum):
    """Whether a file counts as evidence of the case."""

    IN = "in"
    OUT = "out"  # set aside with a reason: not related, a duplicate, obtained against the law


class Evidence(Base):
    """A file that was collected as evidence, or one handed in with a form that was set aside as none.

    `said` holds what persons typed: `name` of the file, `title`, `kind`, `proves` (the fact), `source`, `by` (who
    collected it), `place`, `copy` (`original` or `copy`), of a photograph taken at the scene `position`; and `out`, the
    reason for setting it aside. A file is in a register once, however often it is handed in.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint("state in ('in', 'out')", name="state"),
        UniqueConstraint("case_id", "digest"),
        Index("ix_evidence_work", "work_item_id"),
    )

    id: Mapped[int] = identity()
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    work_item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id"))
    digest: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[str] = mapped_column(String(120))
    said: Mapped[dict[str, Any]] = mapped_column(SealedJson("evidence.said"))
    state: Mapped[str] = mapped_column(String(8), default=EvidenceState.IN)
    collected_at: Mapped[datetime | None]
    """When it came about, as told by whoever collected it."""
    entered_at: Mapped[datetime]
    entered_by: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    marks: Mapped[list] = mapped_column(default=list)
    """What of its times must be seen: `after_entry`, `before_task`, `late_entry`."""
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    decided_at: Mapped[datetime | None]
    """Who last set it aside or took it back, and when."""
