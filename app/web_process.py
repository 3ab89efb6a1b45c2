"""One web process under granian: the application, and in one of them the background worker.

`wsgi.py` is the neutral entry for other servers; this one belongs to `script/server`.
"""

import contextlib
import fcntl
import importlib.util
import os
import signal

from flask import Flask

from app import create_app
from app.kernel import heap, heartbeat, logs, processes, settings


def _work_in_background(application: Flask) -> None:
    """Run the background worker here unless another web process of this home does.

    The file lock goes with the process, so that the process started in its place takes over.
    """
    if os.environ.get("XQ_WORKER") == "0" or importlib.util.find_spec("app.kernel.worker") is None:
        return
    lock = open(settings.home() / "worker.lock", "a")  # noqa: SIM115 - held for the life of the process
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        application.extensions["xq.worker_lock"] = lock
        importlib.import_module("app.kernel.worker").start_in_process(application)


processes.die_with_parent(signal.SIGTERM, os.getppid())()
logs.install()
app = create_app()
heap.settle()
heartbeat.start(app, "web")
_work_in_background(app)
