"""`script/server`: one parent that keeps the database and the web processes running, and takes them along.

The parent starts, watches and stops: PostgreSQL (unless DATABASE_URL names one), a short-lived child that
migrates and loads the demo city, and granian with its workers. It imports nothing of the application, so it
is small and quick. However it ends, `kill -9` included, the kernel ends its children.
"""

import hashlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .kernel import companion, keys, postgres, processes, run_folder, settings, work_user
from .kernel.postgres_software import StartFailed

DEFAULT_PORT = 8000
SHOWN = 8
"""Demo accounts listed at the terminal."""
WEB_PROCESS = "app.web_process:app"
STEPS = [(signal.SIGTERM, 10.0), (signal.SIGTERM, 3.0)]


def say(line: str) -> None:
    """One line for the person at the terminal."""
    print(line, flush=True)


def set_aside(folder: Path) -> None:
    """Move the anchors of a database that was emptied out of the new one's way; they are never deleted."""
    if folder.is_dir() and any(folder.iterdir()):
        folder.rename(folder.with_name(f"{folder.name}-until-{time.time_ns()}"))


class Stop(Exception):
    """Somebody asked the server to end."""


class Server:
    """The parent process. `run()` returns the exit code."""

    def __init__(self, host: str, port: int, *, fresh: bool = False, target: str = WEB_PROCESS):
        self.host = host
        self.port = port
        self.fresh = fresh
        self.target = target
        self.home = settings.home()
        self.database: postgres.Supervisor | None = None
        self.web: subprocess.Popen[bytes] | None = None
        self.environment = dict(os.environ)
        self._stopping = False
        self._web_started = 0.0

    def run(self) -> int:
        """Serve until asked to stop."""
        for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(signum, self._ask_to_stop)
        try:
            self._open()
            self._prepare()
            self._start_web()
            self._wait_ready()
            self._announce()
            while True:
                self._pause(0.25)
                self._tend()
        except Stop:
            say("正在停止 · stopping")
            return 0
        except StartFailed as failure:
            print(failure, file=sys.stderr, flush=True)
            return 1
        finally:
            self._close()

    def _ask_to_stop(self, *_: Any) -> None:
        self._stopping = True

    def _pause(self, seconds: float) -> None:
        time.sleep(seconds)
        if self._stopping:
            raise Stop

    def _open(self) -> None:
        self.port = free_port(self.host, self.port)
        if os.environ.get("DATABASE_URL"):
            if self.fresh:
                raise StartFailed(
                    "--fresh 只清空内置数据库；已设置 DATABASE_URL，请自行处理该数据库。"
                    " · --fresh is for the embedded database only."
                )
        else:
            if self.fresh:
                say("清空内置数据库 · deleting the embedded database")
                postgres.discard(self.home)
                set_aside(settings.anchors())
            self.database = postgres.Supervisor(self.home, say=say, beside=self._archiver())
            self.environment["DATABASE_URL"] = self.database.start()
        self.environment.setdefault("XQ_BASE_URL", f"http://{self.host}:{self.port}")
        self.environment["XQ_HOME"] = str(self.home)
        self.environment[run_folder.METRICS] = run_folder.share_metrics(self.home, fresh=True)
        self.environment.setdefault("XQ_DEMO", "1")

    def _archiver(self) -> companion.Command | None:
        if not os.environ.get("XQ_BACKUP"):
            return None
        from .kernel.backup import service as backup
        from .kernel.backup.errors import BackupError

        try:
            return backup.beside()
        except BackupError as error:
            raise StartFailed(error.message) from error

    def _prepare(self) -> None:
        demo = self.environment["XQ_DEMO"] != "0"
        self._check_keys()
        if prepared(self.environment["DATABASE_URL"], demo):
            return
        say("检查数据表和演示数据 · migrating, loading the demo city" if demo else "检查数据表 · migrating")
        child = processes.spawn(
            [sys.executable, "-m", "app", "prepare"], env=self.environment, cwd=settings.ROOT
        )
        try:
            while child.poll() is None:
                self._pause(0.05)
        finally:
            processes.stop(child, STEPS, group=True)
        if child.returncode:
            raise StartFailed("数据库升级或演示数据载入失败，见上文。 · Preparing the database failed.")

    def _check_keys(self) -> None:
        """A database whose data keys are lost must not be served, nor get new ones."""
        if (fact := known(self.environment["DATABASE_URL"], keys.FACT)) is not None:
            try:
                keys.check(fact)
            except keys.KeysError as error:
                raise StartFailed(f"{error.message} · The data keys are missing or wrong.") from error

    def _start_web(self) -> None:
        count = os.environ.get("XQ_WEB_PROCESSES") or str(max(1, min(os.cpu_count() or 1, 4)))
        self._web_started = time.monotonic()
        options = ["--interface", "wsgi", "--http", "1", "--no-ws", "--log-level", "warning"]
        options += ["--host", self.host, "--port", str(self.port)]
        options += ["--workers", count, "--blocking-threads", os.environ.get("XQ_WEB_THREADS") or "4"]
        options += ["--respawn-failed-workers", "--respawn-interval", "1", "--workers-kill-timeout", "8"]
        self.web = processes.spawn(
            [sys.executable, "-m", "granian", *options, self.target],
            env={**self.environment, "DATABASE_URL": self._for_work()},
            cwd=settings.ROOT,
        )

    def _for_work(self) -> str:
        """The web processes' address of the database: in the embedded one they are no superuser."""
        address = self.environment["DATABASE_URL"]
        return work_user.address(address) if self.database else address

    def _wait_ready(self) -> None:
        started = told = time.monotonic()
        while (answer := self._answer()) != 200:
            self._pause(0.05)
            if self.web is not None and self.web.poll() is not None:
                raise StartFailed("网页服务启动失败，见上文。 · The web server did not start.")
            if time.monotonic() - told > 5:
                told = time.monotonic()
                say("等待网页服务 · waiting for the web server")
            if time.monotonic() - started > 120:
                raise StartFailed(f"网页服务 120 秒内没有就绪（{answer}）。 · Not ready after 120 s.")
            self._tend_database()

    def _answer(self) -> int:
        connection = http.client.HTTPConnection(_reachable(self.host), self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def _announce(self) -> None:
        say(f"ready http://{_reachable(self.host)}:{self.port}")
        accounts = known(self.environment["DATABASE_URL"], "demo.accounts") or []
        if not accounts or self.environment["XQ_DEMO"] == "0":
            return
        say("演示账号 · demo accounts")
        for name, password, who in accounts[:SHOWN]:
            say(f"  {name:<14} {password:<16} {who}")
        say(f"  共 {len(accounts)} 个，全部列出 · all of them: script/xq demo accounts")

    def _tend(self) -> None:
        self._tend_database()
        if self.web is not None and self.web.poll() is not None:
            say("网页服务意外退出，正在重新启动 · the web server died, restarting it")
            processes.stop(self.web, STEPS, group=True)  # what is left of its session
            self._pause(1.0 if time.monotonic() - self._web_started > 10 else 5.0)
            self._start_web()

    def _tend_database(self) -> None:
        if self.database is not None:
            self.database.tend()

    def _close(self) -> None:
        if self.web is not None:
            processes.stop(self.web, STEPS, group=True)
        if self.database is not None:
            self.database.stop()


def free_port(host: str, port: int) -> int:
    """The port itself when it is free; for 0, one that is.

    Raises:
        StartFailed: it is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as taken:
            raise StartFailed(
                f"端口 {port} 已被占用，请用 --port 另选一个。 · Port {port} is taken: use --port."
            ) from taken
        return int(trial.getsockname()[1])


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - compared, not bound


def _ask(address: str, question: Callable[[Any], Any]) -> Any:
    """Ask the database something small without loading the ORM; None when it cannot say."""
    import psycopg

    for prefix in ("postgresql+psycopg://", "postgres://"):
        if address.startswith(prefix):
            address = "postgresql://" + address.removeprefix(prefix)
    try:
        with psycopg.connect(address, connect_timeout=10) as connection:
            return question(connection)
    except psycopg.errors.UndefinedTable:
        return None
    except psycopg.OperationalError as error:
        raise StartFailed(f"连接不上数据库 · cannot reach the database: {error}") from error


def known(address: str, key: str) -> Any:
    """A fact of this installation (`app.kernel.facts`), or None."""

    def question(connection: Any) -> Any:
        row = connection.execute("select value from fact where key = %s", [key]).fetchone()
        return row[0] if row else None

    return _ask(address, question)


def prepared(address: str, demo: bool = True) -> bool:
    """Whether this very code has already migrated the database and, with `demo`, loaded the demo city."""
    return bool(known(address, "prepared") == state(demo=demo))


def state(folder: Path = settings.ROOT, demo: bool = True) -> str:
    """A fingerprint of everything `prepare` works from."""
    digest = hashlib.sha256(b"" if demo else b"without the demo city")
    facts = folder / "app" / "catalogue" / "data"
    read = [folder / "app" / "demo.py", facts / "statutes.yaml", facts / "legal_basis.yaml"]
    for path in sorted([*(folder / "migrations" / "versions").glob("*.py"), *read]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
