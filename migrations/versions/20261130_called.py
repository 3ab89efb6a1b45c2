"""A version keeps the diagrams of the processes it calls: the edition it was published with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261130_called"
down_revision = "20261130_following"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was published before calls nothing: its digest and its seal stay as they are."""
    op.add_column(
        "procedure_version",
        sa.Column("called", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
    )


def downgrade() -> None:
    """Versions published since are named and sealed with these: there is no way back but a restored backup."""
    raise RuntimeError("restore a backup made before the upgrade (script/xq restore)")
