"""The ticker: APScheduler calls `jobs.tick` every few seconds; PostgreSQL decides who does the work.

APScheduler's own shared job store fires jobs twice on several nodes, so it holds nothing here but one
interval in memory. By default every web process has a ticker thread; `script/xq worker` runs one alone.
"""

import atexit
import logging
import os
import signal
import threading
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from . import (
    clock,
    job_health,  # noqa: F401 - importing registers its periodic work
    jobs,
)

log = logging.getLogger(__name__)

INTERVAL = 2.0
"""Seconds between ticks. An idle tick costs one or two milliseconds, with 300,000 clocks and jobs waiting."""

_lock = threading.Lock()
_running: tuple[int, BackgroundScheduler] | None = None
"""The process that runs a ticker, and the ticker. A forked child inherits the value but not the thread."""


_ticked_at: datetime | None = None


def ticked_at() -> datetime | None:
    """When this process's ticker last finished a round; None where it has none."""
    return _ticked_at


def tick(app: Flask) -> None:
    """Do everything that is due now, in an application context of its own."""
    global _ticked_at
    with app.app_context():
        try:
            jobs.tick(clock.now())
            _ticked_at = clock.now()
        except Exception:
            log.exception("tick failed")


def start(app: Flask, interval: float = INTERVAL) -> bool:
    """Start this process's ticker. False where it has one already: one per process, however often asked."""
    global _running
    with _lock:
        if _running is not None and _running[0] == os.getpid():
            return False
        scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        # "maximum number of running instances reached" only says that a tick had much to do
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        scheduler.add_job(
            tick, "interval", args=[app], seconds=interval, id="tick", next_run_time=clock.now()
        )
        scheduler.start()
        _running = (os.getpid(), scheduler)
        atexit.register(stop)
        return True


def stop() -> None:
    """Let the tick under way finish, then end this process's ticker. Harmless where there is none."""
    global _running
    with _lock:
        if _running is None:
            return
        owner, scheduler = _running
        _running = None
    atexit.unregister(stop)
    if owner == os.getpid():
        scheduler.shutdown(wait=True)


def start_in_process(app: Flask) -> bool:
    """Start a ticker beside the web server, unless the settings say that workers run elsewhere.

    `XQ_WORKER=0` and tests leave it out. False where none was started.
    """
    if app.config.get("TESTING") or os.environ.get("XQ_WORKER") == "0":
        return False
    return start(app)


def run_forever(app: Flask, interval: float = INTERVAL) -> None:
    """Be a worker and nothing else, until SIGTERM or SIGINT; the tick under way is finished first.

    Raises:
        RuntimeError: this process has a ticker already.
    """
    end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end.set())
    if not start(app, interval):
        raise RuntimeError("this process has a worker already")
    log.info("worker %s started", os.getpid())
    end.wait()
    stop()
    log.info("worker %s stopped", os.getpid())
