"""The discretion standard by which a case sets a sum."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.catalogue import service as catalogue
from app.kernel.db import Base, identity


class CaseStandard(Base):
    """By which version of the discretion standard the newest act of a case sets the sum of one band, `decided` or only
    proposed. `kept` is what `folded` leaves of `standards.Counted.told`: what was applied, and what stood beside it."""

    __tablename__ = "case_standard"
    __table_args__ = (UniqueConstraint("case_id", "band"),)

    id: Mapped[int] = identity()
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    band: Mapped[str]
    decided: Mapped[bool]
    kept: Mapped[dict[str, Any]] = mapped_column("told", JSONB)
    at: Mapped[datetime]

    @property
    def told(self) -> dict[str, Any]:
        """What was told when the sum was set (`standards.Counted.told`)."""
        return unfolded(self.kept)


def folded(told: Mapping[str, Any]) -> dict[str, Any]:
    """What rows and records keep: whatever does not follow from the standard that was applied."""
    usual = _usual(told)
    return {name: value for name, value in told.items() if name not in usual or usual[name] != value}


def unfolded(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What was told, from what was kept of it."""
    return _usual(kept) | dict(kept)


def words_of(applied: Mapping[str, Any]) -> str:
    """How a paper names the baseline; of tiers that an item lists itself papers say no more than that they fit."""
    if "key" not in applied:
        return ""
    return f"裁量参照“{applied['violation']}”的裁量基准（{catalogue.standard_name(applied)}）。"


def _usual(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of a standard where nothing else is said: with a day of the act, that both days have the same."""
    name = catalogue.standard_name(said["applied"])
    usual: dict[str, Any] = {"name": name, "words": words_of(said["applied"])}
    if "acted_on" in said:
        usual |= {"old": name, "new": name, "differs": False, "lacking": ""}
    return usual
