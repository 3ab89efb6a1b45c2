"""Remarks of legal reviewers, the drafts they reviewed, and the index by which like cases are found."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import BYTEA

revision = "20261130_legal_review"
down_revision = "20261130_scene"
branch_labels = None
depends_on = None


def _references(table: str, names: dict[str, str]) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_{table}_{name}"))
        for name, other in names.items()
    ]


def upgrade() -> None:
    """Two new tables and one index."""
    cases = {"case_id": "case", "work_item_id": "work_item", "agency_id": "agency"}
    op.create_table(
        "review_remark",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in (*cases, "officer_id")),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("key", "kind", "point", "source", "source_digest", "passage")
        ),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("said", BYTEA(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('problem', 'change', 'support')", name=op.f("ck_review_remark_kind")),
        *_references("review_remark", {**cases, "officer_id": "officer"}),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_remark")),
        sa.UniqueConstraint("work_item_id", "key", name=op.f("uq_review_remark_work_item_id_key")),
    )
    op.create_index("ix_review_remark_case", "review_remark", ["case_id", "id"])
    op.create_table(
        "reviewed_draft",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in cases),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafts", BYTEA(), nullable=False),
        *_references("reviewed_draft", cases),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviewed_draft")),
        sa.UniqueConstraint("work_item_id", name=op.f("uq_reviewed_draft_work_item_id")),
    )
    op.create_index("ix_reviewed_draft_case", "reviewed_draft", ["case_id", "id"])
    op.create_index("ix_supervision_reminder_case_id", "supervision_reminder", ["case_id"])
    op.create_index("ix_case_item", "case", ["agency_id", "item_id", "id"])


def downgrade() -> None:
    """Remarks and reviewed drafts are lost; the opinions handed in still say what was found."""
    op.drop_index("ix_case_item", "case")
    op.drop_index("ix_supervision_reminder_case_id", "supervision_reminder")
    op.drop_table("reviewed_draft")
    op.drop_table("review_remark")
