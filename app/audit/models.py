"""The record: one row for every act on a case, in order, never changed."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity


class RecordEntry(Base):
    """One entry. `seq` counts within the case without gaps: the case row is locked while it is written."""

    __tablename__ = "record_entry"
    __table_args__ = (UniqueConstraint("case_id", "seq"), Index("ix_record_entry_at", "at"))

    id: Mapped[int] = identity()
    case_id: Mapped[int]
    agency_id: Mapped[int]
    seq: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    """The officer; empty for the platform itself."""
    kind: Mapped[str]
    content: Mapped[dict] = mapped_column(JSONB)
    digests: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default="{}")
    """SHA-256 of the documents and files the act produced or brought."""
