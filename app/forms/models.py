"""Tables of the forms room."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity
from app.kernel.sealed import SealedJson

from .upload_models import FormUpload, FormUploadPart

__all__ = ["FormDraft", "FormUpload", "FormUploadPart"]


class FormDraft(Base):
    """What a person has typed into a form and not yet submitted.

    `scope` names the page (`work:123`). The account is no foreign key: accounts end without asking this room.
    """

    __tablename__ = "form_draft"
    __table_args__ = (UniqueConstraint("account_id", "scope"), Index("ix_form_draft_scope", "scope"))

    id: Mapped[int] = identity()
    account_id: Mapped[int] = mapped_column(BigInteger)
    scope: Mapped[str] = mapped_column(String(120))
    answers: Mapped[dict[str, Any]] = mapped_column(SealedJson("form_draft.answers"))
    updated_at: Mapped[datetime]
