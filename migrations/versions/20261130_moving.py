"""Running cases are moved to another version in batches; a task says when it was taken; numbers of many cases are
kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261130_moving"
down_revision = "20261130_comments"
branch_labels = None
depends_on = None

TAKEN = """
update work_item w set claimed_at = r.at from (
    select w.id, max(r.at) as at from work_item w join record_entry r on r.case_id = w.case_id
        and r.kind = 'work.claimed' and r.actor_id = coalesce(w.assignee_id, w.done_by)
        and r.at >= w.opened_at and r.at <= coalesce(w.done_at, 'infinity')
    where w.kind = 'user' group by w.id
) r where r.id = w.id
"""
"""From the record: who took the task, while it was open. Of two tasks one person had open at once each gets the
newest moment that fits."""


def upgrade() -> None:
    """The tables of a batch, the moment of taking a task, and the index that counts running cases. The index
    first: it stands outside the transaction, and can be asked for again when the rest failed."""
    running()
    batches()
    snapshots()
    op.add_column("work_item", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(TAKEN)


def batches() -> None:
    """A batch and each of its cases."""
    op.create_table(
        "move_batch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("reverts_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), nullable=False),
        sa.Column("proposed_by_name", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_by_name", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run", sa.BigInteger(), nullable=False),
        sa.Column("history", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_move_batch_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["procedure_version.id"], name=op.f("fk_move_batch_source_id_procedure_version")
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["procedure_version.id"], name=op.f("fk_move_batch_target_id_procedure_version")
        ),
        sa.ForeignKeyConstraint(
            ["reverts_id"], ["move_batch.id"], name=op.f("fk_move_batch_reverts_id_move_batch")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["officer.id"], name=op.f("fk_move_batch_decided_by_officer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_move_batch")),
        sa.UniqueConstraint("key", name=op.f("uq_move_batch_key")),
    )
    op.create_index(
        "uq_move_batch_open",
        "move_batch",
        ["agency_id", "source_id"],
        unique=True,
        postgresql_where=sa.text("status in ('checking', 'proposed', 'released', 'paused')"),
    )
    op.create_index("ix_move_batch_agency", "move_batch", ["agency_id", "id"])
    op.create_table(
        "case_move",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(), nullable=False),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=True),
        sa.Column("token", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["move_batch.id"], name=op.f("fk_case_move_batch_id_move_batch")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_move_case_id_case")),
        sa.PrimaryKeyConstraint("batch_id", "case_id", name=op.f("pk_case_move")),
    )
    op.create_index("ix_case_move_case", "case_move", ["case_id", "batch_id"])
    op.create_index("ix_case_move_status", "case_move", ["batch_id", "status", "case_id"])


def snapshots() -> None:
    """What was worked out of many cases."""
    op.create_table(
        "sight_snapshot",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("result", postgresql.JSONB(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sight_snapshot")),
    )
    op.create_index("ix_sight_snapshot_computed_at", "sight_snapshot", ["computed_at"])


def running() -> None:
    """The running cases of a version, made while others work."""
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_case_running",
            "case",
            ["procedure_id", "agency_id", "id"],
            postgresql_where=sa.text("status = 'open'"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    """What was moved stays moved; the batches are forgotten."""
    op.drop_index("ix_case_running", "case")
    op.drop_column("work_item", "claimed_at")
    op.drop_table("sight_snapshot")
    op.drop_table("case_move")
    op.drop_table("move_batch")
