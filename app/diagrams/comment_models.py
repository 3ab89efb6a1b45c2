"""What analysts say to each other about a draft: threads on an element, or on a part as a whole."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity


class DraftComment(Base):
    """A remark, or (with a parent) an answer to one. Nothing is ever deleted: a thread is settled and taken up again.

    `element` is the id of an element of a diagram, the key of a field and so on within the file `path`; empty: the
    file as a whole. `element_name` is what it was called then, for the time when it is gone.
    """

    __tablename__ = "draft_comment"
    __table_args__ = (
        CheckConstraint("parent_id is null or resolved_at is null", name="root"),
        UniqueConstraint("draft_id", "key"),
        Index(None, "draft_id", "id"),
    )

    id: Mapped[int] = identity()
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("draft_comment.id"))
    key: Mapped[str]
    """Made by the page: a request sent twice says it once."""
    path: Mapped[str]
    element: Mapped[str] = mapped_column(default="")
    element_name: Mapped[str] = mapped_column(default="")
    body: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[int] = mapped_column(BigInteger)
    by_name: Mapped[str]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[int | None] = mapped_column(BigInteger)
    resolved_name: Mapped[str] = mapped_column(default="")
