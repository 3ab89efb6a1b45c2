"""The versions of power items: what an item is, from which day, and by which case it became so."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, identity


class Change(StrEnum):
    """What a version does to its item (调整单的种类)."""

    NEW = "new"  # 新增
    ADJUST = "adjust"  # 变更
    TRANSFER = "transfer"  # 划转: another agency has the power from that day on
    ABOLISH = "abolish"  # 取消


class VersionState(StrEnum):
    """Where a version stands."""

    DRAFT = "draft"  # 编制中
    REVIEW = "review"  # 部门审核、集体研究、申报: the draft is locked
    RETURNED = "returned"  # 退回修改: the draft is the agency's again, the case waits for it
    AUDIT = "audit"  # 合法性审核: it lies with the legal office
    APPROVED = "approved"  # 已公布: it counts from its day on
    ENDED = "ended"  # 已撤回、不予通过: nothing came of it


OPEN = (VersionState.DRAFT, VersionState.REVIEW, VersionState.RETURNED, VersionState.AUDIT)
"""An item has one version of these at most."""


class ItemVersion(Base):
    """One version of a power item (事项版本).

    `elements` are the answers of the drawing-up page by their keys; `basis` and `content` are what documents and gates
    use of them, as in `PowerItem`. An approved version never changes but for `applied_at`. Which one counts on a day is
    the approved one with the latest `effective_on` up to that day; the first of an item taken over has none: it always
    counted.
    """

    __tablename__ = "power_item_version"
    __table_args__ = (
        UniqueConstraint("item_id", "number"),
        CheckConstraint("change in ('new', 'adjust', 'transfer', 'abolish')", name="change"),
        CheckConstraint(
            "state in ('draft', 'review', 'returned', 'audit', 'approved', 'ended')", name="state"
        ),
        CheckConstraint("state <> 'approved' or number is not null", name="numbered"),
        Index(
            "ix_power_item_version_in_force",
            "item_id",
            "effective_on",
            postgresql_where=text("state = 'approved'"),
        ),
        Index("ix_power_item_version_agency_state", "agency_id", "state"),
        Index(
            "uq_power_item_version_open",
            "item_id",
            unique=True,
            postgresql_where=text("state in ('draft', 'review', 'returned', 'audit')"),
        ),
        Index(
            "uq_power_item_version_case", "case_id", unique=True, postgresql_where=text("case_id is not null")
        ),
        Index(
            "ix_power_item_version_to_apply",
            "effective_on",
            "id",
            postgresql_where=text("state = 'approved' and applied_at is null"),
        ),
    )

    id: Mapped[int] = identity()
    item_id: Mapped[int] = mapped_column(ForeignKey("power_item.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    """The agency whose item it is."""
    number: Mapped[int | None]
    """Counted within the item, given with the approval."""
    change: Mapped[str]
    state: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    procedure: Mapped[str]
    basis: Mapped[list]
    content: Mapped[dict]
    elements: Mapped[dict]
    trial: Mapped[bool] = mapped_column(default=False)
    """试运行: cases may be opened, but neither publicity nor statistics know the item."""
    to_agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    """Of a transfer: the agency that has the power afterwards."""
    reason: Mapped[str] = mapped_column(default="")
    revision: Mapped[int] = mapped_column(default=1)
    """Counts the savings of the draft."""
    digest: Mapped[str] = mapped_column(default="")
    """SHA-256 of what was sent in (`item_versions.digest_of`)."""
    effective_on: Mapped[date | None]
    urgent: Mapped[bool] = mapped_column(default=False)
    """Applied for less than the fifteen working days before its day, with the reason in the application."""
    case_id: Mapped[int | None] = mapped_column(BigInteger)
    """The case of its approval. No foreign key: rooms point downwards only."""
    case_no: Mapped[str] = mapped_column(default="")
    audit_case_id: Mapped[int | None] = mapped_column(BigInteger)
    """The legal office's case about what was sent in last."""
    approval: Mapped[str] = mapped_column(default="", server_default="")
    """By what it was examined that did not come by a case of its own: the number of the paper of an examination from
    before, of a transfer that of the case at the former agency. With neither, nothing of it is ever made public."""
    publishable: Mapped[bool] = mapped_column(default=False, server_default="false")
    """It says all that is made public of a power (S4-27) and is not classified; reckoned when it is approved."""
    signed: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    """The signature of who answers for what is reported (S0-10): name, moment, and what the validation found."""
    answer: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    """The opinion the legal office has signed, as long as the agency's case has not taken it up."""
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    updated_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]
    """When its day came and the item itself was brought to what it says."""
    checked_on: Mapped[date | None]
    """When it was last re-examined (年度复核), by whom stands in `checks`."""
    checks: Mapped[list] = mapped_column(default=list)
