"""The database's schema: which migrations there are, which are applied, and how to apply the rest."""

import json
from collections.abc import Callable

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from . import keys, settings, work_user

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
    """Apply all migrations up to `target`, one server at a time; the first time, make the ring of data keys.

    Raises:
        KeysError: this database was sealed under a ring that is missing or another one.
    """

    def act(made: Config) -> None:
        connection = made.attributes["connection"]
        ring = keys.ensure(known_keys(connection))
        command.upgrade(made, target)
        if applied(connection):
            connection.execute(
                text(
                    "insert into fact (key, value) values (:key, cast(:value as jsonb)) on conflict do nothing"
                ),
                {"key": keys.FACT, "value": json.dumps({"fingerprint": ring.fingerprint})},
            )

    if heads():
        _locked(engine, act)
        with engine.begin() as connection:
            work_user.grant(connection)


def known_keys(connection: Connection) -> dict[str, str] | None:
    """What the database knows of its ring of data keys; None before its first."""
    if not connection.execute(text("select to_regclass('fact')")).scalar():
        return None
    found = connection.execute(text("select value from fact where key = :key"), {"key": keys.FACT})
    return found.scalar_one_or_none()


def write(engine: Engine, name: str) -> None:
    """Write the next migration from the difference between the models and the database."""
    _locked(engine, lambda made: command.revision(made, message=name, autogenerate=True))
