"""The worker's part: once an hour, see whether a backup is due, and let a process of its own take it.

A backup may take hours; the worker must not wait for it.
"""

import logging
import os
import subprocess
import sys
from datetime import datetime

from sqlalchemy.orm import Session

from .. import jobs, settings
from . import service
from .errors import BackupError
from .place import Place

log = logging.getLogger(__name__)
EVERY = 3600
_running: subprocess.Popen[bytes] | None = None


def look(_: Session, now: datetime) -> None:
    """Start the backup that is due, if a place is set and none is under way here."""
    global _running
    folder = settings.backup_place()
    if folder is None or (_running is not None and _running.poll() is None):
        return
    try:
        kind = service.due(Place(folder), now)
    except (OSError, BackupError) as error:
        log.error("the backup place cannot be read: %s", error)
        return
    if kind is not None:
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
