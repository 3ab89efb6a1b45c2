"""Lights about the governance of power items, each turned once."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_foresight"
down_revision = "20261130_training"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new table."""
    op.create_table(
        "governance_light",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("colour", sa.String(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("region_code", sa.String(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("told", sa.String(), nullable=False),
        sa.Column("turned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind in ('apply', 'answer', 'adjust', 'review')", name=op.f("ck_governance_light_kind")
        ),
        sa.CheckConstraint("colour in ('yellow', 'red')", name=op.f("ck_governance_light_colour")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_governance_light_agency_id")),
        sa.ForeignKeyConstraint(["item_id"], ["power_item.id"], name=op.f("fk_governance_light_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_governance_light")),
        sa.UniqueConstraint(
            "kind", "subject", "colour", name=op.f("uq_governance_light_kind_subject_colour")
        ),
    )
    op.create_index(
        "ix_governance_light_on",
        "governance_light",
        ["region_code", "agency_id", "id"],
        postgresql_where=sa.text("ended_at is null"),
    )


def downgrade() -> None:
    """What was warned of is lost."""
    op.drop_table("governance_light")
