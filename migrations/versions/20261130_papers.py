"""Documents have an OFD; what corrects or replaces another names it; changes of documents wait for their approval."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_papers"
down_revision = "20261130_links"
branch_labels = None
depends_on = None

WIDE = "('issued', 'void', 'corrected', 'superseded')"


def upgrade() -> None:
    op.add_column("document", sa.Column("ofd_digest", sa.String(), nullable=True))
    op.add_column("document", sa.Column("replaces_id", sa.BigInteger(), nullable=True))
    op.add_column("document", sa.Column("relation", sa.String(), nullable=False, server_default=""))
    op.create_foreign_key(op.f("fk_document_replaces_id"), "document", "document", ["replaces_id"], ["id"])
    op.create_check_constraint(op.f("ck_document_relation"), "document", "(replaces_id is null) = (relation = '')")
    where = sa.text("replaces_id is not null")
    op.create_index("ix_document_replaces", "document", ["replaces_id"], postgresql_where=where)
    op.alter_column("document", "status", type_=sa.String(12), existing_nullable=False)
    op.drop_constraint(op.f("ck_document_status"), "document", type_="check")
    op.create_check_constraint(op.f("ck_document_status"), "document", f"status in {WIDE}")
    op.create_table(
        "document_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.Column("requested_by", sa.BigInteger(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind in ('correct', 'supersede', 'void', 'rectify')", name=op.f("ck_document_change_kind")),
        sa.CheckConstraint("state in ('requested', 'approved', 'rejected')", name=op.f("ck_document_change_state")),
        sa.CheckConstraint("(state = 'requested') = (decided_by is null)", name=op.f("ck_document_change_decided")),
        sa.CheckConstraint("decided_by <> requested_by", name=op.f("ck_document_change_not_by_oneself")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_document_change_case_id")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_document_change_agency_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_document_change_document_id")),
        sa.ForeignKeyConstraint(["result_id"], ["document.id"], name=op.f("fk_document_change_result_id")),
        sa.ForeignKeyConstraint(["requested_by"], ["officer.id"], name=op.f("fk_document_change_requested_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["officer.id"], name=op.f("fk_document_change_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_change")),
    )
    op.create_index("ix_document_change_case", "document_change", ["case_id", "id"])
    waiting = sa.text("state = 'requested'")
    op.create_index(
        "ix_document_change_one", "document_change", ["document_id"], unique=True, postgresql_where=waiting
    )
    op.create_index(
        "ix_document_change_waiting", "document_change", ["agency_id", "id"], postgresql_where=waiting
    )

def downgrade() -> None:
    op.drop_table("document_change")
    op.execute("update document set status = 'void' where status in ('corrected', 'superseded')")
    op.drop_constraint(op.f("ck_document_status"), "document", type_="check")
    op.create_check_constraint(op.f("ck_document_status"), "document", "status in ('issued', 'void')")
    op.alter_column("document", "status", type_=sa.String(8), existing_nullable=False)
    op.drop_index("ix_document_replaces", "document")
    op.drop_constraint(op.f("ck_document_relation"), "document", type_="check")
    op.drop_column("document", "relation")
    op.drop_column("document", "replaces_id")
    op.drop_column("document", "ofd_digest")
