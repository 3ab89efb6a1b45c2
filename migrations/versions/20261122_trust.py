"""Trust: what makes the record, the cases and the files of a city unbendable."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_trust"
down_revision = "9bd302a29890"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Each part of the upgrade is a function of its own. `seals` comes last: it covers what the others write."""
    heads()
    late_entries()
    seals()


def heads() -> None:
    """The head of a case's record stands on the case row."""
    op.add_column("case", sa.Column("record_seq", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column(
        "case",
        sa.Column("record_digest", postgresql.BYTEA(), server_default=sa.text("''::bytea"), nullable=False),
    )


def late_entries() -> None:
    """What a timer's firing replaced stands on the case row until the next act."""
    op.add_column("case", sa.Column("late", postgresql.JSONB(), nullable=True))


def seals() -> None:
    """Seal every version and every case there is, once. Afterwards an empty seal is a broken one.

    The layout (`xingquan case 1`) is fixed: a later one has another name and a migration of its own.
    """
    from app.cases.seals import FIELDS, made
    from app.diagrams.service import seal_of

    empty = sa.text("''::bytea")
    for table in ("case", "procedure_version"):
        op.add_column(table, sa.Column("seal", postgresql.BYTEA(), server_default=empty, nullable=False))
    connection = op.get_bind()
    digests = {}
    for row in connection.execute(sa.text("select * from procedure_version")).mappings().all():
        digests[row["id"]] = row["digest"]
        if seal := seal_of(row):
            update = sa.text("update procedure_version set seal = :seal where id = :id")
            connection.execute(update, {"seal": seal, "id": row["id"]})
    columns = ", ".join(FIELDS)
    page = sa.text(f'select {columns} from "case" where id > :after order by id limit 1000')
    update = sa.text('update "case" set seal = :seal where id = :id')
    after = 0
    while rows := connection.execute(page, {"after": after}).mappings().all():
        sealed = [{"id": row["id"], "seal": made(row, digests[row["procedure_id"]])} for row in rows]
        connection.execute(update, sealed)
        after = rows[-1]["id"]


def downgrade() -> None:
    """What was proven cannot be unproven: there is no way back but a restored backup."""
    raise RuntimeError("restore a backup made before the upgrade (script/xq restore)")
