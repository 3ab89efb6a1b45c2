"""Child processes that never outlive their parent, and the account they run as.

A server that survives the program that started it holds locks, ports and memory nobody remembers. On Linux
the kernel itself ends the child when the parent dies, however it dies (`kill -9` included).
"""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Account:
    """An existing account of the operating system that has no rights of its own."""

    name: str
    uid: int
    gid: int


UNPRIVILEGED = ("postgres", "nobody")
"""Accounts PostgreSQL may run as when the platform itself was started by root, best first."""


def unprivileged() -> Account | None:
    """Whom to become for programs that refuse to run as root; None when we are not root.

    Raises:
        LookupError: we are root and the machine has none of the usual accounts.
    """
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise LookupError("no account named postgres or nobody")


def die_with_parent(signum: int, parent: int) -> Callable[[], None]:
    """What a child must do between fork and exec so that the kernel sends it `signum` when `parent` ends.

    It runs after the change of account, which would clear the wish. The wish hangs on the *thread* that
    forked: start children from a thread that lives as long as the process.
    """
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def wish() -> None:
        prctl(PR_SET_PDEATHSIG, signum)
        if os.getppid() != parent:  # the parent died between fork and here: nobody would send the signal
            os._exit(1)

    return wish


def spawn(
    command: Sequence[str | Path],
    *,
    end_with: int = signal.SIGTERM,
    account: Account | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str | Path | None = None,
    output: IO[bytes] | int | None = None,
    pipe: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, from a process with one thread.

    Ctrl-C in the terminal reaches only the parent, which then stops its children in order. `end_with` is sent
    to the child when this process dies.
    """
    return subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if pipe else output,
        stderr=output if not pipe else None,
        env=dict(env) if env is not None else None,
        cwd=cwd,
        start_new_session=True,
        preexec_fn=die_with_parent(end_with, os.getpid()),
        **_as(account),
    )


def run_as(account: Account | None, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    """Run a short command to its end as another account.

    Raises:
        PermissionError: the account may not execute it (a folder above it is closed to the account).
    """
    return subprocess.run(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
        preexec_fn=die_with_parent(signal.SIGKILL, os.getpid()),
        **_as(account),
    )


def _as(account: Account | None) -> dict[str, Any]:
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def stop(
    child: subprocess.Popen[bytes], signals: Sequence[tuple[int, float]], *, group: bool = False
) -> None:
    """End a child: send each signal in turn and give it so many seconds; the last resort is SIGKILL.

    With `group` the signals after the first, and the SIGKILL, go to everything in the child's session.
    """
    for position, (signum, patience) in enumerate([*signals, (signal.SIGKILL, 10.0)]):
        if child.poll() is not None:
            break
        _send(child.pid, signum, group and position > 0)
        deadline = time.monotonic() + patience
        while child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
    if group:
        _send(child.pid, signal.SIGKILL, True)


def _send(pid: int, signum: int, group: bool) -> None:
    try:
        if group:
            os.killpg(pid, signum)
        else:
            os.kill(pid, signum)
    except ProcessLookupError:
        return


def alive(pid: int) -> bool:
    """Whether a process exists and is more than an unreaped remainder."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return sys.platform != "linux"
    return state != "Z"
