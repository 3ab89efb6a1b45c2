"""The lists of the inbox: saved filters and columns, copies in their order, texts found by their words."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, INTEGER

revision = "20261130_lists"
down_revision = "20261130_urging"
branch_labels = None
depends_on = None

UNREAD = "COALESCE(read_at, '9999-01-01 00:00:00+00'::timestamp with time zone)"

DUE = "COALESCE(due_at, '9999-01-01 00:00:00+00'::timestamp with time zone)"


def upgrade() -> None:
    """New tables and two indexes; the texts that are there already are read by a job of the worker."""
    op.create_index(
        "ix_involvement_copied",
        "involvement",
        ["officer_id", sa.text(UNREAD), "id"],
        postgresql_where=sa.text("part = 'copy' and state <> 'removed'"),
    )
    op.create_index(
        "ix_work_item_agency",
        "work_item",
        ["agency_id", sa.text(DUE), "id"],
        postgresql_where=sa.text("kind = 'user' and status in ('open', 'cosign')"),
    )
    op.create_table(
        "text_digests",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("pairs", ARRAY(INTEGER()), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_text_digests_agency_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_text_digests_case_id")),
        sa.PrimaryKeyConstraint("kind", "source_id", name=op.f("pk_text_digests")),
    )
    op.create_index("ix_text_digests_pairs", "text_digests", ["pairs"], postgresql_using="gin")
    op.create_index("ix_text_digests_case", "text_digests", ["case_id"])
    op.create_table(
        "inbox_filter",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("box", sa.String(), nullable=False),
        sa.Column("shared", sa.String(), nullable=False),
        sa.Column("position_key", sa.String(40), nullable=True),
        sa.Column("told", BYTEA(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "shared in ('own', 'position', 'agency')", name=op.f("ck_inbox_filter_shared")
        ),
        sa.CheckConstraint(
            "(shared = 'position') = (position_key is not null)", name=op.f("ck_inbox_filter_position")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_inbox_filter_account_id")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_inbox_filter_agency_id")),
        sa.ForeignKeyConstraint(
            ["position_key"], ["position.key"], name=op.f("fk_inbox_filter_position_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_filter")),
    )
    op.create_index("ix_inbox_filter_owner", "inbox_filter", ["account_id", "box"])
    op.create_index(
        "ix_inbox_filter_shared",
        "inbox_filter",
        ["agency_id", "box"],
        postgresql_where=sa.text("shared <> 'own'"),
    )
    op.create_table(
        "inbox_default",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("box", sa.String(), nullable=False),
        sa.Column("filter_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_inbox_default_account_id")),
        sa.ForeignKeyConstraint(
            ["filter_id"],
            ["inbox_filter.id"],
            name=op.f("fk_inbox_default_filter_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "box", name=op.f("pk_inbox_default")),
    )
    op.create_table(
        "inbox_columns",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("box", sa.String(), nullable=False),
        sa.Column("columns", ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_inbox_columns_account_id")),
        sa.PrimaryKeyConstraint("account_id", "box", name=op.f("pk_inbox_columns")),
    )


def downgrade() -> None:
    """Saved filters and columns are lost; the digests can be made again."""
    for table in ("inbox_columns", "inbox_default", "inbox_filter", "text_digests"):
        op.drop_table(table)
    op.drop_index("ix_work_item_agency", "work_item")
    op.drop_index("ix_involvement_copied", "involvement")
