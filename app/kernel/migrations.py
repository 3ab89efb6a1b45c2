"""The database's schema: which migrations there are, which are applied, and how to apply the rest."""

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from . import settings

FOLDER = settings.ROOT / "migrations"
LOCK = 0x51AB0001
"""Advisory lock: two servers that start at the same moment migrate one after the other."""


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


def known() -> frozenset[str]:
    """Every revision on disk."""
    return frozenset(each.revision for each in ScriptDirectory.from_config(config()).walk_revisions())


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


def write(engine: Engine, name: str) -> None:
    """Write the next migration from the difference between the models and the database."""
    _locked(engine, lambda made: command.revision(made, message=name, autogenerate=True))
