"""The monitor: which demands of law a case has met stands on its row, under its seal."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_monitor"
down_revision = "20261123_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Empty (null) says "not kept yet": the next act takes it up from the steps passed. The seals stay as they are."""
    op.add_column("case", sa.Column("monitor", sa.Text(), nullable=True))


def downgrade() -> None:
    """Cases written since are sealed with the column: there is no way back but a restored backup."""
    raise RuntimeError("restore a backup made before the upgrade (script/xq restore)")
