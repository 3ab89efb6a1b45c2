"""Discretion baselines of agencies, every version of each."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261130_baselines"
down_revision = "20261130_guide"
branch_labels = None
depends_on = None

TRIGGER = """
create or replace trigger edition after insert or update or delete or truncate on discretion_baseline
for each statement execute function bump_edition('catalogue')
"""


def upgrade() -> None:
    """A new table only."""
    op.create_table(
        "discretion_baseline",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("violation", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("origin in ('official', 'local')", name=op.f("ck_discretion_baseline_origin")),
        sa.CheckConstraint("number > 0", name=op.f("ck_discretion_baseline_number")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_discretion_baseline_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discretion_baseline")),
        sa.UniqueConstraint(
            "agency_id", "key", "number", name=op.f("uq_discretion_baseline_agency_id_key_number")
        ),
    )
    op.execute(TRIGGER)


def downgrade() -> None:
    """Items that name a baseline have no tiers any more."""
    op.drop_table("discretion_baseline")
