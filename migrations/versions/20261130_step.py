"""A step touches fewer pages: the state of a case stays in its row, and no index finds clocks by their task."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_step"
down_revision = "20261130_moving"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A state that stands outside its row comes back with the next step of its case. A clock is found by its case."""
    op.execute('alter table "case" set (toast_tuple_target = 2560)')
    op.drop_index("ix_clock_work_item_id", "clock")


def downgrade() -> None:
    """As it was; states go outside again with the next step."""
    op.execute('alter table "case" reset (toast_tuple_target)')
    where = sa.text("work_item_id is not null")
    op.create_index("ix_clock_work_item_id", "clock", ["work_item_id"], postgresql_where=where)
