"""Databases on the server of the tests: made or copied, and dropped again."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
from sqlalchemy import make_url

kept = ExitStack()
"""What is made once for this process and copied from then on; closed with the server."""


def name_in(url: str) -> str:
    """The name of the database at an address."""
    return make_url(url).database or ""


def plain(url: str) -> str:
    """The address as PostgreSQL's own programs and psycopg read it."""
    return url.replace("postgresql+psycopg://", "postgresql://")


@contextmanager
def database(server: str, name: str, model: str | None = None) -> Iterator[str]:
    """The address of a new database beside the one at `server`: empty, or a copy of the database `model`, to which
    nobody may be connected."""
    template = f' template "{model}" strategy file_copy' if model else ""
    with psycopg.connect(plain(server), autocommit=True, dbname="postgres") as connection:
        connection.execute(f'create database "{name}"{template}')
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(plain(server), autocommit=True, dbname="postgres") as connection:
        connection.execute(f'drop database "{name}" with (force)')
