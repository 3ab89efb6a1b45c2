"""The worker's part: once an hour, let a process of its own see whether a backup is due, and take it.

A backup may take hours, and a place on a dead mount answers never: the worker must not wait for either.
"""

import os
import subprocess
import sys
from datetime import datetime

from sqlalchemy.orm import Session

from .. import jobs, settings

EVERY = 3600
_running: subprocess.Popen[bytes] | None = None


def look(_: Session, now: datetime) -> None:
    """Start the process, if a place is set and none is under way here."""
    global _running
    if settings.backup_place() is None or (_running is not None and _running.poll() is None):
        return
    _running = start()


def start() -> subprocess.Popen[bytes]:
    """Start `backup scheduled` in a process of its own; the place's lock keeps it single."""
    return subprocess.Popen(
        [sys.executable, "-m", "app", "backup", "scheduled"],
        stdin=subprocess.DEVNULL,
        cwd=settings.ROOT,
        env=os.environ.copy(),
        start_new_session=True,
    )


jobs.periodic("backup.schedule", EVERY, look)
