"""Files on their way in parts."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity
from app.kernel.sealed import SealedJson


class FormUpload(Base):
    """A file that a person has begun to send. It belongs to the account, the page (`scope`), the form and its field.

    The account is no foreign key, as with drafts. `said` holds the file's name and, once it is complete, what it is.
    """

    __tablename__ = "form_upload"
    __table_args__ = (
        UniqueConstraint("account_id", "key"),
        Index("ix_form_upload_expires", "expires_at"),
    )

    id: Mapped[int] = identity()
    account_id: Mapped[int] = mapped_column(BigInteger)
    scope: Mapped[str] = mapped_column(String(120))
    form: Mapped[str] = mapped_column(String(120))
    field: Mapped[str] = mapped_column(String(120))
    key: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    part_size: Mapped[int]
    expected: Mapped[str] = mapped_column(String(64), default="")
    """The SHA-256 that was announced, if any."""
    said: Mapped[dict[str, Any]] = mapped_column(SealedJson("form_upload.said"))
    digest: Mapped[str] = mapped_column(String(64), default="")
    """Of the complete file."""
    begun_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class FormUploadPart(Base):
    """A part that has arrived."""

    __tablename__ = "form_upload_part"

    upload_id: Mapped[int] = mapped_column(
        ForeignKey("form_upload.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
