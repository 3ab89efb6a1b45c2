"""Drafts of procedures: small trees of text files, kept like a version store keeps them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity


class DraftStatus(StrEnum):
    """Where a draft stands. Only one that is being edited takes changes."""

    EDITING = "editing"  # 编辑中
    REVIEW = "review"  # 审核中
    PUBLISHED = "published"  # 已发布
    DISCARDED = "discarded"  # 已放弃


class RevisionKind(StrEnum):
    """How a revision came about."""

    STARTED = "started"  # 新建
    SAVED = "saved"  # 保存
    RESTORED = "restored"  # 恢复
    CONFLICT = "conflict"  # 冲突时留存: what one person wrote while another changed the same file


class DraftText(Base):
    """One text by its SHA-256: what is the same in many revisions and drafts is kept once."""

    __tablename__ = "draft_text"

    digest: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[str]


class Draft(Base):
    """A procedure being drawn by the analysts of one agency.

    `tree` names the texts of the newest revision (path → digest), `touched` the revision that last changed each
    path (path → `{"revision", "by"}`; a removed path stays in it). `base_id` is the published version it came from.
    """

    __tablename__ = "draft"
    __table_args__ = (
        CheckConstraint("status in ('editing', 'review', 'published', 'discarded')", name="status"),
        CheckConstraint("revision > 0", name="revision"),
        Index(None, "agency_id", "updated_at"),
    )

    id: Mapped[int] = identity()
    key: Mapped[str]
    """Key of the procedure, such as `penalty/ordinary`."""
    name: Mapped[str]
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    region_code: Mapped[str]
    base_id: Mapped[int | None] = mapped_column(ForeignKey("procedure_version.id"))
    origin_id: Mapped[int | None] = mapped_column(ForeignKey("procedure_version.id"))
    """The published version it was copied from, also under another key: it may only be tighter."""
    status: Mapped[str] = mapped_column(default=DraftStatus.EDITING)
    revision: Mapped[int]
    tree: Mapped[dict]
    touched: Mapped[dict]
    created_at: Mapped[datetime]
    created_by: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[datetime]
    updated_by: Mapped[int] = mapped_column(BigInteger)


class DraftRevision(Base):
    """A state of a draft that can be gone back to. One of kind `conflict` was never the draft's state."""

    __tablename__ = "draft_revision"
    __table_args__ = (
        CheckConstraint("kind in ('started', 'saved', 'restored', 'conflict')", name="kind"),
        Index(None, "draft_id", "id"),
    )

    id: Mapped[int] = identity()
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    number: Mapped[int]
    """The draft's revision; of a conflict the one it would have followed."""
    kind: Mapped[str]
    tree: Mapped[dict]
    changed: Mapped[list]
    """The paths that this revision changed."""
    note: Mapped[str] = mapped_column(default="")
    since: Mapped[datetime]
    """When the first of the saves was made that this revision puts together."""
    at: Mapped[datetime]
    by: Mapped[int] = mapped_column(BigInteger)
    by_name: Mapped[str]
