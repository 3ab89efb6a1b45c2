"""The discretion standard by which a case sets a sum."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity


class CaseStandard(Base):
    """By which version of the discretion standard the newest act of a case sets the sum of one band, `decided` or only
    proposed. `told` are the plain values of `standards.Counted.told`: what was applied, and what stood beside it."""

    __tablename__ = "case_standard"
    __table_args__ = (UniqueConstraint("case_id", "band"),)

    id: Mapped[int] = identity()
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    band: Mapped[str]
    decided: Mapped[bool]
    told: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime]
