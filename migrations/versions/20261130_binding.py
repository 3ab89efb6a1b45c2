"""Bound files of cases."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_binding"
down_revision = "20261130_papers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_binding",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("pages", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state in ('asked', 'done')", name=op.f("ck_case_binding_state")),
        sa.CheckConstraint("(state = 'done') = (digest is not null)", name=op.f("ck_case_binding_done")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_binding_case_id")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_case_binding_agency_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["officer.id"], name=op.f("fk_case_binding_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_binding")),
    )
    op.create_index("ix_case_binding_case", "case_binding", ["case_id", "id"])
    asked = sa.text("state = 'asked'")
    op.create_index("ix_case_binding_one", "case_binding", ["case_id"], unique=True, postgresql_where=asked)


def downgrade() -> None:
    op.drop_table("case_binding")
