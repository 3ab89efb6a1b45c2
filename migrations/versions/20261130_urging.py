"""Who was urged to get on with a task."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import BYTEA

revision = "20261130_urging"
down_revision = "20261130_trail"
branch_labels = None
depends_on = None

REFERENCES = (("work_item_id", "work_item"), ("case_id", "case"), ("agency_id", "agency"),
              ("officer_id", "officer"), ("by_id", "officer"))  # fmt: skip


def upgrade() -> None:
    """A new table only."""
    op.create_table(
        "urging",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=name == "officer_id") for name, _ in REFERENCES),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", BYTEA(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_urging_{name}"))
            for name, table in REFERENCES
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_urging")),
    )
    op.create_index("ix_urging_officer", "urging", ["officer_id", "id"])
    op.create_index("ix_urging_work", "urging", ["work_item_id", "id"])
    op.create_index(
        "ix_urging_pool", "urging", ["agency_id", "id"], postgresql_where=sa.text("officer_id is null")
    )


def downgrade() -> None:
    """Who was urged is lost; the record of the cases still tells it."""
    op.drop_table("urging")
