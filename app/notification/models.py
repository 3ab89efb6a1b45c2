"""Who wants to be told what, and what was told."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity
from app.kernel.sealed import SealedJson


class DigestState(StrEnum):
    """What became of the summary of a day."""

    QUEUED = "queued"
    SENT = "sent"
    EMPTY = "empty"  # there was nothing to tell
    DROPPED = "dropped"  # turned off before it was sent


class NoticeSetting(Base):
    """What an account wants: the daily summary (`mail`, at `hour` in China) to a confirmed address, and web push."""

    __tablename__ = "notice_setting"
    __table_args__ = (
        CheckConstraint("hour between 0 and 23", name="hour"),
        Index("ix_notice_setting_hour", "hour", postgresql_where=text("mail")),
    )

    id: Mapped[int] = identity()
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), unique=True)
    mail: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    hour: Mapped[int] = mapped_column(SmallInteger, default=8, server_default=text("8"))
    address: Mapped[dict | None] = mapped_column(SealedJson("notice_setting.address"))
    """`address`: where mail goes, confirmed by the code that was sent there."""
    asked: Mapped[dict | None] = mapped_column(SealedJson("notice_setting.asked"))
    """An address that is not confirmed: `address`, `code`, `until` (ISO), `left` (attempts)."""
    looked_at: Mapped[datetime | None]
    """Up to when web push has told of new tasks."""
    updated_at: Mapped[datetime]


class PushSubscription(Base):
    """A browser that takes push messages for an account. Its address and keys are sealed; the digest finds it again."""

    __tablename__ = "push_subscription"
    __table_args__ = (CheckConstraint("octet_length(endpoint_digest) = 32", name="digest"),)

    id: Mapped[int] = identity()
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    endpoint_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    content: Mapped[dict] = mapped_column(SealedJson("push_subscription.content"))
    """`endpoint`, `p256dh`, `auth` as the browser gave them."""
    agent: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    token: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """The fencing token of the newest delivery: an older worker that comes late is refused."""


class DigestSent(Base):
    """The summary of one person and day: who inserts the row first sends it."""

    __tablename__ = "digest_sent"
    __table_args__ = (
        CheckConstraint("state in ('queued', 'sent', 'empty', 'dropped')", name="state"),
        Index("ix_digest_sent_day", "day"),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default=DigestState.QUEUED, server_default=text("'queued'"))
    at: Mapped[datetime]
