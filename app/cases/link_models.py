"""Which case came out of which: a lead handed over at one step opens another, a lawsuit follows a decision."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity


class LinkKind(StrEnum):
    """How a case came out of another one."""

    REFERRED = "referred"
    """A step of it handed something over."""
    APPLIED = "applied"
    """A step of it asked another agency to examine something."""
    FOLLOWS = "follows"
    """It was opened on what that case had decided: review, lawsuit, correction."""


class CaseLink(Base):
    """A case (`target`) that came out of another one (`source`). `work_item_id` is the task at which something was
    handed over: what was said there is what the new case begins with; none where it follows a decision."""

    __tablename__ = "case_link"
    __table_args__ = (
        UniqueConstraint("target_id"),
        Index(
            "uq_case_link_source_id_item_id",
            "source_id",
            "item_id",
            unique=True,
            postgresql_where=text("kind = 'referred'"),
        ),
        Index(
            "uq_case_link_applied",
            "source_id",
            "item_id",
            "work_item_id",
            unique=True,
            postgresql_where=text("kind = 'applied'"),
        ),
        Index("ix_case_link_source_id", "source_id"),
    )

    id: Mapped[int] = identity()
    source_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    target_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("power_item.id"))
    kind: Mapped[str] = mapped_column(server_default=LinkKind.REFERRED)
    work_item_id: Mapped[int | None] = mapped_column(ForeignKey("work_item.id"))
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
