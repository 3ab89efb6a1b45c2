"""Who takes part in a task besides the one it is assigned to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import BYTEA

revision = "20261130_involvement"
down_revision = "20261130_step"
branch_labels = None
depends_on = None

REFERENCES = (("case_id", "case"), ("work_item_id", "work_item"), ("agency_id", "agency"),
              ("officer_id", "officer"), ("by_id", "officer"))  # fmt: skip


def upgrade() -> None:
    """A new table only."""
    op.create_table(
        "involvement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name, _ in REFERENCES),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("stance", sa.String(), nullable=False),
        sa.Column("said", BYTEA(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "part in ('delegate', 'signer', 'copy', 'watch')", name=op.f("ck_involvement_part")
        ),
        sa.CheckConstraint("state in ('open', 'done', 'removed')", name=op.f("ck_involvement_state")),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_involvement_{name}"))
            for name, table in REFERENCES
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_involvement")),
    )
    op.create_index("ix_involvement_person", "involvement", ["officer_id", "part", "id"])
    op.create_index(
        "ix_involvement_awaited",
        "involvement",
        ["officer_id", "part", "id"],
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_involvement_work", "involvement", ["work_item_id", "officer_id"])
    op.create_index("ix_involvement_case", "involvement", ["case_id", "officer_id"])


def downgrade() -> None:
    """Delegations, further opinions and copies are lost; the record of the cases still tells them."""
    op.drop_table("involvement")
