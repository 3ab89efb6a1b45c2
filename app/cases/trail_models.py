"""What each act did to the tokens of a running case."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import BYTEA, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity


class TokenStep(Base):
    """One act on a running case as its tokens saw it (`trail`), in the order of the ids. The first row of a case is
    where its trail begins: there `moved` is the whole state and `told` what else the case kept. A case that is closed
    has none: nothing is taken back in it."""

    __tablename__ = "token_step"
    __table_args__ = (Index("ix_token_step_case", "case_id", "id"),)

    id: Mapped[int] = identity()
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    at: Mapped[datetime]
    work_item_id: Mapped[int | None] = mapped_column(ForeignKey("work_item.id"))
    """The task that was done; empty where a timer fired, and where the trail begins."""
    moved: Mapped[bytes] = mapped_column(BYTEA)
    """The ids of the tokens that are gone, and those that came (`engine.moved`)."""
    told: Mapped[dict] = mapped_column(JSONB)
    """Legal steps with their moments, named actions, what clocks did, when a letter was received."""
    seal: Mapped[bytes] = mapped_column(BYTEA)
    """Says that the platform wrote the row."""
