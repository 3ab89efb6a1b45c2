"""Which case came out of which: a lead handed over opens another case."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_links"
down_revision = "20261130_baselines"
branch_labels = None
depends_on = None

REFERENCES = {
    "source_id": "case",
    "target_id": "case",
    "agency_id": "agency",
    "item_id": "power_item",
    "work_item_id": "work_item",
    "by_id": "officer",
}


def upgrade() -> None:
    """A new table only."""
    op.create_table(
        "case_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in REFERENCES),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_case_link_{name}"))
            for name, table in REFERENCES.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_link")),
        sa.UniqueConstraint("target_id", name=op.f("uq_case_link_target_id")),
        sa.UniqueConstraint("source_id", "item_id", name=op.f("uq_case_link_source_id_item_id")),
    )


def downgrade() -> None:
    """The cases stay; what ties them together goes."""
    op.drop_table("case_link")
