"""A throw-away installation to measure on: an embedded PostgreSQL that keeps its promises (fsync on, as in
production), the demo city's people and items, and, where asked for, a web server process in front of it."""

import http.client
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psycopg
from flask import Flask

from app import create_app
from app.cases import demo as case_demo
from app.diagrams import service as diagrams
from app.kernel import facts, migrations, postgres
from app.kernel.db import db
from app.kernel.transaction import transaction
from app.people import demo as people_demo
from app.serve import state

FORM = "application/x-www-form-urlencoded"


@contextmanager
def site(home: Path | None = None, options: Sequence[str] = ()) -> Iterator[Flask]:
    """The application inside its context, with people, items and procedures and, in a new home, no case.

    Without `home` everything is gone afterwards; a home that is given stays, and is used again next time.
    `options` are the server's own (`-c name=value`).
    """
    folder = home or Path(tempfile.mkdtemp(prefix="xq-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)  # the database's account must be able to enter
    supervisor = postgres.Supervisor(folder, options)
    before = {name: os.environ.get(name) for name in ("DATABASE_URL", "XQ_HOME", "XQ_WORKER")}
    try:
        os.environ |= {"DATABASE_URL": supervisor.start(), "XQ_HOME": str(folder), "XQ_WORKER": "0"}
        app = create_app()
        with app.app_context():
            migrations.upgrade(db.engine)
            with transaction() as session:
                if not facts.get(session, "prepared"):
                    people_demo.load_demo(session)
                    case_demo.prepare(session)
                    # the web server must not load the demo's own cases
                    facts.put(session, "prepared", state())
            yield app
            db.session.remove()
            db.engine.dispose()
    finally:
        # versions are kept by their id: another installation has others under the same ids
        diagrams._cache.clear()
        supervisor.stop()
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        if home is None:
            shutil.rmtree(folder, ignore_errors=True)


def plain_connection() -> psycopg.Connection:
    """A connection of psycopg alone, no SQLAlchemy above it."""
    address = os.environ["DATABASE_URL"].replace("postgresql+psycopg://", "postgresql://")
    return psycopg.connect(address, autocommit=True)


@contextmanager
def web_server() -> Iterator[str]:
    """`serve` with one web process on a free port, on the site's database; its address."""
    said = tempfile.TemporaryFile("w+")  # noqa: SIM115 - its log, shown where it does not start
    child = subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=said,
        text=True,
        env={**os.environ, "XQ_WEB_PROCESSES": "1"},
    )
    lines = []
    try:
        for line in child.stdout or ():
            lines.append(line)
            if line.startswith("ready "):
                yield line.split()[1]
                return
        said.seek(0)
        raise RuntimeError("the server did not start:\n" + "".join(lines) + said.read()[-5000:])
    finally:
        child.terminate()
        child.wait(30)
        said.close()
        if child.stdout:
            child.stdout.close()


class Browser:
    """One person's client on one kept-alive connection. Signs in when it is made."""

    def __init__(self, address: str, login: str):
        parts = urlsplit(address)
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        self.cookies: dict[str, str] = {}
        page = self.get("/sign-in")
        form = {"_csrf": hidden(page, "_csrf"), "login": login, "password": people_demo.password()}
        status, _ = self.post("/sign-in", form)
        if status != 303:
            raise RuntimeError(f"{login} could not sign in: {status}")

    def get(self, path: str) -> str:
        """The page at this path; anything but 200 is an error."""
        status, text = self._ask("GET", path, None)
        if status != 200:
            raise RuntimeError(f"GET {path}: {status}")
        return text

    def post(self, path: str, form: Mapping[str, str | Sequence[str]]) -> tuple[int, str]:
        """Post a form: status and text of the answer. Redirects are not followed."""
        return self._ask("POST", path, urlencode(form, doseq=True).encode())

    def _ask(self, method: str, path: str, body: bytes | None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = FORM
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, text


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    if found is None:
        raise RuntimeError(f"the page has no field {name}")
    return found[1]
