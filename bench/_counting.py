"""Counting what goes to the database: statements at psycopg's cursor, so that nothing above can hide one, and
commits at the connection."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Engine, event


@dataclass(slots=True)
class Traffic:
    """The statements sent and the commits made while `on`."""

    on: bool = False
    statements: list[str] = field(default_factory=list)
    commits: int = 0


@contextmanager
def traffic(engine: Engine) -> Iterator[Traffic]:
    """Watch every connection of an engine from now on; the pool's own pings are not counted."""
    seen = Traffic()

    class Watched(psycopg.Cursor[Any]):
        def execute(self, query: Any, *args: Any, **options: Any) -> Any:
            if seen.on:
                seen.statements.append(str(query))
            return super().execute(query, *args, **options)

        def executemany(self, query: Any, *args: Any, **options: Any) -> Any:
            if seen.on:
                seen.statements.append(str(query))
            return super().executemany(query, *args, **options)

    def check_out(connection: Any, *_: Any) -> None:
        connection.cursor_factory = Watched

    def commit(_: Any) -> None:
        seen.commits += seen.on

    event.listen(engine, "checkout", check_out)
    event.listen(engine, "commit", commit)
    try:
        yield seen
    finally:
        event.remove(engine, "checkout", check_out)
        event.remove(engine, "commit", commit)
        engine.dispose()
