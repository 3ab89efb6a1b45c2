"""The row of a case has more attributes to hold: its state stays in it all the same."""

from alembic import op

revision = "20261130_room"
down_revision = "20261130_desk"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A setting of the table only; rows move back with their next act."""
    op.execute('alter table "case" set (toast_tuple_target = 2688)')


def downgrade() -> None:
    """As before."""
    op.execute('alter table "case" set (toast_tuple_target = 2560)')
