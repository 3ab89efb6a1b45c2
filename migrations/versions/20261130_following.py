"""A case may follow what another one decided: a review, a lawsuit, a correction. Several may."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_following"
down_revision = "20261130_items"
branch_labels = None
depends_on = None

ONCE = "uq_case_link_source_id_item_id"
ONCE_A_TASK = "uq_case_link_source_id_item_id_work_item_id"
APPLIED = "uq_case_link_applied"


def upgrade() -> None:
    """What there is was handed over; that happens once for an item, following a decision may happen again."""
    op.add_column("case_link", sa.Column("kind", sa.String(), nullable=False, server_default="referred"))
    op.alter_column("case_link", "work_item_id", nullable=True)
    op.execute(
        'update case_link l set kind = \'applied\' from "case" c where c.id = l.source_id and c.agency_id <> l.agency_id'
    )
    op.drop_constraint(ONCE_A_TASK, "case_link", type_="unique")
    op.create_index(
        APPLIED,
        "case_link",
        ["source_id", "item_id", "work_item_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'applied'"),
    )
    op.create_index(
        ONCE, "case_link", ["source_id", "item_id"], unique=True, postgresql_where=sa.text("kind = 'referred'")
    )
    op.create_index("ix_case_link_source_id", "case_link", ["source_id"])


def downgrade() -> None:
    """Cases that follow stay, untied."""
    op.execute("delete from case_link where kind = 'follows'")
    op.drop_index("ix_case_link_source_id", "case_link")
    op.drop_index(ONCE, "case_link")
    op.drop_index(APPLIED, "case_link")
    op.create_unique_constraint(ONCE_A_TASK, "case_link", ["source_id", "item_id", "work_item_id"])
    op.alter_column("case_link", "work_item_id", nullable=False)
    op.drop_column("case_link", "kind")
