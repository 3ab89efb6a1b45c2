"""Power items have versions: what is there becomes the first one of each."""

import hashlib
import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261130_items"
down_revision = "20261130_law"
branch_labels = None
depends_on = None

TEXTS = ("change", "state", "name", "kind", "procedure", "reason", "digest", "case_no", "created_by")
OPEN = "state in ('draft', 'review', 'returned', 'audit')"


def upgrade() -> None:
    """A new table, filled from the items there are, and a column."""
    op.add_column("power_item", sa.Column("trial", sa.Boolean(), server_default="false", nullable=False))
    op.create_table(
        "power_item_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("item_id", "agency_id", "revision")),
        *(
            sa.Column(name, sa.BigInteger(), nullable=True)
            for name in ("number", "to_agency_id", "case_id", "audit_case_id")
        ),
        *(sa.Column(name, sa.String(), nullable=False) for name in TEXTS),
        *(sa.Column(name, JSONB(), nullable=False) for name in ("basis", "content", "elements", "checks")),
        sa.Column("answer", JSONB(), nullable=True),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("trial", "urgent")),
        *(sa.Column(name, sa.Date(), nullable=True) for name in ("effective_on", "checked_on")),
        *(
            sa.Column(name, sa.DateTime(timezone=True), nullable=False)
            for name in ("created_at", "updated_at")
        ),
        *(
            sa.Column(name, sa.DateTime(timezone=True), nullable=True)
            for name in ("approved_at", "applied_at")
        ),
        sa.CheckConstraint(
            "change in ('new', 'adjust', 'transfer', 'abolish')", name=op.f("ck_power_item_version_change")
        ),
        sa.CheckConstraint(
            "state in ('draft', 'review', 'returned', 'audit', 'approved', 'ended')",
            name=op.f("ck_power_item_version_state"),
        ),
        sa.CheckConstraint(
            "state <> 'approved' or number is not null", name=op.f("ck_power_item_version_numbered")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["power_item.id"], name=op.f("fk_power_item_version_item_id")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_power_item_version_agency_id")),
        sa.ForeignKeyConstraint(
            ["to_agency_id"], ["agency.id"], name=op.f("fk_power_item_version_to_agency_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_power_item_version")),
        sa.UniqueConstraint("item_id", "number", name=op.f("uq_power_item_version_item_id_number")),
    )
    _indexes()
    _take_over()
    # an item sent back by the legal office is applied for again: the same case, the same item, another task
    op.drop_constraint("uq_case_link_source_id_item_id", "case_link", type_="unique")
    op.create_unique_constraint(
        op.f("uq_case_link_source_id_item_id_work_item_id"), "case_link", ["source_id", "item_id", "work_item_id"]
    )


def _indexes() -> None:
    table = "power_item_version"
    op.create_index(
        "ix_power_item_version_in_force",
        table,
        ["item_id", "effective_on"],
        postgresql_where=sa.text("state = 'approved'"),
    )
    op.create_index("ix_power_item_version_agency_state", table, ["agency_id", "state"])
    op.create_index(
        "uq_power_item_version_open", table, ["item_id"], unique=True, postgresql_where=sa.text(OPEN)
    )
    op.create_index(
        "uq_power_item_version_case",
        table,
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("case_id is not null"),
    )
    op.create_index(
        "ix_power_item_version_to_apply",
        table,
        ["effective_on", "id"],
        postgresql_where=sa.text("state = 'approved' and applied_at is null"),
    )


def _take_over() -> None:
    """Every item as it is, as its first version, which always counted."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text("select id, name, kind, procedure, status, basis, content from power_item order by id")
    ).all()
    for row in rows:
        change = "abolish" if row.status == "abolished" else "new"
        # as `app.catalogue.item_versions.digest_of` named it in this release
        told = [change, row.name, row.kind, row.procedure, row.basis, row.content, {}, False, None]
        text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        connection.execute(
            sa.text(
                "insert into power_item_version (item_id, agency_id, number, change, state, name, kind, procedure,"
                " basis, content, elements, trial, reason, revision, digest, urgent, case_no, created_at, created_by,"
                " updated_at, approved_at, applied_at, checks)"
                " select id, agency_id, 1, :change, 'approved', name, kind, procedure, basis, content, '{}', false,"
                " '', 1, :digest, false, '', now(), '平台升级', now(), now(), now(), '[]' from power_item where id = :id"
            ),
            {"id": row.id, "change": change, "digest": hashlib.sha256(text.encode()).hexdigest()},
        )


def downgrade() -> None:
    """Items are what they are today; how they became so is lost."""
    op.drop_constraint("uq_case_link_source_id_item_id_work_item_id", "case_link", type_="unique")
    op.create_unique_constraint("uq_case_link_source_id_item_id", "case_link", ["source_id", "item_id"])
    op.drop_table("power_item_version")
    op.drop_column("power_item", "trial")
