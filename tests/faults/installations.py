"""A whole installation to be harmed: home, server with its database, a worker beside it, and clients that insist."""

import http.client
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import saboteur
from running_server import RunningServer

from app.kernel import postgres, processes
from app.kernel.settings import ROOT

HERE = Path(__file__).parent
PATIENCE = 90.0
"""Seconds within which a server that was harmed must answer again."""
AWAY = {500, 502, 503, 504}


class Site:
    """`home` with a running server. `answers` are the forms of the plan."""

    def __init__(self, home: Path, web: int):
        self.home = home
        self.environment = {
            k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "XQ_SERVE_TARGET")
        }
        self.environment |= {
            "XQ_HOME": str(home),
            "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent), str(ROOT)]),
        }
        self.run(str(HERE / "prepare.py"))
        self.plan: dict[str, Any] = json.loads((home / "plan.json").read_text())
        self.web = web
        self.repeated = 0
        self.server: RunningServer
        self.worker: subprocess.Popen | None = None

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A program of the platform on this home, to its end."""
        done = subprocess.run(
            [sys.executable, *command],
            env=self.environment,
            cwd=ROOT,
            text=True,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"{command}:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
        return done

    def start(self) -> None:
        """Serve, with a second worker in a process of its own."""
        settings = {"PYTHONPATH": self.environment["PYTHONPATH"], "XQ_SERVE_TARGET": "saboteur:app"}
        self.server = RunningServer(
            self.home, XQ_WEB_PROCESSES=str(self.web), XQ_WORKER="1", XQ_WEB_THREADS="4", **settings
        )
        self.worker = subprocess.Popen(
            [sys.executable, str(HERE / "saboteur.py")],
            env=self.environment,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        """End everything in order."""
        if self.worker:
            self.worker.terminate()
            self.worker.wait(30)
        self.server.close()

    def kill_server(self) -> None:
        """`kill -9` of the parent: the kernel ends its children."""
        if self.worker:
            self.worker.kill()
            self.worker.wait()
        self.server.process.kill()
        self.server.process.wait()

    @property
    def postmaster(self) -> int:
        """The process id of the database's first process."""
        base = postgres._base(self.home, processes.unprivileged())
        return int((base / "data" / "postmaster.pid").read_text().split("\n", 1)[0])

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database itself, as soon as it answers."""

        def ask() -> list[tuple[Any, ...]] | None:
            try:
                plain = postgres.address(self.home).replace("postgresql+psycopg://", "postgresql://")
                with psycopg.connect(plain, autocommit=True) as connection:
                    found = connection.execute(query, values or None)  # type: ignore[arg-type]
                    return found.fetchall()
            except psycopg.OperationalError:
                return None

        found = until(lambda: None if (rows := ask()) is None else [rows], "the database answers")
        return found[0]

    def drained(self) -> None:
        """Wait until the workers have nothing left to do."""
        left = "select count(*) from job where state in ('queued', 'leased') and run_at < now() + interval '1 hour'"
        due = 'select count(*) from "case" where next_due <= now()'
        until(lambda: self.sql(f"select ({left}) + ({due})")[0][0] == 0, "the workers are done")
        failed = self.sql("select kind, error from job where state = 'failed'")
        assert failed == []

    def sound(self) -> str:
        """After the workers are done everything fits together, and every chain verifies."""
        self.drained()
        return self.run("-m", "app", "doctor", "--cases").stdout

    def person(self, login: str) -> "Person":
        """Somebody's program at the API."""
        return Person(self, self.plan["secrets"][login])


class Person:
    """A client with a token. `act` repeats the same request with the same key until it is answered."""

    def __init__(self, site: Site, secret: str):
        self.site, self.secret = site, secret

    def once(self, path: str, body: Mapping[str, Any], key: str) -> tuple[int, Any]:
        """One request: status and answer; (0, None) where the connection broke."""
        place = urlsplit(self.site.server.url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
        headers = {
            "Authorization": f"Bearer {self.secret}",
            "Idempotency-Key": key,
            "Content-Type": "application/json",
        }
        try:
            connection.request("POST", f"/api/v1{path}", json.dumps(body).encode(), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        except (OSError, http.client.HTTPException, ValueError):
            return 0, None
        finally:
            connection.close()

    def act(self, path: str, body: Mapping[str, Any] | None = None, key: str = "") -> tuple[int, Any]:
        """Insist: what may or may not have happened is asked for again with the same key."""
        key = key or secrets.token_hex(16)

        def ask() -> tuple[int, Any] | None:
            status, answer = self.once(path, body or {}, key)
            assert status != 500, answer
            if status == 0 or status in AWAY:
                self.site.repeated += 1
                return None
            return status, answer

        return until(ask, f"{path} is answered")


def until(look: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Wait for a condition; what it gives.

    Raises:
        AssertionError: it does not come in time.
    """
    deadline = time.monotonic() + patience
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.05)
    return found


def way(site: Site, confirmed: dict[str, Any]) -> None:
    """One case from its opening to the team lead's review; every confirmed act is noted under its key."""

    def act(login: str, path: str, body: Mapping[str, Any]) -> Any:
        key = secrets.token_hex(16)
        status, answer = site.person(login).act(path, body, key)
        assert status in (200, 201), answer
        confirmed[key] = answer
        return answer

    work = act("hb-intake", "/cases", {"item_id": site.plan["item"]})["work_item_id"]
    given = site.plan["answers"]
    path = "/work-items/{}/hand-in"
    done = act("hb-intake", path.format(work), {"version": 1, "answers": given["penalty_lead"]})
    work = int(done["next"][0]["id"])
    act("hb-officer1", path.format(work), {"version": 1, "answers": given["penalty_check"]})
    done = act("hb-officer2", f"/work-items/{work}/confirm", {"version": 2})
    work = int(done["next"][0]["id"])
    act("hb-lead", path.format(work), {"version": 1, "answers": given["penalty_file_review"]})


def all_there(site: Site, confirmed: Mapping[str, Any]) -> None:
    """Every act a client saw confirmed is there once, with the answer the client saw."""
    kept = dict(site.sql("select key, result from act_done where key = any(%s)", list(confirmed)))
    assert {key: kept[key] for key in confirmed} == dict(confirmed)


@contextmanager
def installation(web: int = 4) -> Iterator[Site]:
    """A site that is running, gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="xq-"))
    home.chmod(0o711)
    try:
        site = Site(home, web)
        saboteur.arm(home, "timer fired")  # the first sweep finds timers that are due
        site.start()
        try:
            yield site
        finally:
            site.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def harm(site: Site, how: str) -> None:
    """One of the ways to lose a database."""
    if how == "postmaster":
        os.kill(site.postmaster, signal.SIGKILL)
    elif how == "immediate":
        os.kill(site.postmaster, signal.SIGQUIT)
    elif how == "backend":
        mine = "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() limit 1"
        for (pid,) in site.sql(mine):
            os.kill(pid, signal.SIGKILL)
    else:
        site.sql(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where backend_type = 'client backend' and pid <> pg_backend_pid()"
        )


WAYS = ("postmaster", "terminate", "backend", "immediate")
