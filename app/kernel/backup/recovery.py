"""Let PostgreSQL replay the log of a laid-out cluster up to a moment, and find out where it came to."""

import os
import re
import shlex
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .. import postgres_software, processes
from ..postgres import Cluster
from .errors import BackupError

Say = Callable[[str], None]
_LAST = re.compile(r"last completed transaction was at log time (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?)")
SHORT = "recovery ended before configured recovery target was reached"
EARLY = "requested recovery stop point is before consistent recovery point"


class TooShort(BackupError):
    """The log ended before the wished moment. `last` is that of the last commit in it."""

    code = "backup_log_short"

    def __init__(self, message: str, last: datetime | None):
        super().__init__(message)
        self.last = last


@dataclass(frozen=True, slots=True)
class Laid:
    """A cluster laid out for recovery: who runs it with which programs, and the folder of its log."""

    account: processes.Account | None
    software: postgres_software.Software
    cluster: Cluster
    log: Path


def replay(laid: Laid, until: datetime | None, options: Sequence[str], say: Say) -> datetime | None:
    """Recover up to `until` (None: everything there is) and promote; the moment of the last commit, if any
    was replayed.

    Raises:
        TooShort: the log ends before `until`; it can be replayed again with another.
        BackupError: PostgreSQL gave up; the message ends with its own words.
    """
    (laid.cluster.data / "recovery.signal").touch()
    own(laid.account, laid.cluster.data / "recovery.signal")
    fetch = (
        f"cp {shlex.quote(str(laid.log))}/%f %p".replace("%", "%%").replace("%%f", "%f").replace("%%p", "%p")
    )
    given = {"restore_command": fetch, "recovery_target_timeline": "current", "hot_standby": "off"}
    if until is not None:
        moment = until.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f+00")
        given |= {"recovery_target_time": moment, "recovery_target_action": "promote"}
    flags = [part for name, value in given.items() for part in ("-c", f"{name}={value}")]
    output = laid.cluster.base / "restore.log"
    with output.open("wb") as log:
        child = processes.spawn(
            laid.software.command(laid.cluster.data, laid.cluster.sockets, [*options, *flags]),
            end_with=signal.SIGQUIT,
            account=laid.account,
            output=log.fileno(),
            cwd="/",
            env=postgres_software.environment() | {"LC_ALL": "C"},
        )
        try:
            told = time.monotonic()
            while child.poll() is None and not postgres_software.ready(laid.cluster.sockets):
                if time.monotonic() - told > 5:
                    told = time.monotonic()
                    say("正在重放预写日志，请稍候")
                time.sleep(0.02)
        finally:
            alive = child.poll() is None
            processes.stop(child, [(signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0)])
    words = output.read_text(errors="replace")
    times = _LAST.findall(words)
    last = datetime.fromisoformat(times[-1]).replace(tzinfo=UTC) if times else None
    if alive:
        output.unlink()
        return last
    if SHORT in words:
        raise TooShort("备份中的预写日志不到这个时刻。", last)
    if EARLY in words:
        raise BackupError("这个时刻早于该备份完成的时刻；请改用更早的备份。", code="backup_reach")
    raise BackupError("恢复时数据库启动失败：\n" + "\n".join(words.splitlines()[-12:]), code="backup_program")


def own(account: processes.Account | None, path: Path) -> None:
    """Hand a file or a folder with all in it to the account that runs the server."""
    if account is None:
        return
    os.chown(path, account.uid, account.gid, follow_symlinks=False)
    if path.is_dir() and not path.is_symlink():
        for folder, folders, files in os.walk(path):
            for name in (*folders, *files):
                os.chown(os.path.join(folder, name), account.uid, account.gid, follow_symlinks=False)
