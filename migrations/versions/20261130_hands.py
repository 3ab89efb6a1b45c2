"""Allocation rules with their history, and what they gave to whom."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261130_hands"
down_revision = "20261130_lists"
branch_labels = None
depends_on = None

TRIGGER = """
create or replace trigger edition after insert or update or delete or truncate on allocation_rule
for each statement execute function bump_edition('allocation')
"""


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False)


def _refers(table: str, **to: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([name], [target], name=op.f(f"fk_{table}_{name}"))
        for name, target in to.items()
    ]


def upgrade() -> None:
    """New tables only."""
    op.create_table(
        "allocation_rule",
        _id(),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("position_key", sa.String(40), nullable=False),
        sa.Column("way", sa.String(10), nullable=False),
        sa.Column("fields", JSONB(), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("way in ('hand', 'load', 'turn', 'field')", name=op.f("ck_allocation_rule_way")),
        *_refers("allocation_rule", agency_id="agency.id", position_key="position.key", set_by="officer.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation_rule")),
    )
    op.create_index("ix_allocation_rule_position", "allocation_rule", ["agency_id", "position_key", "id"])
    op.execute(TRIGGER)
    op.create_table(
        "allocation",
        _id(),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("case_id", "work_item_id", "agency_id")),
        sa.Column("position_key", sa.String(40), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *_refers(
            "allocation", case_id="case.id", work_item_id="work_item.id", agency_id="agency.id",
            position_key="position.key", officer_id="officer.id", rule_id="allocation_rule.id"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
    )  # fmt: skip
    op.create_index("ix_allocation_turn", "allocation", ["agency_id", "position_key", "officer_id", "at"])
    op.create_index("ix_allocation_work", "allocation", ["work_item_id"])


def downgrade() -> None:
    """Rules are lost; the record of the cases still tells who was given what."""
    op.drop_table("allocation")
    op.drop_table("allocation_rule")
