"""Fixtures every room shares: a real PostgreSQL, the application, a session that leaves nothing behind.

One server for each test process, made from the platform's own supervisor; with `-n 2` each worker process has
its own. The tables are made once, in a template; a test that must commit asks for `scratch_database`, a copy.
Towns (`cases.town`) are copies of one that was published in this process, and whole installations (`browsers`) of one
that a server of this run has prepared: copies share nothing with one another.
"""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import databases
import pytest
import running_server
from flask import Flask
from sqlalchemy.orm import Session

from app import create_app, tables
from app.kernel import postgres
from app.kernel.db import db

FAST = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")
"""Tests lose nothing in a power cut."""


def pytest_configure(config: pytest.Config) -> None:
    """One folder for the whole run: the processes of `-n 2` inherit it from the one that starts them."""
    if (kept := os.environ.get("XQ_FAILED")) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Failed(config.rootpath / kept), "xq-failed")
    if running_server.RUN_FOLDER in os.environ:
        return
    folder = Path(tempfile.mkdtemp(prefix="xq-run-"))
    folder.chmod(0o711)
    os.environ[running_server.RUN_FOLDER] = str(folder)
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


class Failed:
    """Keeps the names of the tests that failed, one a line, for `script/test` to run them once more."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            names = dict.fromkeys([*self.path.read_text().splitlines(), report.nodeid])
            self.path.write_text("".join(f"{name}\n" for name in names))


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
        with databases.kept:
            yield url
        return
    folder = Path(tempfile.mkdtemp(prefix="xq-"))
    folder.chmod(0o711)
    try:
        supervisor = postgres.Supervisor(folder, options=FAST)
        with databases.kept:
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


_numbers = itertools.count()


@pytest.fixture
def scratch_database(app: Flask, database_url: str) -> Iterator[str]:
    """The address of a database of this test alone, with all tables and nothing in them."""
    name = f"scratch_{os.getpid()}_{next(_numbers)}"
    with app.app_context():
        db.session.remove()
        db.engine.dispose()  # a template must have no other connections
    with databases.database(database_url, name, databases.name_in(database_url)) as url:
        yield url
