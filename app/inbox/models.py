"""How a person wants the lists of the inbox: saved filters, which of them apply by themselves, and the columns."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity
from app.kernel.sealed import SealedJson


class Shared(StrEnum):
    """For whom a saved filter is."""

    OWN = "own"
    POSITION = "position"
    AGENCY = "agency"


class SavedFilter(Base):
    """A filter of one box under a name. Heads share theirs with a position or the agency; everybody may use what is
    shared with them, its owner alone changes it."""

    __tablename__ = "inbox_filter"
    __table_args__ = (
        CheckConstraint("shared in ('own', 'position', 'agency')", name="shared"),
        CheckConstraint("(shared = 'position') = (position_key is not null)", name="position"),
        Index("ix_inbox_filter_owner", "account_id", "box"),
        Index("ix_inbox_filter_shared", "agency_id", "box", postgresql_where=text("shared <> 'own'")),
    )

    id: Mapped[int] = identity()
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    box: Mapped[str]
    shared: Mapped[str] = mapped_column(default=Shared.OWN)
    position_key: Mapped[str | None] = mapped_column(ForeignKey("position.key"))
    told: Mapped[dict] = mapped_column(SealedJson("inbox_filter.told"))
    """The `name` and the `chosen` of the filter (`filters.Chosen.told`): people name filters after people."""
    at: Mapped[datetime]


class DefaultFilter(Base):
    """The filter that applies when a person opens a box."""

    __tablename__ = "inbox_default"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    box: Mapped[str] = mapped_column(primary_key=True)
    filter_id: Mapped[int] = mapped_column(ForeignKey("inbox_filter.id", ondelete="CASCADE"))


class ChosenColumns(Base):
    """The columns of a box as a person wants them, in order."""

    __tablename__ = "inbox_columns"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    box: Mapped[str] = mapped_column(primary_key=True)
    columns: Mapped[list[str]] = mapped_column(ARRAY(Text))
