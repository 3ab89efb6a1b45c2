"""A process that lives beside a supervised server and is started again when it ends."""

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import processes

ROOT = Path(__file__).resolve().parents[2]
Say = Callable[[str], None]
PAUSE = 3.0
"""Seconds between two starts."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a companion may know of its server: the socket's folder, and that of PostgreSQL's programs."""

    sockets: Path
    programs: Path


Command = Callable[[Told], Sequence[str]]


class Companion:
    """Starts, watches and ends one companion. `hopeless` is the exit code that says: do not try again."""

    def __init__(self, command: Command, say: Say, hopeless: int = 3):
        self.command = command
        self.say = say
        self.hopeless = hopeless
        self.child: subprocess.Popen[bytes] | None = None
        self._next_try = 0.0
        self._given_up = False

    def tend(self, told: Told) -> None:
        """Start it where it does not run; it may take its time, the server does not wait for it."""
        if self.child is not None and self.child.poll() == self.hopeless and not self._given_up:
            self._given_up = True
            self.say(
                "连续归档已停止，原因见上文；处理后请重新启动 · continuous archiving has stopped, see above"
            )
        running = self.child is not None and self.child.poll() is None
        if running or self._given_up or time.monotonic() < self._next_try:
            return
        self._next_try = time.monotonic() + PAUSE
        self.child = processes.spawn(self.command(told), cwd=ROOT)

    def stop(self) -> None:
        """End it in order."""
        if self.child is not None:
            processes.stop(self.child, [(signal.SIGTERM, 15.0)])
            self.child = None
