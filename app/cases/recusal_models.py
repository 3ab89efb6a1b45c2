"""Who must keep out of a case (回避): asked for, decided, and lifted only by another decision."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity
from app.kernel.sealed import SealedJson


class RecusalState(StrEnum):
    """How far it has come."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    LIFTED = "lifted"


class Recusal(Base):
    """A request that an officer keep out of a case, and what was decided. Kinds and grounds: `data/recusal.yaml`."""

    __tablename__ = "recusal"
    __table_args__ = (
        CheckConstraint("kind in ('own', 'party', 'ordered')", name="kind"),
        CheckConstraint("state in ('requested', 'approved', 'rejected', 'lifted')", name="state"),
        CheckConstraint("decided_by <> officer_id and lifted_by <> officer_id", name="not_by_oneself"),
        CheckConstraint("(state = 'requested') = (decided_by is null)", name="decided"),
        Index("ix_recusal_case", "case_id", "id"),
        # one that waits or holds, for a person in a case
        Index(
            "ix_recusal_standing",
            "case_id",
            "officer_id",
            unique=True,
            postgresql_where=text("state in ('requested', 'approved')"),
        ),
        # the cases a person must keep out of (`kept_out`)
        Index("ix_recusal_kept_out", "officer_id", "case_id", postgresql_where=text("state = 'approved'")),
        Index("ix_recusal_waiting", "agency_id", "id", postgresql_where=text("state = 'requested'")),
    )

    id: Mapped[int] = identity()
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    kind: Mapped[str]
    ground: Mapped[str]
    state: Mapped[str] = mapped_column(default=RecusalState.REQUESTED)
    said: Mapped[dict] = mapped_column(SealedJson("recusal.said"))
    """What was typed: `facts`, what the party brought (`brought_by`, `brought_on`), `reason` and `minutes` of the decision,
    `lifted` and `lifted_minutes`."""
    requested_by: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    requested_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    decided_at: Mapped[datetime | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    lifted_at: Mapped[datetime | None]
