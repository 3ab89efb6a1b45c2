"""Who must keep out of a case: requests and decisions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import BYTEA

revision = "20261130_recusal"
down_revision = "20261130_substitution"
branch_labels = None
depends_on = None

REFERENCES = (
    ("case_id", "case", False),
    ("agency_id", "agency", False),
    ("officer_id", "officer", False),
    ("requested_by", "officer", False),
    ("decided_by", "officer", True),
    ("successor_id", "officer", True),
    ("lifted_by", "officer", True),
)
STANDING = "state in ('requested', 'approved')"


def upgrade() -> None:
    """A new table only."""
    op.create_table(
        "recusal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=empty) for name, _, empty in REFERENCES),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("said", BYTEA(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('own', 'party', 'ordered')", name=op.f("ck_recusal_kind")),
        sa.CheckConstraint(
            "state in ('requested', 'approved', 'rejected', 'lifted')", name=op.f("ck_recusal_state")
        ),
        sa.CheckConstraint(
            "decided_by <> officer_id and lifted_by <> officer_id", name=op.f("ck_recusal_not_by_oneself")
        ),
        sa.CheckConstraint("(state = 'requested') = (decided_by is null)", name=op.f("ck_recusal_decided")),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_recusal_{name}"))
            for name, table, _ in REFERENCES
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recusal")),
    )
    op.create_index("ix_recusal_case", "recusal", ["case_id", "id"])
    op.create_index(
        "ix_recusal_standing",
        "recusal",
        ["case_id", "officer_id"],
        unique=True,
        postgresql_where=sa.text(STANDING),
    )
    op.create_index(
        "ix_recusal_waiting", "recusal", ["agency_id", "id"], postgresql_where=sa.text("state = 'requested'")
    )


def downgrade() -> None:
    """Requests and decisions are lost, and with them who must keep out; the record of the cases still tells them."""
    op.drop_table("recusal")
