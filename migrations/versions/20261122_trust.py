"""Trust: what makes the record, the cases and the files of a city unbendable."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.audit.upgrade import carry_over

revision = "20261122_trust"
down_revision = "9bd302a29890"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Each part of the upgrade is a function of its own."""
    heads()
    editions()
    record()


def heads() -> None:
    """The head of a case's record stands on the case row."""
    op.add_column("case", sa.Column("record_seq", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column(
        "case",
        sa.Column("record_digest", postgresql.BYTEA(), server_default=sa.text("''::bytea"), nullable=False),
    )


BUMP = """
create or replace function bump_edition() returns trigger language plpgsql as $$
begin
    insert into edition (name, number) values (tg_argv[0], nextval('edition_number'))
    on conflict (name) do update set number = excluded.number;
    return null;
end $$
"""
WATCHED = {
    "people": ("region", "agency", "position", "officer", "certificate", "posting"),
    "catalogue": ("power_item",),
    "procedures": ("procedure_version",),
    "calendar": ("calendar_day", "calendar_edition"),
}


def editions() -> None:
    """Rarely changing data says which edition of it is in force."""
    op.create_table(
        "edition",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_edition")),
    )
    op.execute("create sequence edition_number")
    op.execute(BUMP)
    for name, tables in WATCHED.items():
        op.execute(f"insert into edition values ('{name}', nextval('edition_number'))")  # noqa: S608
        for table in tables:
            op.execute(
                f"create or replace trigger edition after insert or update or delete or truncate on {table}"
                f" for each statement execute function bump_edition('{name}')"
            )
def record() -> None:
    """The record becomes a chain: small rows whose digests cover one another, which nobody may change."""
    op.drop_index("ix_record_entry_at", "record_entry")
    op.rename_table("record_entry", "record_entry_old")
    op.execute("alter table record_entry_old rename constraint pk_record_entry to pk_record_entry_old")
    op.create_table(
        "record_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("digest", postgresql.BYTEA(), nullable=False),
        sa.Column("packed", postgresql.BYTEA(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_record_entry")),
    )
    op.execute("alter table record_entry alter column packed set storage external")
    carry_over(op.get_bind(), "record_entry_old")
    op.create_index("ix_record_entry_id", "record_entry", ["id"], postgresql_using="brin")
    op.drop_table("record_entry_old")
    op.execute(RECORD_REFUSES)
    op.execute(RECORD_GUARD.format(table="record_entry"))


RECORD_REFUSES = """
create function record_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only: % refused', tg_table_name, lower(tg_op)
        using errcode = 'insufficient_privilege';
end $$
"""
RECORD_GUARD = (
    "create trigger append_only before update or delete or truncate on {table}"
    " for each statement execute function record_is_append_only()"
)


def downgrade() -> None:
    """What was proven cannot be unproven: there is no way back but a restored backup."""
    raise RuntimeError("restore a backup made before the upgrade (script/xq restore)")
