"""The embedded PostgreSQL: starts, recovers, is shared, and never outlives its supervisor."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from app.kernel import postgres, postgres_software, processes
from app.kernel.postgres_software import StartFailed, ready
from app.kernel.settings import ROOT

FAST = ("-c", "fsync=off")
"""A killed process loses nothing by it, only a power cut would."""
running = partial(postgres.running, options=FAST)

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")

SUPERVISE = """
    import sys, time
    from pathlib import Path
    from app.kernel import postgres
    supervisor = postgres.Supervisor(Path(sys.argv[1]), ("-c", "fsync=off"))
    print(supervisor.start(), supervisor.child.pid if supervisor.child else 0, flush=True)
    while True:
        time.sleep(0.05)
        supervisor.tend()
"""


@pytest.fixture(scope="session")
def model() -> Iterator[Path]:
    """A home whose database was created once: copying it is quicker than creating another."""
    folder = Path(tempfile.mkdtemp(prefix="xq-"))
    folder.chmod(0o711)
    with running(folder):
        pass
    (folder / postgres.POINTER).unlink()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def made(model: Path, home: Path) -> Path:
    """A home with a database, not running."""
    subprocess.run(["cp", "-a", f"{model}/.", home], check=True)
    return home


@pytest.fixture
def supervise(made: Path) -> Iterator[Callable[[], tuple[subprocess.Popen, str, int]]]:
    """Start a supervisor in a process of its own: (process, address, pid of the server or 0)."""
    started: list[subprocess.Popen] = []

    def start() -> tuple[subprocess.Popen, str, int]:
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(SUPERVISE), made],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        started.append(process)
        address, pid = process.stdout.readline().split()
        return process, address, int(pid)

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()
    eventually(lambda: not servers(made))


def servers(home: Path) -> list[int]:
    """Every PostgreSQL process, backends included, that works below a home."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").resolve().is_relative_to(home):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def eventually(truth: Callable[[], object], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.02)


def ask(address: str, statement: str) -> object:
    with psycopg.connect(address.replace("+psycopg", "")) as connection:
        return connection.execute(statement).fetchone()[0]


def tell(address: str, statement: str) -> None:
    with psycopg.connect(address.replace("+psycopg", "")) as connection:
        connection.execute(statement)


def test_it_starts_serves_utf8_and_leaves_nothing_behind(home: Path):
    with running(home) as address:
        assert ask(address, "show server_encoding") == "UTF8"
        assert ask(address, "show data_checksums") == "on"
        assert ask(address, "select char_length('行权')") == 2
        assert postgres.address(home) == address
        data = home / "postgres" / "data"
        assert (data.stat().st_mode & 0o777) == 0o700
        assert not (data / ".s.PGSQL.5432").exists()
    assert servers(home) == []


def test_a_killed_server_is_restarted_and_has_lost_nothing(supervise, home: Path):
    _, address, first = supervise()
    tell(address, "create table probe as select 7 as n")
    os.kill(first, signal.SIGKILL)
    eventually(lambda: ready(home / "postgres" / "run"))
    assert ask(address, "select n from probe") == 7


def test_a_killed_backend_does_not_stop_the_service(supervise):
    _, address, _ = supervise()
    with psycopg.connect(address.replace("+psycopg", "")) as connection:
        os.kill(connection.info.backend_pid, signal.SIGKILL)

    def answers() -> bool:
        try:
            return ask(address, "select 1") == 1
        except psycopg.OperationalError:
            return False

    eventually(answers)


@pytest.mark.skipif(sys.platform != "linux", reason="only the Linux kernel ends orphans")
def test_killing_the_supervisor_leaves_no_process(supervise, home: Path):
    supervisor, address, _ = supervise()
    tell(address, "create table probe as select 7 as n")
    assert servers(home)
    supervisor.kill()
    supervisor.wait()
    eventually(lambda: not servers(home))
    _, address, _ = supervise()
    assert ask(address, "select n from probe") == 7


def test_a_new_supervisor_waits_for_the_orphan_of_a_killed_one(supervise):
    supervisor, address, first = supervise()
    connection = psycopg.connect(address.replace("+psycopg", ""))  # a client that holds the shutdown up
    supervisor.kill()
    _, again, second = supervise()
    connection.close()
    assert again == address
    assert second not in (0, first)
    assert ask(again, "select 1") == 1


def test_the_second_supervisor_uses_the_server_and_takes_over(supervise, home: Path):
    first, address, _ = supervise()
    second, same, child = supervise()
    assert (same, child) == (address, 0)
    first.terminate()
    first.wait()
    eventually(lambda: not ready(home / "postgres" / "run"))
    eventually(lambda: ready(home / "postgres" / "run"))
    assert second.poll() is None
    assert ask(address, "select 1") == 1


def test_the_second_start_is_quick(made: Path):
    began = time.monotonic()
    with running(made):
        assert time.monotonic() - began < 2


def test_an_interrupted_creation_is_begun_anew(home: Path):
    half = home / "postgres" / "data.init"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with running(home) as address:
        assert ask(address, "select 1") == 1


def test_discarding_is_refused_while_in_use(made: Path):
    with running(made) as address:
        tell(address, "create table probe (n int)")
        with pytest.raises(StartFailed, match="正在使用"):
            postgres.discard(made)
    postgres.discard(made)
    with running(made) as address:
        assert ask(address, "select to_regclass('probe') is null")


def test_a_cluster_of_another_version_is_refused(made: Path):
    (made / "postgres" / "data" / "PG_VERSION").write_text("12\n")
    with pytest.raises(StartFailed, match="PostgreSQL 12"), running(made):
        pass


def test_a_long_home_still_gets_a_socket(home: Path):
    deep = home / ("很长的目录名" * 6)
    deep.mkdir()
    deep.chmod(0o711)
    with running(deep) as address:
        assert ask(address, "select 1") == 1


def test_no_software_says_what_to_do(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(postgres_software, "_candidates", lambda: iter(()))
    with pytest.raises(StartFailed, match="DATABASE_URL"):
        postgres_software.find()


@root_only
def test_as_root_the_server_runs_as_nobody_special(made: Path):
    with running(made):
        owner = (made / "postgres" / "data").stat().st_uid
    assert owner != 0
    assert pwd.getpwuid(owner).pw_name in processes.UNPRIVILEGED


@root_only
def test_a_home_closed_to_the_account_stays_closed(home: Path):
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    inner = closed / "home"
    inner.mkdir()
    try:
        with running(inner) as address:
            assert ask(address, "select 1") == 1
            assert "/var/tmp/xingquan-" in address  # noqa: S108 - where the cluster must be
        assert (closed.stat().st_mode & 0o777) == 0o700
    finally:
        shutil.rmtree(postgres._base(inner, processes.unprivileged()))


@root_only
def test_an_ordinary_user_needs_no_rights(home: Path):
    user = pwd.getpwnam("nobody")
    os.chown(home, user.pw_uid, user.pw_gid)
    child = os.fork()
    if child == 0:  # becomes the ordinary user for good; the interpreter need not be readable for them
        try:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
            with running(home) as address:
                good = ask(address, "select 1") == 1
            os._exit(0 if good else 1)
        except BaseException:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert (home / "postgres" / "data").stat().st_uid == user.pw_uid
    assert servers(home) == []
