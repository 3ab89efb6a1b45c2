"""Remarks on the elements of drafts."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_comments"
down_revision = "20261130_bundle"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new table only."""
    op.create_table(
        "draft_comment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("element_name", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.BigInteger(), nullable=True),
        sa.Column("resolved_name", sa.String(), nullable=False),
        sa.CheckConstraint("parent_id is null or resolved_at is null", name=op.f("ck_draft_comment_root")),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_draft_comment_draft_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["draft_comment.id"], name=op.f("fk_draft_comment_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_comment")),
        sa.UniqueConstraint("draft_id", "key", name=op.f("uq_draft_comment_draft_id_key")),
    )
    op.create_index(op.f("ix_draft_comment_draft_id_draft_comment_id"), "draft_comment", ["draft_id", "id"])


def downgrade() -> None:
    """What was said about drafts is lost."""
    op.drop_table("draft_comment")
