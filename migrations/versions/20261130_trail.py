"""What each act did to the tokens of a running case, and since when something handed in is void."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

revision = "20261130_trail"
down_revision = "20261130_involvement"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new table and a new column only: the trail of a case that runs already begins with its next act."""
    op.create_table(
        "token_step",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("work_item_id", sa.BigInteger(), nullable=True),
        sa.Column("moved", BYTEA(), nullable=False),
        sa.Column("told", JSONB(), nullable=False),
        sa.Column("seal", BYTEA(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_token_step_case_id")),
        sa.ForeignKeyConstraint(["work_item_id"], ["work_item.id"], name=op.f("fk_token_step_work_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_step")),
    )
    op.create_index("ix_token_step_case", "token_step", ["case_id", "id"])
    op.create_index("ix_form_draft_scope", "form_draft", ["scope"])
    op.add_column("submission", sa.Column("void_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Nothing can be returned any more; what is void counts again, though the record tells it."""
    op.drop_column("submission", "void_at")
    op.drop_index("ix_form_draft_scope", "form_draft")
    op.drop_table("token_step")
