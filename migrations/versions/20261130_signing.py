"""Rounds of signing on a task."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import BYTEA

revision = "20261130_signing"
down_revision = "20261130_hands"
branch_labels = None
depends_on = None

REFERENCES = (
    ("case_id", "case"),
    ("work_item_id", "work_item"),
    ("agency_id", "agency"),
    ("by_id", "officer"),
)
CHECKS = (
    ("kind in ('before', 'parallel', 'after')", "kind"),
    ("rule in ('all', 'any', 'ratio', 'sequence', 'vote')", "rule"),
    ("state in ('open', 'agreed', 'failed', 'cancelled')", "state"),
    ("(rule = 'ratio') = (percent is not null)", "percent"),
)


def upgrade() -> None:
    """A new table only; the members of a round are involvements, whose column for it exists."""
    op.create_table(
        "sign_round",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name, _ in REFERENCES),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("percent", sa.SmallInteger(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dealt", sa.Boolean(), nullable=False),
        sa.Column("said", BYTEA(), nullable=True),
        *(sa.CheckConstraint(text, name=op.f(f"ck_sign_round_{name}")) for text, name in CHECKS),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_sign_round_{name}"))
            for name, table in REFERENCES
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_round")),
    )
    op.create_index(
        "ix_sign_round_work",
        "sign_round",
        ["work_item_id", "id"],
        postgresql_where=sa.text("state <> 'cancelled'"),
    )
    op.create_index("ix_sign_round_case", "sign_round", ["case_id", "id"])


def downgrade() -> None:
    """The opinions of further signers are lost; the record of the cases still tells them."""
    op.drop_table("sign_round")
