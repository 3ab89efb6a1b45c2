"""Published procedures. A row is never changed after it was written: a new content is a new version."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import editions
from app.kernel.db import Base, identity

from .comment_models import DraftComment
from .draft_models import Draft, DraftRevision, DraftText
from .provenance import Origin
from .publication_models import Publication, PublicationStatus

__all__ = [
    "PROCEDURES",
    "Draft",
    "DraftComment",
    "DraftRevision",
    "DraftText",
    "ProcedureVersion",
    "Publication",
    "PublicationStatus",
]


def _texts() -> Mapped[dict]:
    return mapped_column(JSONB, default=dict, server_default=text("'{}'"))


class ProcedureVersion(Base):
    """One published version of a procedure: all a case needs to run, whatever happens later on disk."""

    __tablename__ = "procedure_version"
    __table_args__ = (
        UniqueConstraint("key", "number"),
        UniqueConstraint("digest"),
        CheckConstraint("origin in ('earlier', 'shipped', 'approved')", name="origin"),
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
    templates: Mapped[dict] = _texts()
    """Its own document templates by code, their samples, decision tables and saved runs by name: texts."""
    samples: Mapped[dict] = _texts()
    tables: Mapped[dict] = _texts()
    runs: Mapped[dict] = _texts()
    called: Mapped[dict] = _texts()
    """The diagrams of the processes it calls, by name, in the edition it was published with."""
    written: Mapped[dict] = _texts()
    """Rule set and forms as they were written, by path: JSON columns keep neither order nor comments."""
    origin: Mapped[str] = mapped_column(server_default=Origin.EARLIER.value)
    """How it came into the house (`provenance.Origin`); `note` and `case_id` as there."""
    note: Mapped[str] = mapped_column(default="", server_default="")
    case_id: Mapped[int | None]
    effective_on: Mapped[date | None]
    """The legal day from which cases may be started on it; None: from its publication on."""
    published_at: Mapped[datetime]
    seal: Mapped[bytes] = mapped_column(LargeBinary, default=b"", server_default=text("''::bytea"))
    """Says that the platform published this content under this number, through the gate, by this provenance,
    from this day on."""


PROCEDURES = "procedures"
editions.watch(PROCEDURES, ProcedureVersion)
