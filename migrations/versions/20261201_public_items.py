"""What may be shown to the public of an item's version, by what it was examined, and who signed it before it was reported."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261201_public_items"
down_revision = "20261201_standards"
branch_labels = None
depends_on = None

FIELDS = (
    "name",
    "subject",
    "fee",
    "procedure",
    "discretion",
    "statutory_unit",
    "office",
    "place",
    "phone",
    "supervision_phone",
)
"""Of the eleven fields that are made public those that are one answer; the eleventh, the basis, is a list."""
DETAILS = (("fee", "yes", "fees"), ("discretion", "baseline", "baseline"), ("discretion", "own", "own_baseline"),
           ("discretion", "none", "discretion_note"))  # fmt: skip
NOTHING = "('', '[]', '{}')"


def _says(key: str) -> str:
    return f"coalesce(elements ->> '{key}', '') not in {NOTHING}"


def upgrade() -> None:
    """Three columns. What was approved before is judged by what it says; what a transfer brought keeps its case's number."""
    table = "power_item_version"
    op.add_column(table, sa.Column("approval", sa.String(), server_default="", nullable=False))
    op.add_column(table, sa.Column("publishable", sa.Boolean(), server_default="false", nullable=False))
    op.add_column(table, sa.Column("signed", JSONB(), nullable=True))
    told = [
        *map(_says, (*FIELDS, "basis")),
        *(f"(elements ->> '{key}' <> '{answer}' or {_says(more)})" for key, answer, more in DETAILS),
        "coalesce(elements ->> 'classified', 'no') <> 'yes'",
    ]
    op.execute(f"update {table} set publishable = true where state = 'approved' and {' and '.join(told)}")
    op.execute(
        f"update {table} set approval = case_no where state = 'approved' and case_id is null and case_no <> ''"
    )


def downgrade() -> None:
    """What was signed is lost with its column; the record of the cases keeps it."""
    for column in ("signed", "publishable", "approval"):
        op.drop_column("power_item_version", column)
