"""What is kept of officers: supervision certificates, certificates withheld for a time, training, what people are told and
what they were refused; the thresholds of agencies that are stricter than the law."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261130_staff"
down_revision = "20261130_lighter"
branch_labels = None
depends_on = None

KINDS = "kind in ('enforcement', 'legal', 'hearing')"
OUTCOMES = "'ok', 'wrong', 'locked', 'throttled', 'inactive', 'token'"
MORE = "kind in ('enforcement', 'supervision', 'legal', 'hearing')"


def upgrade() -> None:
    """Four new tables, one more kind of certificate, two columns that are empty as a rule."""
    op.drop_constraint(op.f("ck_certificate_kind"), "certificate", type_="check")
    op.create_check_constraint(op.f("ck_certificate_kind"), "certificate", MORE)
    op.add_column("certificate", sa.Column("suspended_from", sa.Date(), nullable=True))
    op.add_column("certificate", sa.Column("suspended_to", sa.Date(), nullable=True))
    op.create_check_constraint(
        op.f("ck_certificate_suspended"),
        "certificate",
        "suspended_to is null or suspended_to >= suspended_from",
    )
    op.drop_constraint(op.f("ck_sign_in_attempt_outcome"), "sign_in_attempt", type_="check")
    op.create_check_constraint(
        op.f("ck_sign_in_attempt_outcome"), "sign_in_attempt", f"outcome in ({OUTCOMES}, 'out')"
    )
    op.create_table(
        "training",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("topic", sa.String(length=120), nullable=False),
        sa.Column("organiser", sa.String(length=120), nullable=False),
        sa.Column("hours", sa.Numeric(precision=5, scale=1), nullable=False),
        sa.Column("entered_by", sa.BigInteger(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("hours > 0 and hours <= 200", name=op.f("ck_training_hours")),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_training_officer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["account.id"], name=op.f("fk_training_entered_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training")),
        sa.UniqueConstraint("officer_id", "held_on", "topic", name=op.f("uq_training_officer_id_held_on_topic")),
    )
    op.create_table(
        "staff_notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("to_id", sa.BigInteger(), nullable=False),
        sa.Column("about_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["to_id"], ["officer.id"], name=op.f("fk_staff_notice_to_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["about_id"], ["officer.id"], name=op.f("fk_staff_notice_about_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_notice")),
        sa.UniqueConstraint("to_id", "key", name=op.f("uq_staff_notice_to_id_key")),
    )
    op.create_index("ix_staff_notice_to", "staff_notice", ["to_id", "id"])
    op.create_index(
        "ix_staff_notice_unread", "staff_notice", ["to_id"], postgresql_where=sa.text("read_at is null")
    )
    op.create_table(
        "refused_act",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("article", sa.String(length=200), nullable=False),
        sa.Column("endpoint", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_refused_act_agency_id")),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_refused_act_officer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_act")),
    )
    op.create_index("ix_refused_act_agency", "refused_act", ["agency_id", "id"])
    op.create_table(
        "agency_threshold",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("procedure", sa.String(length=80), nullable=False),
        sa.Column("attribute", sa.String(length=60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("lines", JSONB(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_agency_threshold_agency_id")),
        sa.ForeignKeyConstraint(["set_by"], ["officer.id"], name=op.f("fk_agency_threshold_set_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_threshold")),
    )
    op.create_index(
        "ix_agency_threshold_of", "agency_threshold", ["agency_id", "procedure", "attribute", "id"]
    )
    op.execute(
        "create or replace trigger edition after insert or update or delete or truncate on agency_threshold"
        " for each statement execute function bump_edition('agency_threshold')"
    )


def downgrade() -> None:
    """Refused by the database where a supervision certificate is entered; what the new tables hold is lost."""
    op.drop_table("agency_threshold")
    op.drop_table("refused_act")
    op.drop_table("staff_notice")
    op.drop_table("training")
    op.execute("delete from sign_in_attempt where outcome = 'out'")
    op.drop_constraint(op.f("ck_sign_in_attempt_outcome"), "sign_in_attempt", type_="check")
    op.create_check_constraint(
        op.f("ck_sign_in_attempt_outcome"), "sign_in_attempt", f"outcome in ({OUTCOMES})"
    )
    op.drop_constraint(op.f("ck_certificate_suspended"), "certificate", type_="check")
    op.drop_column("certificate", "suspended_to")
    op.drop_column("certificate", "suspended_from")
    op.drop_constraint(op.f("ck_certificate_kind"), "certificate", type_="check")
    op.create_check_constraint(op.f("ck_certificate_kind"), "certificate", KINDS)
