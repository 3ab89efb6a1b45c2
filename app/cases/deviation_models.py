"""Sums that a case sets off the tier of its discretion baseline (裁量偏离)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity


class DeviationState(StrEnum):
    """Where a deviation stands."""

    PROPOSED = "proposed"  # 拟作: not decided yet
    APPROVED = "approved"  # 已决定: whoever decides has decided so
    ENDED = "ended"  # 已消除: a later act of the case keeps to the tier


KINDS: Mapping[str, str] = {
    "tier": "数额不在所适用的档次之内",
    "below": "低于法定幅度（减轻处罚）",
    "none": "裁量基准没有对应的档次",
}
STATES: Mapping[str, tuple[str, str]] = {
    DeviationState.PROPOSED: ("▲ 拟作，待决定", "warn"),
    DeviationState.APPROVED: ("▲ 已决定", "warn"),
    DeviationState.ENDED: ("● 已消除", "ok"),
}
"""Word with shape, and tone."""


class Deviation(Base):
    """What a case's newest act says of one band: the sum off the tier, and why. Without a reason there is no such act
    (the gate `discretion`), hence no such row.

    `kind`: `tier` (off the tier named), `below` (below the law's minimum), `none` (no tier speaks of the case). `tier`
    and `spans` are the tier and its amounts in words, `standard` the version of the discretion standard they are of,
    `amount` is in yuan; people stand by their names at that moment.
    """

    __tablename__ = "discretion_deviation"
    __table_args__ = (
        UniqueConstraint("case_id", "band"),
        CheckConstraint("kind in ('tier', 'below', 'none')", name="kind"),
        CheckConstraint("state in ('proposed', 'approved', 'ended')", name="state"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("state <> 'approved' or approved_by <> ''", name="approved"),
        Index("ix_discretion_deviation_agency", "agency_id", "id"),
        Index("ix_discretion_deviation_region", "region_code", "id"),
    )

    id: Mapped[int] = identity()
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    region_code: Mapped[str]
    band: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    case_no: Mapped[str]
    item: Mapped[str]
    tier: Mapped[str]
    spans: Mapped[str]
    standard: Mapped[str] = mapped_column(default="", server_default="")
    amount: Mapped[Decimal] = mapped_column(Numeric)
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    approved_by: Mapped[str]
    approved_at: Mapped[datetime | None]

    @property
    def kind_told(self) -> str:
        """The kind in words."""
        return KINDS[self.kind]

    @property
    def state_told(self) -> tuple[str, str]:
        """The state in words, and the tone of its tag."""
        return STATES[self.state]
