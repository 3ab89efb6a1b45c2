"""The database's schema: which migrations there are, which are applied, and how to apply the rest."""

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from . import settings
from .postgres import WORK_USER

FOLDER = settings.ROOT / "migrations"
LOCK = 0x51AB0001
"""Advisory lock: two servers that start at the same moment migrate one after the other."""


GRANTS = f"""
do $$ begin
if exists (select from pg_roles where rolname = '{WORK_USER}') and '{WORK_USER}' <> current_user then
    grant usage on schema public to {WORK_USER};
    grant select, insert, update, delete on all tables in schema public to {WORK_USER};
    grant usage, select on all sequences in schema public to {WORK_USER};
    revoke update, delete on alembic_version from {WORK_USER};
    if to_regclass('record_entry') is not null and to_regclass('record_anchor') is not null then
        revoke update, delete on record_entry, record_anchor, record_leaves from {WORK_USER};
    end if;
end if;
end $$
"""  # noqa: S608 - our own name
"""Who serves and works may do what acts need, and only add to the record. Nothing without that role."""


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration; there is no ini file."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(slug)s")
    made.attributes["connection"] = connection
    return made


def heads() -> frozenset[str]:
    """The newest revisions on disk (none before the first migration)."""
    return frozenset(ScriptDirectory.from_config(config()).get_heads())


def applied(connection: Connection) -> frozenset[str]:
    """The revisions the database is at."""
    return frozenset(MigrationContext.configure(connection).get_current_heads())


def _locked(engine: Engine, act: Callable[[Config], None]) -> None:
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": LOCK})
        connection.commit()
        try:
            act(config(connection))
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(text("select pg_advisory_unlock(:key)"), {"key": LOCK})
            connection.commit()


def upgrade(engine: Engine, target: str = "heads") -> None:
    """Apply all migrations up to `target`, one server at a time."""
    if heads():
        _locked(engine, lambda made: command.upgrade(made, target))
        with engine.begin() as connection:
            connection.execute(text(GRANTS))


def write(engine: Engine, name: str) -> None:
    """Write the next migration from the difference between the models and the database."""
    _locked(engine, lambda made: command.revision(made, message=name, autogenerate=True))
