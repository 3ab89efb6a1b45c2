"""What waits for further signers is found by its people, and the cases a person must keep out of by the person; an
agency's switches."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_desk"
down_revision = "20261130_binding"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two indexes of few rows, and a table of what agencies demand of themselves."""
    op.create_index(
        "ix_work_item_signing",
        "work_item",
        ["assignee_id", "id"],
        postgresql_where=sa.text("status = 'signing'"),
    )
    op.create_index(
        "ix_recusal_kept_out",
        "recusal",
        ["officer_id", "case_id"],
        postgresql_where=sa.text("state = 'approved'"),
    )
    op.create_table(
        "agency_switch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_agency_switch_agency_id")),
        sa.ForeignKeyConstraint(["set_by"], ["officer.id"], name=op.f("fk_agency_switch_set_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_switch")),
    )
    op.create_index("ix_agency_switch_name", "agency_switch", ["agency_id", "name", "id"])
    op.execute(
        "create or replace trigger edition after insert or update or delete or truncate on agency_switch"
        " for each statement execute function bump_edition('agency_switch')"
    )


def downgrade() -> None:
    """What agencies have switched on is lost."""
    op.drop_table("agency_switch")
    op.drop_index("ix_recusal_kept_out", table_name="recusal")
    op.drop_index("ix_work_item_signing", table_name="work_item")
