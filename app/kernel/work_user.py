"""Who web processes and workers are in the embedded database: `xingquan`, who is no superuser and owns nothing.

What acts need is granted after every migration; the record's tables may only be added to. In another database
(DATABASE_URL) the same holds as soon as somebody has made a role of that name and its address is theirs.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Connection

OWNER, NAME = "postgres", "xingquan"
GRANTS = f"""
do $$ begin
if exists (select from pg_roles where rolname = '{NAME}') and '{NAME}' <> current_user then
    grant usage on schema public to {NAME};
    grant select, insert, update, delete on all tables in schema public to {NAME};
    grant usage, select on all sequences in schema public to {NAME};
    revoke insert, update, delete on alembic_version from {NAME};
    if to_regclass('record_entry') is not null and to_regclass('record_anchor') is not null then
        revoke update, delete on record_entry, record_anchor, record_leaves from {NAME};
    end if;
end if;
end $$
"""  # noqa: S608 - our own name


def make(connection: "psycopg.Connection[Any]") -> None:
    """See to it that the role is there."""
    if connection.execute("select 1 from pg_roles where rolname = %s", [NAME]).fetchone() is None:
        connection.execute(f"create role {NAME} login".encode())


def grant(connection: "Connection") -> None:
    """Grant what acts need; nothing where there is no such role."""
    from sqlalchemy import text  # the process that supervises the database imports this module too

    if connection.execute(text("select to_regclass('alembic_version')")).scalar():
        connection.execute(text(GRANTS))


def address(owner: str) -> str:
    """The address of the embedded database for a process that serves or works; another's as it is."""
    return owner.replace(f"//{OWNER}@/", f"//{NAME}@/", 1)
