"""Baselines of one's own are approved before they count, deviations from a tier are kept, regions set thresholds too."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_tiers"
down_revision = "20261130_called"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What agencies had loaded before counts on, and says so; a new table and a few columns."""
    op.add_column(
        "discretion_baseline", sa.Column("approval", sa.String(), server_default="", nullable=False)
    )
    op.add_column("discretion_baseline", sa.Column("item_version_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_discretion_baseline_item_version_id"),
        "discretion_baseline",
        "power_item_version",
        ["item_version_id"],
        ["id"],
    )
    op.execute("update discretion_baseline set approval = '升级前已经施行' where origin = 'local'")
    op.alter_column("agency_threshold", "agency_id", existing_type=sa.BigInteger(), nullable=True)
    op.add_column("agency_threshold", sa.Column("region_code", sa.String(), nullable=True))
    op.add_column("agency_threshold", sa.Column("valid_to", sa.Date(), nullable=True))
    op.create_foreign_key(
        op.f("fk_agency_threshold_region_code"), "agency_threshold", "region", ["region_code"], ["code"]
    )
    op.create_check_constraint(
        op.f("ck_agency_threshold_owner"), "agency_threshold", "(agency_id is null) <> (region_code is null)"
    )
    op.create_check_constraint(
        op.f("ck_agency_threshold_valid"), "agency_threshold", "valid_to is null or valid_to >= valid_from"
    )
    op.create_index(
        "ix_agency_threshold_of_region",
        "agency_threshold",
        ["region_code", "procedure", "attribute", "id"],
    )
    op.create_table(
        "discretion_deviation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("region_code", sa.String(), nullable=False),
        sa.Column("band", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("spans", sa.String(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('tier', 'below', 'none')", name=op.f("ck_discretion_deviation_kind")),
        sa.CheckConstraint(
            "state in ('proposed', 'approved', 'ended')", name=op.f("ck_discretion_deviation_state")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_discretion_deviation_reason")),
        sa.CheckConstraint(
            "state <> 'approved' or approved_by <> ''", name=op.f("ck_discretion_deviation_approved")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_discretion_deviation_agency_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_discretion_deviation_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discretion_deviation")),
        sa.UniqueConstraint("case_id", "band", name=op.f("uq_discretion_deviation_case_id_band")),
    )
    op.create_index(
        "ix_discretion_deviation_agency", "discretion_deviation", ["agency_id", "id"]
    )
    op.create_index(
        "ix_discretion_deviation_region", "discretion_deviation", ["region_code", "id"]
    )


def downgrade() -> None:
    """Refused by the database where a region has set thresholds; what is kept of deviations is lost."""
    op.drop_table("discretion_deviation")
    op.drop_index("ix_agency_threshold_of_region", table_name="agency_threshold")
    op.drop_constraint(op.f("ck_agency_threshold_valid"), "agency_threshold", type_="check")
    op.drop_constraint(op.f("ck_agency_threshold_owner"), "agency_threshold", type_="check")
    op.drop_constraint(op.f("fk_agency_threshold_region_code"), "agency_threshold", type_="foreignkey")
    op.drop_column("agency_threshold", "valid_to")
    op.drop_column("agency_threshold", "region_code")
    op.alter_column("agency_threshold", "agency_id", existing_type=sa.BigInteger(), nullable=False)
    op.drop_constraint(
        op.f("fk_discretion_baseline_item_version_id"), "discretion_baseline", type_="foreignkey"
    )
    op.drop_column("discretion_baseline", "item_version_id")
    op.drop_column("discretion_baseline", "approval")
