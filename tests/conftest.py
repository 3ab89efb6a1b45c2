"""Fixtures every room shares: a real PostgreSQL, the application, a session that leaves nothing behind.

One server for each test process, made from the platform's own supervisor; with `-n 2` each worker process has
its own. The tables are made once, in a template; a test that must commit asks for `scratch_database`, a copy.
"""

import itertools
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import create_app, tables
from app.kernel import postgres
from app.kernel.db import Base, db
from app.kernel.transaction import transaction
from app.people import demo
from app.people import models as people
from app.people.models import Agency

PEOPLE = {m.class_.__tablename__ for m in Base.registry.mappers if m.class_.__module__ == people.__name__}

FAST = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")
"""Tests lose nothing in a power cut."""


@pytest.fixture
def home() -> Iterator[Path]:
    """A short-named XQ_HOME that the server's own account can enter (pytest's tmp_path is closed to it)."""
    folder = Path(tempfile.mkdtemp(prefix="xq-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """A throw-away PostgreSQL of this test process (or DATABASE_URL's)."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    folder = Path(tempfile.mkdtemp(prefix="xq-"))
    folder.chmod(0o711)
    try:
        supervisor = postgres.Supervisor(folder, options=FAST)
        yield supervisor.start()
        supervisor.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def app(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application on an empty database with all tables."""
    os.environ["DATABASE_URL"] = database_url
    os.environ["XQ_HOME"] = str(tmp_path_factory.mktemp("home"))
    application = create_app({"TESTING": True})
    with application.app_context():
        tables.load().metadata.create_all(db.engine)
    return application


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session whose work is rolled back after the test."""
    with app.app_context():
        session = db.session()
        yield session
        session.rollback()
        db.session.remove()


@pytest.fixture
def client(app: Flask):
    return app.test_client()


class Caller:
    """A person's browser: keeps cookies, follows nothing by itself, fills in the forgery token of forms."""

    addresses = itertools.count(1)

    def __init__(self, app: Flask):
        self.client = app.test_client()
        n = next(self.addresses)
        self.address = f"10.{n // 65536 % 256}.{n // 256 % 256}.{n % 256}"

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, environ_base={"REMOTE_ADDR": self.address}, **options)

    def post(self, path: str, data: Any = None, *, page: str | None = None, **options: Any) -> TestResponse:
        """Post a form as found on `page` (default: the page with the form at the same address)."""
        return self.bare_post(path, {**(data or {}), "_csrf": self.token(page or path)}, **options)

    def bare_post(self, path: str, data: Any = None, **options: Any) -> TestResponse:
        """Post exactly this."""
        return self.client.post(path, data=data, environ_base={"REMOTE_ADDR": self.address}, **options)

    def token(self, page: str) -> str:
        """The forgery token of the first form on a page."""
        found = re.search(r'name="_csrf" value="([^"]+)"', self.get(page).get_data(as_text=True))
        assert found, f"no form with a token on {page}"
        return found[1]

    def sign_in(self, login: str, password: str | None = None, **data: str) -> TestResponse:
        """Sign in, by default with the demonstration's password."""
        form = {"login": login, "password": demo.password() if password is None else password, **data}
        return self.post("/sign-in", form)


@pytest.fixture
def caller(app: Flask) -> Caller:
    """One person's browser, nobody signed in."""
    return Caller(app)


@pytest.fixture
def callers(app: Flask) -> Callable[[], Caller]:
    """As many of them as a test needs."""
    return lambda: Caller(app)


@pytest.fixture(scope="module")
def city(app: Flask) -> Iterator[None]:
    """The demonstration city, committed, gone after the module (unless it was there before)."""
    with app.app_context(), transaction() as session:
        mine = not session.scalar(select(Agency.id).limit(1))
        demo.load_demo(session)
    yield
    if mine:
        tables = ", ".join(t.name for t in Base.metadata.tables.values() if t.name in PEOPLE)
        with app.app_context(), transaction() as session:
            session.execute(text(f"truncate {tables} cascade"))


_numbers = itertools.count()


@pytest.fixture
def scratch_database(app: Flask, database_url: str) -> Iterator[str]:
    """The address of a database of this test alone, with all tables and nothing in them."""
    name = f"scratch_{os.getpid()}_{next(_numbers)}"
    plain = database_url.replace("postgresql+psycopg://", "postgresql://")
    with app.app_context():
        db.session.remove()
        db.engine.dispose()  # a template must have no other connections
    source = psycopg.conninfo.conninfo_to_dict(plain)["dbname"]
    with psycopg.connect(plain, autocommit=True, dbname="postgres") as connection:
        connection.execute(f'create database "{name}" template "{source}"')
        yield database_url.replace(f"/{source}", f"/{name}", 1)
        connection.execute(f'drop database "{name}" with (force)')
