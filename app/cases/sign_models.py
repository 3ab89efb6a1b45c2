"""Rounds of signing (会签、加签): who is asked for an opinion of their own on a task, by which rule, with what outcome."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity
from app.kernel.sealed import SealedJson


class RoundKind(StrEnum):
    """When the signers answer."""

    BEFORE = "before"  # 先签: they answer, then the assignee hands in
    PARALLEL = "parallel"  # 同时: the assignee may hand in meanwhile; it takes effect when they have answered
    AFTER = "after"  # 后签: they see what was handed in; it takes effect only when they agreed


class RoundRule(StrEnum):
    """What makes a round agree."""

    ALL = "all"
    ANY = "any"
    RATIO = "ratio"
    SEQUENCE = "sequence"
    VOTE = "vote"


class RoundState(StrEnum):
    """Where a round stands. What is settled has its outcome, whoever may still answer."""

    OPEN = "open"
    AGREED = "agreed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class SignRound(Base):
    """A round of signing on one task; its members are `Involvement` rows (part `signer`) with its id."""

    __tablename__ = "sign_round"
    __table_args__ = (
        CheckConstraint("kind in ('before', 'parallel', 'after')", name="kind"),
        CheckConstraint("rule in ('all', 'any', 'ratio', 'sequence', 'vote')", name="rule"),
        CheckConstraint("state in ('open', 'agreed', 'failed', 'cancelled')", name="state"),
        CheckConstraint("(rule = 'ratio') = (percent is not null)", name="percent"),
        Index("ix_sign_round_work", "work_item_id", "id", postgresql_where=text("state <> 'cancelled'")),
        Index("ix_sign_round_case", "case_id", "id"),
    )

    id: Mapped[int] = identity()
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    work_item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    kind: Mapped[str]
    rule: Mapped[str]
    percent: Mapped[int | None] = mapped_column(SmallInteger)
    """With rule `ratio`: how many of a hundred members must agree."""
    state: Mapped[str] = mapped_column(default=RoundState.OPEN)
    by_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    dealt: Mapped[bool] = mapped_column(default=False)
    """Whether a failed round is dealt with: the assignee has written why it is not followed, or it was asked again."""
    said: Mapped[dict | None] = mapped_column(SealedJson("sign_round.said"))
    """What was asked (`note`), what the assignee had entered by then (`proposal`), the minutes of a vote (`minutes`), why
    it is not followed (`explained`) or was cancelled (`reason`)."""
