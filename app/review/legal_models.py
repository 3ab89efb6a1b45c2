"""What a legal reviewer wrote beside the texts of a file, and the draft decision as it was reviewed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity
from app.kernel.sealed import SealedJson


class ReviewRemark(Base):
    """A remark anchored in a text of the case, made in one round of review (`work_item_id`).

    The anchor is the text's name (`source`: `document:12`, `step:34`, `draft:JD-01`, `evidence:…`), its SHA-256, the
    passage and the place in it where the quoted words begin, in characters; `said` holds the words themselves
    (`quote`, `text`). A text that was set anew is searched for the quote (`legal_text.located`).
    """

    __tablename__ = "review_remark"
    __table_args__ = (
        UniqueConstraint("work_item_id", "key"),
        CheckConstraint("kind in ('problem', 'change', 'support')", name="kind"),
        Index("ix_review_remark_case", "case_id", "id"),
    )

    id: Mapped[int] = identity()
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    work_item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    key: Mapped[str]
    """The request that made it: sent twice, it is one remark."""
    kind: Mapped[str]
    point: Mapped[str] = mapped_column(default="")
    """The point of the review form it belongs to; empty: none in particular."""
    source: Mapped[str]
    source_digest: Mapped[str]
    passage: Mapped[str]
    start: Mapped[int] = mapped_column(Integer)
    said: Mapped[dict] = mapped_column(SealedJson("review_remark.said"))
    at: Mapped[datetime]
    changed_at: Mapped[datetime | None]


class ReviewedDraft(Base):
    """The draft decision as it stood when a review found it wanting: what the opinion speaks of, and what a second review
    compares with. Written in the transaction of the act, whatever door it came through."""

    __tablename__ = "reviewed_draft"
    __table_args__ = (Index("ix_reviewed_draft_case", "case_id", "id"),)

    id: Mapped[int] = identity()
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    work_item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id"), unique=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    at: Mapped[datetime]
    drafts: Mapped[dict] = mapped_column(SealedJson("reviewed_draft.drafts"))
    """By code of document, its passages in their order (`legal_text.blocks_of` numbers them from `p1` on)."""
