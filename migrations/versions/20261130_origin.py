"""From which published version a draft was copied, also under another key."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_origin"
down_revision = "20261130_recusal"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drafts of the next version of their own procedure came from the version they name as their base."""
    op.add_column("draft", sa.Column("origin_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_draft_origin_id"), "draft", "procedure_version", ["origin_id"], ["id"])
    op.execute("update draft set origin_id = base_id")


def downgrade() -> None:
    """Whence a copy under another key came is lost."""
    op.drop_column("draft", "origin_id")
