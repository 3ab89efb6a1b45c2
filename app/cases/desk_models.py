"""Who takes part in a task besides the one it is assigned to: delegates, further signers, those it is copied to, and
those who watch it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, INTEGER
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity
from app.kernel.sealed import SealedJson


class Part(StrEnum):
    """As what somebody takes part in a task."""

    DELEGATE = "delegate"  # 委派: prepares it, the assignee hands it in
    SIGNER = "signer"  # 加签、会签: gives an opinion of their own
    COPY = "copy"  # 抄送: reads it
    WATCH = "watch"  # 关注: wants it in a list of their own; gives no access


class PartState(StrEnum):
    """Whether something is still awaited of them."""

    OPEN = "open"
    DONE = "done"
    REMOVED = "removed"


UNREAD = "COALESCE(read_at, '9999-01-01 00:00:00+00'::timestamp with time zone)"
"""By what copies are ordered: those that were not read come first, then those read last."""


class Involvement(Base):
    """One person's part in a task. Delegates, signers and those it is copied to may see task and case for as long as
    they were not removed; what they may do with it is the business of `app.cases.desk_acts`."""

    __tablename__ = "involvement"
    __table_args__ = (
        CheckConstraint("part in ('delegate', 'signer', 'copy', 'watch')", name="part"),
        CheckConstraint("state in ('open', 'done', 'removed')", name="state"),
        Index("ix_involvement_person", "officer_id", "part", "id"),
        Index("ix_involvement_awaited", "officer_id", "part", "id", postgresql_where=text("state = 'open'")),
        Index("ix_involvement_work", "work_item_id", "officer_id"),
        Index("ix_involvement_case", "case_id", "officer_id"),
        Index(
            "ix_involvement_copied",
            "officer_id",
            text(UNREAD),
            "id",
            postgresql_where=text("part = 'copy' and state <> 'removed'"),
        ),
    )

    id: Mapped[int] = identity()
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    work_item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    part: Mapped[str]
    state: Mapped[str] = mapped_column(default=PartState.OPEN)
    by_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    at: Mapped[datetime]
    round_id: Mapped[int | None]
    """The round of signing it belongs to, if any."""
    place: Mapped[int] = mapped_column(SmallInteger, default=0)
    """The place in a round that goes in order."""
    stance: Mapped[str] = mapped_column(default="")
    said: Mapped[dict | None] = mapped_column(SealedJson("involvement.said"))
    """What was asked (`note`) and answered (`opinion`)."""
    answered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]


class Urging(Base):
    """Somebody urged the one who has a task (催办), or all who may take it."""

    __tablename__ = "urging"
    __table_args__ = (
        Index("ix_urging_officer", "officer_id", "id"),
        Index("ix_urging_work", "work_item_id", "id"),
        Index("ix_urging_pool", "agency_id", "id", postgresql_where=text("officer_id is null")),
    )

    id: Mapped[int] = identity()
    work_item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    """The person who is urged; None: whoever may take the task."""
    by_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    at: Mapped[datetime]
    said: Mapped[dict | None] = mapped_column(SealedJson("urging.said"))
    """What was said (`note`)."""
    seen_at: Mapped[datetime | None]


class TextDigests(Base):
    """Under which keyed digests an opinion or an issued document is found by its words (`full_text`). No text: that
    stays sealed where it is."""

    __tablename__ = "text_digests"
    __table_args__ = (
        Index("ix_text_digests_pairs", "pairs", postgresql_using="gin"),
        Index("ix_text_digests_case", "case_id"),
    )

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    """`opinion` (of a submission) or `document`."""
    source_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    pairs: Mapped[list[int]] = mapped_column(ARRAY(INTEGER))
