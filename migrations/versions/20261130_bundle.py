"""A version is the whole bundle: its own templates, tables, saved runs; how it came, and from which day it holds.
Publications: drafts on their way to become versions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261130_bundle"
down_revision = "20261130_drafts"
branch_labels = None
depends_on = None

TEXTS = ("templates", "samples", "tables", "runs", "written")


def upgrade() -> None:
    """What was published before holds none of this: its digest and its seal stay as they are."""
    for name in TEXTS:
        op.add_column(
            "procedure_version",
            sa.Column(name, postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        )
    op.add_column(
        "procedure_version", sa.Column("origin", sa.String(), server_default="earlier", nullable=False)
    )
    op.add_column("procedure_version", sa.Column("note", sa.String(), server_default="", nullable=False))
    op.add_column("procedure_version", sa.Column("case_id", sa.BigInteger(), nullable=True))
    op.add_column("procedure_version", sa.Column("effective_on", sa.Date(), nullable=True))
    op.create_check_constraint(
        op.f("ck_procedure_version_origin"),
        "procedure_version",
        "origin in ('earlier', 'shipped', 'approved')",
    )
    _publications()


def _publications() -> None:
    op.create_table(
        "publication",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("tree", postgresql.JSONB(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("base_id", sa.BigInteger(), nullable=True),
        sa.Column("account", postgresql.JSONB(), nullable=False),
        sa.Column("runs", postgresql.JSONB(), nullable=False),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("version_id", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status in ('review', 'returned', 'ended', 'published')", name=op.f("ck_publication_status")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_publication_agency_id")),
        sa.ForeignKeyConstraint(["base_id"], ["procedure_version.id"], name=op.f("fk_publication_base_id")),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_publication_draft_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["procedure_version.id"], name=op.f("fk_publication_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
        sa.UniqueConstraint("case_id", name=op.f("uq_publication_case_id")),
    )
    op.create_index(op.f("ix_publication_draft_id_publication_id"), "publication", ["draft_id", "id"])
    op.create_index(
        "uq_publication_open_draft",
        "publication",
        ["draft_id"],
        unique=True,
        postgresql_where=sa.text("status in ('review', 'returned')"),
    )


def downgrade() -> None:
    """Versions published since are named and sealed with these: there is no way back but a restored backup."""
    raise RuntimeError("restore a backup made before the upgrade (script/xq restore)")
