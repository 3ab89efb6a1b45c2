"""Published procedures. A row is never changed after it was written: a new content is a new version."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import editions
from app.kernel.db import Base, identity

from .draft_models import Draft, DraftRevision, DraftText

__all__ = ["PROCEDURES", "Draft", "DraftRevision", "DraftText", "ProcedureVersion"]


class ProcedureVersion(Base):
    """One published version of a procedure: all a case needs to run, whatever happens later on disk."""

    __tablename__ = "procedure_version"
    __table_args__ = (
        UniqueConstraint("key", "number"),
        UniqueConstraint("digest"),
        Index(None, "key", "published_at"),
    )

    id: Mapped[int] = identity()
    key: Mapped[str]
    """Folder below `bpmn/`, for example `penalty/ordinary`."""
    number: Mapped[int]
    digest: Mapped[str]
    """SHA-256 over the whole bundle: the key of the engine's cache."""
    name: Mapped[str]
    kind: Mapped[str]
    external: Mapped[bytes] = mapped_column(LargeBinary)
    internal: Mapped[bytes] = mapped_column(LargeBinary)
    rules: Mapped[dict] = mapped_column(JSONB)
    forms: Mapped[dict] = mapped_column(JSONB)
    """Form definitions by key."""
    published_at: Mapped[datetime]
    seal: Mapped[bytes] = mapped_column(LargeBinary, default=b"", server_default=text("''::bytea"))
    """Says that the platform published this content under this number, through the gate."""


PROCEDURES = "procedures"
editions.watch(PROCEDURES, ProcedureVersion)
