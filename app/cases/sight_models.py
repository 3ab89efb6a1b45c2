"""The table of what was worked out of many cases at once."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


class SightSnapshot(Base):
    """The answer to one question about many cases (`sight.Filter.key`), as of a moment: numbers, no case."""

    __tablename__ = "sight_snapshot"
    __table_args__ = (Index("ix_sight_snapshot_computed_at", "computed_at"),)

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    result: Mapped[dict] = mapped_column(JSONB)
    computed_at: Mapped[datetime]
