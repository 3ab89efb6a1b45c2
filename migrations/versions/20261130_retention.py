"""How long the files of closed cases are kept."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_retention"
down_revision = "20261130_foresight"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new table, empty: the workers enter the terms of what is closed already."""
    op.create_table(
        "case_retention",
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("term", sa.String(8), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("asked", sa.String(8), nullable=False),
        sa.Column("ground", sa.String(300), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.CheckConstraint(
            "(by_id is null) = (changed_at is null)", name=op.f("ck_case_retention_changed")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_retention_case_id")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_case_retention_agency_id")),
        sa.ForeignKeyConstraint(["by_id"], ["officer.id"], name=op.f("fk_case_retention_by_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_retention")),
    )
    op.create_index("ix_case_retention_closed", "case_retention", ["agency_id", "closed_on", "case_id"])
    op.create_index("ix_case_retention_ends", "case_retention", ["agency_id", "ends_on"])


def downgrade() -> None:
    op.drop_table("case_retention")
