"""The table of files with power items that were handed in to be taken over."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity


class ItemImport(Base):
    """One file of one agency, from its checking to its taking over. The file itself stays in the file store
    (`digest`), so that what was handed in can be looked at and its errors be shown in it."""

    __tablename__ = "item_import"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'checked', 'taking', 'taken', 'refused')", name="state"),
        Index("ix_item_import_agency", "agency_id", "id"),
    )

    id: Mapped[int] = identity()
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    handed_in_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    handed_in_at: Mapped[datetime]
    name: Mapped[str]
    digest: Mapped[str]
    state: Mapped[str]
    total: Mapped[int] = mapped_column(default=0, server_default="0")
    """Rows in the file; `taken` of them are through."""
    taken: Mapped[int] = mapped_column(default=0, server_default="0")
    found: Mapped[dict] = mapped_column(JSONB)
    """What the checking has found: `errors` (cell, message), `refused` (row numbers), and how many rows are `new`,
    `changed`, `same`; of a file that could not be read `message`."""
    finished_at: Mapped[datetime | None]
