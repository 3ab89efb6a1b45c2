"""Training has an examination and a year for which it counts; what is asked of it beyond the law, by agency and region.
The record is found by its moments."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_training"
down_revision = "20261130_tiers"
branch_labels = None
depends_on = None

WATCH = (
    "create or replace trigger edition after insert or update or delete or truncate on {table}"
    " for each statement execute function bump_edition('people')"
)


def upgrade() -> None:
    """What was entered counts for the year of its day."""
    op.add_column(
        "training", sa.Column("examination", sa.String(length=10), nullable=False, server_default="")
    )
    op.add_column("training", sa.Column("counts_for", sa.SmallInteger(), nullable=True))
    op.execute("update training set counts_for = extract(year from held_on)")
    op.alter_column("training", "counts_for", nullable=False)
    op.create_check_constraint(
        op.f("ck_training_examination"), "training", "examination in ('', 'passed', 'failed')"
    )
    op.create_check_constraint(
        op.f("ck_training_counts_for"),
        "training",
        "counts_for in (extract(year from held_on), extract(year from held_on) - 1)",
    )
    op.create_table(
        "training_rule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=True),
        sa.Column("region_code", sa.String(length=12), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("hours", sa.SmallInteger(), nullable=False),
        sa.Column("examination", sa.Boolean(), nullable=False),
        sa.Column("bars", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(agency_id, region_code) = 1", name=op.f("ck_training_rule_of_one")
        ),
        sa.CheckConstraint("hours between 0 and 400", name=op.f("ck_training_rule_hours")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_training_rule_agency_id")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_training_rule_region_code")),
        sa.ForeignKeyConstraint(["set_by"], ["officer.id"], name=op.f("fk_training_rule_set_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_rule")),
    )
    op.create_index("ix_training_rule_agency", "training_rule", ["agency_id", "kind", "id"])
    op.create_index("ix_training_rule_region", "training_rule", ["region_code", "kind", "id"])
    for table in ("training", "training_rule"):
        op.execute(WATCH.format(table=table))
    op.create_index("ix_record_entry_at", "record_entry", ["at"], postgresql_using="brin")


def downgrade() -> None:
    """What was asked and examined is lost."""
    op.drop_index("ix_record_entry_at", "record_entry")
    op.drop_table("training_rule")
    op.execute("drop trigger edition on training")
    op.drop_constraint(op.f("ck_training_counts_for"), "training", type_="check")
    op.drop_constraint(op.f("ck_training_examination"), "training", type_="check")
    op.drop_column("training", "counts_for")
    op.drop_column("training", "examination")
