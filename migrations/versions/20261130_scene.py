"""Uploads in parts, the register of evidence, and what comes back from the scene."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

revision = "20261130_scene"
down_revision = "20261130_origin"
branch_labels = None
depends_on = None

EVIDENCE = {"case_id": "case", "agency_id": "agency", "work_item_id": "work_item", "entered_by": "officer"}

SCENE = {"case_id": "case", "work_item_id": "work_item", "agency_id": "agency", "officer_id": "officer"}


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False)


def _moment(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """New tables only."""
    op.create_table(
        "form_upload",
        _id(),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("scope", sa.String(120), nullable=False),
        sa.Column("form", sa.String(120), nullable=False),
        sa.Column("field", sa.String(120), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("part_size", sa.BigInteger(), nullable=False),
        sa.Column("expected", sa.String(64), nullable=False),
        sa.Column("said", BYTEA(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        _moment("begun_at"),
        _moment("expires_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_upload")),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_form_upload_account_id_key")),
    )
    op.create_index("ix_form_upload_expires", "form_upload", ["expires_at"])
    op.create_table(
        "form_upload_part",
        sa.Column("upload_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["form_upload.id"], name=op.f("fk_form_upload_part_upload_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("upload_id", "number", name=op.f("pk_form_upload_part")),
    )
    op.create_table(
        "evidence",
        _id(),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("work_item_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(120), nullable=False),
        sa.Column("said", BYTEA(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        _moment("collected_at", nullable=True),
        _moment("entered_at"),
        sa.Column("entered_by", sa.BigInteger(), nullable=False),
        sa.Column("marks", JSONB(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        _moment("decided_at", nullable=True),
        sa.CheckConstraint("state in ('in', 'out')", name=op.f("ck_evidence_state")),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_evidence_{name}"))
            for name, table in {**EVIDENCE, "decided_by": "officer"}.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("case_id", "digest", name=op.f("uq_evidence_case_id_digest")),
    )
    op.create_index("ix_evidence_work", "evidence", ["work_item_id"])
    op.create_table(
        "scene_item",
        _id(),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("work_item_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        _moment("client_at"),
        sa.Column("offset_ms", sa.BigInteger(), nullable=False),
        _moment("occurred_at"),
        _moment("entered_at"),
        sa.Column("marks", JSONB(), nullable=False),
        sa.Column("said", BYTEA(), nullable=False),
        sa.CheckConstraint(
            "kind in ('form', 'photo', 'signature', 'refusal')", name=op.f("ck_scene_item_kind")
        ),
        sa.CheckConstraint("state in ('used', 'kept', 'taken')", name=op.f("ck_scene_item_state")),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_scene_item_{name}"))
            for name, table in SCENE.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scene_item")),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_scene_item_account_id_key")),
    )
    op.create_index("ix_scene_item_work", "scene_item", ["work_item_id", "id"])


def downgrade() -> None:
    """What was registered as evidence stays in the record of the cases and in the files."""
    op.drop_table("scene_item")
    op.drop_table("evidence")
    op.drop_table("form_upload_part")
    op.drop_table("form_upload")
