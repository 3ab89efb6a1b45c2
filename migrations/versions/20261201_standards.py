"""A case keeps by which version of the discretion standard it sets its sums; a deviation names it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261201_standards"
down_revision = "20261130_retention"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new table, and a column that says nothing of what was set before."""
    op.create_table(
        "case_standard",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("band", sa.String(), nullable=False),
        sa.Column("decided", sa.Boolean(), nullable=False),
        sa.Column("told", JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_standard_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_standard")),
        sa.UniqueConstraint("case_id", "band", name=op.f("uq_case_standard_case_id_band")),
    )
    op.add_column(
        "discretion_deviation", sa.Column("standard", sa.String(), server_default="", nullable=False)
    )


def downgrade() -> None:
    """By which standard cases were decided stays in their records only."""
    op.drop_column("discretion_deviation", "standard")
    op.drop_table("case_standard")
