"""PostgreSQL's programs for backups, with their progress told in Chinese and their errors as ours."""

import os
import re
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from .. import postgres_software, processes
from .errors import BackupError

Say = Callable[[str], None]
PAUSE = 5.0
"""Seconds between two lines of progress."""
_PERCENT = re.compile(r"\((\d+)%\)")


def run(command: Sequence[str | Path], what: str, say: Say) -> None:
    """Run one program to its end; `what` names the work in Chinese.

    Raises:
        BackupError: it failed; the message ends with its own last words.
    """
    child = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env=postgres_software.environment() | {"LC_ALL": "C"},
        preexec_fn=processes.die_with_parent(15, os.getpid()),
    )
    told, words, last = time.monotonic(), "", [""]
    assert child.stderr is not None  # noqa: S101 - a pipe was asked for
    for line in child.stderr:
        last = [*last[-8:], line.strip()]
        if found := _PERCENT.search(line):
            words = f"{what}：{found[1]}%"
            last.pop()
        if words and time.monotonic() - told > PAUSE:
            told = time.monotonic()
            say(words)
    if child.wait():
        raise BackupError(f"{what}失败：\n" + "\n".join(filter(None, last)), code="backup_program")


def need(software: postgres_software.Software, *names: str) -> None:
    """Make sure that the installation has these programs.

    Raises:
        BackupError: it has not.
    """
    missing = [name for name in names if not (software.binaries / name).exists()]
    if missing:
        raise BackupError(
            f"{software.binaries} 中没有 {'、'.join(missing)}；请安装完整的 PostgreSQL 程序，"
            "或用 XQ_POSTGRES_BIN 指定其目录。"
        )
