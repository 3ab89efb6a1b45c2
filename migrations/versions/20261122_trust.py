"""Trust: what makes the record, the cases and the files of a city unbendable."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_trust"
down_revision = "9bd302a29890"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Each part of the upgrade is a function of its own."""
    heads()
    late_entries()


def heads() -> None:
    """The head of a case's record stands on the case row."""
    op.add_column("case", sa.Column("record_seq", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column(
        "case",
        sa.Column("record_digest", postgresql.BYTEA(), server_default=sa.text("''::bytea"), nullable=False),
    )


def late_entries() -> None:
    """What a timer's firing replaced stands on the case row until the next act."""
    op.add_column("case", sa.Column("late", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    """What was proven cannot be unproven: there is no way back but a restored backup."""
    raise RuntimeError("restore a backup made before the upgrade (script/xq restore)")
