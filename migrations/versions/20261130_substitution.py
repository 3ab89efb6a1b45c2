"""Substitutes by period, and for whom somebody acted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA

revision = "20261130_substitution"
down_revision = "20261130_sittings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new table, watched like the rest of the organisation, and two columns that are empty as a rule."""
    op.create_table(
        "substitution",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("substitute_id", sa.BigInteger(), nullable=False),
        sa.Column("positions", ARRAY(sa.Text()), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("said", BYTEA(), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("officer_id <> substitute_id", name=op.f("ck_substitution_not_oneself")),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_substitution_valid_period")),
        sa.CheckConstraint("(ended_on is null) = (ended_by is null)", name=op.f("ck_substitution_ended")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_substitution_agency_id")),
        sa.ForeignKeyConstraint(
            ["officer_id", "agency_id"],
            ["officer.id", "officer.agency_id"],
            name=op.f("fk_substitution_officer_id_agency_id"),
        ),
        sa.ForeignKeyConstraint(
            ["substitute_id", "agency_id"],
            ["officer.id", "officer.agency_id"],
            name=op.f("fk_substitution_substitute_id_agency_id"),
        ),
        sa.ForeignKeyConstraint(["set_by"], ["officer.id"], name=op.f("fk_substitution_set_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["officer.id"], name=op.f("fk_substitution_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitution")),
    )
    op.create_index("ix_substitution_substitute", "substitution", ["substitute_id", "valid_to"])
    op.create_index("ix_substitution_officer", "substitution", ["officer_id", "valid_to"])
    op.create_index("ix_substitution_agency", "substitution", ["agency_id", "id"])
    op.execute(
        "create or replace trigger edition after insert or update or delete or truncate on substitution"
        " for each statement execute function bump_edition('people')"
    )
    op.add_column("work_item", sa.Column("for_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_work_item_for_id"), "work_item", "officer", ["for_id"], ["id"])
    op.add_column("submission", sa.Column("for_ids", ARRAY(sa.BigInteger()), nullable=True))


def downgrade() -> None:
    """Who stood in for whom is lost; the record of the cases still tells it."""
    op.drop_column("submission", "for_ids")
    op.drop_column("work_item", "for_id")
    op.drop_table("substitution")
