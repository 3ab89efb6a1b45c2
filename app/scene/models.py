"""What came back from the scene."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity
from app.kernel.sealed import SealedJson


class ItemKind(StrEnum):
    """What was brought."""

    FORM = "form"  # what was typed into the task's form
    PHOTO = "photo"
    SIGNATURE = "signature"
    REFUSAL = "refusal"  # somebody would not sign


class ItemState(StrEnum):
    """What became of it."""

    USED = "used"  # it stands where it belongs: draft, evidence, record
    KEPT = "kept"  # meanwhile the task had changed: nothing was overwritten, it waits here
    TAKEN = "taken"  # kept, and used later


class SceneItem(Base):
    """One thing recorded at the scene. `key` is the device's own: handing it in again gives the same answer.

    `client_at` is the moment by the device's clock, `offset_ms` how far that clock was behind the server's when the task
    was taken along, `occurred_at` the moment that follows; `entered_at` is the platform's own and the only one trusted.
    `said` holds what was recorded (`answers`, or what is told of a file with the `file`), and where it was kept `why` and
    what stood there instead (`theirs`). The account is no foreign key, as with drafts.
    """

    __tablename__ = "scene_item"
    __table_args__ = (
        UniqueConstraint("account_id", "key"),
        CheckConstraint("kind in ('form', 'photo', 'signature', 'refusal')", name="kind"),
        CheckConstraint("state in ('used', 'kept', 'taken')", name="state"),
        Index("ix_scene_item_work", "work_item_id", "id"),
    )

    id: Mapped[int] = identity()
    account_id: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    work_item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(8))
    client_at: Mapped[datetime]
    offset_ms: Mapped[int]
    occurred_at: Mapped[datetime]
    entered_at: Mapped[datetime]
    marks: Mapped[list] = mapped_column(default=list)
    said: Mapped[dict[str, Any]] = mapped_column(SealedJson("scene_item.said"))
