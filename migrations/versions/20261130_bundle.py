"""A version is the whole bundle: its own templates, tables, saved runs; how it came, and from which day it holds."""

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
    op.create_check_constraint("origin", "procedure_version", "origin in ('earlier', 'shipped', 'approved')")


def downgrade() -> None:
    """Versions published since are named and sealed with these: there is no way back but a restored backup."""
    raise RuntimeError("restore a backup made before the upgrade (script/xq restore)")
