"""Power items. A case is opened on a published item only."""

from datetime import date, datetime

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, UniqueConstraint, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import editions
from app.kernel.db import Base, identity

from .intake_models import ItemImport
from .item_models import Change, ItemVersion, VersionState
from .law_models import (
    TEXT_PAIRS,
    Citation,
    CitingText,
    Law,
    LawArticle,
    LawChange,
    LawTask,
    LawVersion,
)

__all__ = [
    "CATALOGUE", "Change", "Citation", "CitingText", "DiscretionBaseline", "ItemImport", "ItemVersion", "Law", "LawArticle",
    "LawChange", "LawTask", "LawVersion", "PowerItem", "VersionState",
]  # fmt: skip


class PowerItem(Base):
    """One power an agency may exercise (行政权力事项).

    `basis` is a list of citations, `content` the published elements (penalty range, tiers) as values. Name, kind,
    procedure, basis, content and `trial` are those of the version that counts today (`item_models.ItemVersion`): lists
    and searches read them here.
    """

    __tablename__ = "power_item"
    __table_args__ = (
        UniqueConstraint("agency_id", "code"),
        Index(None, "agency_id", "status"),
        Index(
            "ix_power_item_words",
            text("text_pairs((code::text || '¶'::text) || name::text)"),
            postgresql_using="gin",
        ),
    )

    id: Mapped[int] = identity()
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    code: Mapped[str]
    """Code in the agency's list; codes of other schemes are attributes, never keys."""
    name: Mapped[str]
    kind: Mapped[str]
    procedure: Mapped[str]
    """Key of the procedure it runs on, for example `penalty/ordinary`."""
    status: Mapped[str]
    basis: Mapped[list] = mapped_column(JSONB)
    content: Mapped[dict] = mapped_column(JSONB)
    trial: Mapped[bool] = mapped_column(default=False, server_default="false")


event.listen(PowerItem.__table__, "before_create", DDL(TEXT_PAIRS))


class DiscretionBaseline(Base):
    """One version of a discretion baseline (裁量基准) of an agency. An item names it by its key (`content.baseline`); the
    version with the latest day on which one came into force counts. Earlier ones stay.

    `origin` says whether a superior authority has issued it (`official`) or the agency has drawn it up (`local`);
    `approval` by what the legal office has approved what is the agency's own: the number of the case, or of the paper from
    before. Without one nothing cites it (S0-9). `content` is what was read, `digest` its SHA-256.
    """

    __tablename__ = "discretion_baseline"
    __table_args__ = (
        UniqueConstraint("agency_id", "key", "number"),
        CheckConstraint("origin in ('official', 'local')", name="origin"),
        CheckConstraint("number > 0", name="number"),
    )

    id: Mapped[int] = identity()
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    key: Mapped[str]
    number: Mapped[int]
    origin: Mapped[str]
    violation: Mapped[str]
    version: Mapped[str]
    """What its authority calls it, for example the number of its notice."""
    effective_from: Mapped[date | None]
    content: Mapped[dict] = mapped_column(JSONB)
    digest: Mapped[str]
    approval: Mapped[str] = mapped_column(default="", server_default="")
    item_version_id: Mapped[int | None] = mapped_column(ForeignKey("power_item_version.id"))
    """The version of the item that it was drawn up, examined and published with; None: it came from a file."""
    loaded_at: Mapped[datetime]


CATALOGUE = "catalogue"
editions.watch(CATALOGUE, PowerItem, DiscretionBaseline)
