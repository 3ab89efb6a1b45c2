"""Changes of issued documents: asked for by who handles the case, decided by a head."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity
from app.kernel.sealed import SealedJson


class ChangeState(StrEnum):
    """How far it has come."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"


class DocumentChange(Base):
    """A request to correct, supersede, rectify or void a document, and what was decided. Kinds:
    `documents/data/changes.yaml`."""

    __tablename__ = "document_change"
    __table_args__ = (
        CheckConstraint("kind in ('correct', 'supersede', 'void', 'rectify')", name="kind"),
        CheckConstraint("state in ('requested', 'approved', 'rejected')", name="state"),
        CheckConstraint("(state = 'requested') = (decided_by is null)", name="decided"),
        CheckConstraint("decided_by <> requested_by", name="not_by_oneself"),
        Index("ix_document_change_case", "case_id", "id"),
        Index(
            "ix_document_change_one",
            "document_id",
            unique=True,
            postgresql_where=text("state = 'requested'"),
        ),
        Index("ix_document_change_waiting", "agency_id", "id", postgresql_where=text("state = 'requested'")),
    )

    id: Mapped[int] = identity()
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default=ChangeState.REQUESTED)
    said: Mapped[dict] = mapped_column(SealedJson("document_change.said"))
    """What was typed: `reason` and `pairs` ([old, new] each) of the request, `decision` (the reason of it)."""
    requested_by: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    requested_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    decided_at: Mapped[datetime | None]
    result_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
