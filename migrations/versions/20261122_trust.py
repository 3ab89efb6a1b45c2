"""Trust: what makes the record, the cases and the files of a city unbendable."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.audit.upgrade import carry_over
from app.kernel import searchable
from app.kernel.sealed import seal

revision = "20261122_trust"
down_revision = "9bd302a29890"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Each part of the upgrade is a function of its own. `seals` comes last: it covers what the others write."""
    heads()
    editions()
    record()
    sealing()
    observing()
    access_tokens()
    fencing()
    late_entries()
    many_cases()
    seals()


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
    op.create_table(
        "record_anchor",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("mac", postgresql.BYTEA(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_record_anchor")),
    )
    op.create_table(
        "record_leaves",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_case", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_case", sa.BigInteger(), nullable=False),
        sa.Column("packed", postgresql.BYTEA(), nullable=False),
        sa.PrimaryKeyConstraint("number", "first_case", name=op.f("pk_record_leaves")),
    )
    for table in ("record_entry", "record_anchor", "record_leaves"):
        op.execute(RECORD_GUARD.format(table=table))


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


SEALED = {
    "case": ("party", False),
    "work_item": ("pending", True),
    "submission": ("data", False),
    "form_draft": ("answers", False),
    "document": ("data", False),
}
"""Columns that hold what parties and officers wrote, and whether they may be empty."""
BATCH = 500


def sealing() -> None:
    """Personal data is sealed; the opinion stands in the data; identity numbers are found by keyed digests.

    The values move batch by batch: old database files hold them until they are vacuumed, old backups for ever.
    """
    op.add_column("submission", sa.Column("opinion_field", sa.String(), server_default="", nullable=False))
    op.add_column(
        "case",
        sa.Column("party_keys", postgresql.ARRAY(postgresql.BYTEA()), server_default="{}", nullable=False),
    )
    op.execute(
        "update submission s set opinion_field = coalesce((select min(f.key) from jsonb_each(s.data) f"
        " where f.value = s.opinion), '') where s.opinion is not null"
    )
    for table, (column, nullable) in SEALED.items():
        _seal(table, column, nullable)
    op.drop_column("submission", "opinion")
    op.create_index("ix_case_party_keys", "case", ["party_keys"], postgresql_using="gin")


def _seal(table: str, column: str, nullable: bool) -> None:
    """Replace a JSON column by a sealed one of the same name; note the identity numbers a case names."""
    connection, quoted, last = op.get_bind(), f'"{table}"', 0
    op.add_column(table, sa.Column("sealed", postgresql.BYTEA()))
    case = {"case": "id", "submission": "case_id"}.get(table)
    some = sa.text(
        f"select id, {case or 0}, {column} from {quoted} where id > :last and {column} is not null"  # noqa: S608
        f" order by id limit {BATCH}"
    )
    keep = sa.text(f"update {quoted} set sealed = :sealed where id = :id")  # noqa: S608 - our own names
    while rows := connection.execute(some, {"last": last}).all():
        connection.execute(
            keep, [{"id": row_id, "sealed": seal(value, f"{table}.{column}")} for row_id, _, value in rows]
        )
        if case:
            _name([(case_id, searchable.digests_in(value)) for _, case_id, value in rows])
        last = rows[-1][0]
    op.drop_column(table, column)
    op.alter_column(table, "sealed", new_column_name=column, nullable=nullable)


def _name(found: list[tuple[int, set[bytes]]]) -> None:
    add = sa.text(
        'update "case" set party_keys = array(select distinct unnest(party_keys || cast(:found as bytea[]))'
        " order by 1) where id = :id"
    )
    if named := [{"id": case_id, "found": list(digests)} for case_id, digests in found if digests]:
        op.get_bind().execute(add, named)


def observing() -> None:
    """Processes say that they are alive; slow statements and decisions about failed jobs are kept."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "process_beat",
        sa.Column("id", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "host")),
        sa.Column("pid", sa.BigInteger(), nullable=False),
        *(sa.Column(name, moment, nullable=False) for name in ("started_at", "beat_at")),
        sa.Column("ticked_at", moment),
    )
    op.create_table(
        "slow_statement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("at", moment, nullable=False, index=True),
        sa.Column("milliseconds", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("statement", "route", "request")),
    )
    op.create_table(
        "job_decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "error", "decision")),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("at", moment, nullable=False, index=True),
    )


def access_tokens() -> None:
    """Tokens of programs (API), and the record of unknown ones among the sign-ins."""
    op.create_table(
        "access_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("scope", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_ip", sa.String(length=45), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("octet_length(token_digest) = 32", name=op.f("ck_access_token_digest")),
        sa.CheckConstraint("scope in ('read', 'act')", name=op.f("ck_access_token_scope")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_access_token_valid_period")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_access_token_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_access_token_token_digest")),
    )
    op.create_index(op.f("ix_access_token_account_id"), "access_token", ["account_id"])
    op.drop_constraint(op.f("ck_sign_in_attempt_outcome"), "sign_in_attempt", type_="check")
    op.create_check_constraint(
        op.f("ck_sign_in_attempt_outcome"),
        "sign_in_attempt",
        "outcome in ('ok', 'wrong', 'locked', 'throttled', 'inactive', 'token')",
    )
    op.create_index(
        "ix_sign_in_attempt_token_ip_at",
        "sign_in_attempt",
        ["ip", "at"],
        postgresql_where=sa.text("outcome = 'token'"),
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
        sealed = [{"id": row["id"], "seal": made(row, digests.get(row["procedure_id"], ""))} for row in rows]
        connection.execute(update, sealed)
        after = rows[-1]["id"]


DUE = "COALESCE(due_at, '9999-01-01 00:00:00+00'::timestamp with time zone)"


def many_cases() -> None:
    """Indexes that answer every list in its own order, however many cases there are."""
    for name in ("mine", "pool", "case"):
        op.drop_index(f"ix_work_item_{name}", "work_item")
    for name, columns, where, more in (
        ("mine", f"assignee_id, {DUE}, id", "kind = 'user' and status = 'open'", "agency_id, position_key, case_id"),
        ("cosign", f"cosigner_id, {DUE}, id", "kind = 'user' and status = 'cosign'", ""),
        (
            "pool",
            f"agency_id, position_key, {DUE}, id",
            "kind = 'user' and status = 'open' and assignee_id is null",
            "",
        ),
        ("done_case", "done_by, case_id", "status = 'done'", ""),
    ):
        include = f"include ({more})" if more else ""
        op.execute(f"create index ix_work_item_{name} on work_item ({columns}) {include} where {where}")
    op.create_index("ix_work_item_touched", "work_item", ["agency_id", "position_key", "case_id"])
    op.create_index("ix_case_opened_by", "case", ["opened_by", "id"])
    op.drop_index("ix_case_next_due", "case")
    op.execute('create index ix_case_next_due on "case" (next_due, id) where next_due is not null')
    op.create_index("ix_case_handler_officer", "case_handler", ["officer_id", "case_id"])


def fencing() -> None:
    """Every claim of a job draws a token that only grows."""
    op.execute("create sequence job_token")
    op.add_column("job", sa.Column("token", sa.BigInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    """What was proven cannot be unproven: there is no way back but a restored backup."""
    raise RuntimeError("restore a backup made before the upgrade (script/xq restore)")
