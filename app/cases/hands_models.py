"""The allocation rules of an agency with their history, and what they gave to whom."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import editions
from app.kernel.db import Base, identity


class Way(StrEnum):
    """By what a new task of a position finds its person."""

    HAND = "hand"  # 由负责人分派或者自行签收
    LOAD = "load"  # 按在办件数最少
    TURN = "turn"  # 轮流
    FIELD = "field"  # 按事项分工


class AllocationRule(Base):
    """What a head of an agency set for one position. The newest row holds; those before it are the history."""

    __tablename__ = "allocation_rule"
    __table_args__ = (
        CheckConstraint("way in ('hand', 'load', 'turn', 'field')", name="way"),
        Index("ix_allocation_rule_position", "agency_id", "position_key", "id"),
    )

    id: Mapped[int] = identity()
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    position_key: Mapped[str] = mapped_column(ForeignKey("position.key"))
    way: Mapped[str] = mapped_column(String(10))
    fields: Mapped[dict] = mapped_column(JSONB, default=dict)
    """By field: the codes of power items, or the kinds of items, with the officers who handle them."""
    set_by: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    set_at: Mapped[datetime]


class Allocation(Base):
    """A task that a rule gave to somebody when it opened, and why to this person."""

    __tablename__ = "allocation"
    __table_args__ = (
        Index("ix_allocation_turn", "agency_id", "position_key", "officer_id", "at"),
        Index("ix_allocation_work", "work_item_id"),
    )

    id: Mapped[int] = identity()
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    work_item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    position_key: Mapped[str] = mapped_column(ForeignKey("position.key"))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    rule_id: Mapped[int] = mapped_column(ForeignKey("allocation_rule.id"))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)


RULES = "allocation"
editions.watch(RULES, AllocationRule)
