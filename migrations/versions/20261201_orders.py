"""The legal basis and the roster of officers change by orders that the legal office confirms."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261201_orders"
down_revision = "20261201_public_items"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new table, and by which order a change of law was recorded; those there are were recorded without one."""
    op.create_table(
        "change_order",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default="draft", nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("source", sa.String(), server_default="", nullable=False),
        sa.Column("excerpt", sa.String(), server_default="", nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("digest", sa.String(), server_default="", nullable=False),
        sa.Column("prepared_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("office_id", sa.BigInteger(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("case_no", sa.String(), server_default="", nullable=False),
        sa.Column("answer", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint("kind in ('law', 'roster')", name=op.f("ck_change_order_kind")),
        sa.CheckConstraint(
            "state in ('draft', 'sent', 'confirmed', 'applied', 'failed', 'rejected')",
            name=op.f("ck_change_order_state"),
        ),
        sa.CheckConstraint(
            "state = 'draft' or (proposed_by is not null and digest <> '' and effective_on is not null)",
            name=op.f("ck_change_order_proposed"),
        ),
        sa.CheckConstraint(
            "state in ('draft', 'sent') or answer is not null", name=op.f("ck_change_order_answered")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_change_order_agency_id")),
        sa.ForeignKeyConstraint(["office_id"], ["agency.id"], name=op.f("fk_change_order_office_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["officer.id"], name=op.f("fk_change_order_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_order")),
    )
    op.create_index("ix_change_order_agency", "change_order", ["agency_id", "kind", "id"])
    op.create_index("ix_change_order_office", "change_order", ["office_id", "kind", "id"])
    op.create_index(
        "uq_change_order_case",
        "change_order",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("case_id is not null"),
    )
    op.create_index(
        "ix_change_order_open",
        "change_order",
        ["kind", "id"],
        postgresql_where=sa.text("state in ('draft', 'sent', 'confirmed')"),
    )
    op.create_index(
        "ix_change_order_to_apply",
        "change_order",
        ["effective_on", "id"],
        postgresql_where=sa.text("state = 'confirmed'"),
    )
    op.add_column("law_change", sa.Column("order_no", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    """What orders said is lost; what they changed stays."""
    op.drop_column("law_change", "order_no")
    op.drop_table("change_order")
