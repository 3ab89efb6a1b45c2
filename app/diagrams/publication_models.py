"""A draft on its way to become a version: what exactly was sent in, and what came of it."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity


class PublicationStatus(StrEnum):
    """Where it stands."""

    REVIEW = "review"  # 审核中: the draft is locked
    RETURNED = "returned"  # 退回修改: the draft is the analyst's again, the case waits for it
    ENDED = "ended"  # 不予通过、已撤回: the case is over, nothing was published
    PUBLISHED = "published"  # 已公布


class Publication(Base):
    """The case by which a draft is to become a version.

    `tree` names the texts that were sent in (path → digest in `draft_text`), `digest` the bundle they make.
    `account`, `runs` and `changes` say what the proof, the saved runs and the comparison with the version in
    force were when it was sent in.
    """

    __tablename__ = "publication"
    __table_args__ = (
        UniqueConstraint("case_id"),
        CheckConstraint("status in ('review', 'returned', 'ended', 'published')", name="status"),
        Index(
            "uq_publication_open_draft",
            "draft_id",
            unique=True,
            postgresql_where=text("status in ('review', 'returned')"),
        ),
        Index(None, "draft_id", "id"),
    )

    id: Mapped[int] = identity()
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    case_id: Mapped[int] = mapped_column(BigInteger)
    """The case. No foreign key: a case points at the version it runs on, and rooms point downwards only."""
    case_no: Mapped[str]
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    key: Mapped[str]
    status: Mapped[str]
    revision: Mapped[int]
    tree: Mapped[dict]
    digest: Mapped[str]
    base_id: Mapped[int | None] = mapped_column(ForeignKey("procedure_version.id"))
    """The version with which it was compared."""
    account: Mapped[dict]
    runs: Mapped[list]
    changes: Mapped[list]
    effective_on: Mapped[date | None]
    version_id: Mapped[int | None] = mapped_column(ForeignKey("procedure_version.id"))
    sent_at: Mapped[datetime]
    sent_by: Mapped[str]
    ended_at: Mapped[datetime | None]
