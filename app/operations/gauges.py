"""The state of things as Prometheus values, asked of the database at most every few seconds a process."""

import threading
import time
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.kernel import clock
from app.kernel.db import db
from app.kernel.transaction import transaction

from . import service

FRESH = 10.0
"""Seconds for which an answer is good."""

_lock = threading.Lock()
_found: tuple[float, service.State] | None = None


def _state() -> service.State:
    global _found
    with _lock:
        if _found is None or time.monotonic() - _found[0] > FRESH:
            with transaction() as session:
                session.execute(text("set local statement_timeout = '5s'"))
                _found = time.monotonic(), service.state(session)
        return _found[1]


def forget() -> None:
    """Ask anew at the next reading (tests)."""
    global _found
    _found = None


def _gauge(name: str, about: str, **values: float) -> Metric:
    return GaugeMetricFamily(name, about, value=values["value"])


class StateCollector:
    """Yields the gauges; `xq_up` is 0, and nothing else is there, where the database does not answer."""

    def collect(self) -> Iterator[Metric]:
        try:
            found = _state()
        except SQLAlchemyError:
            db.session.rollback()
            yield _gauge("xq_up", "Whether the database answers.", value=0)
            return
        yield _gauge("xq_up", "Whether the database answers.", value=1)
        lights = GaugeMetricFamily("xq_clocks", "Running and paused clocks by light.", labels=["light"])
        for light in ("normal", "warning", "overdue", "paused"):
            lights.add_metric([light], found.lights.get(light, 0))
        yield lights
        queue = GaugeMetricFamily("xq_jobs_present", "Jobs not done.", labels=["kind", "state"])
        for (kind, state), count in sorted(found.kinds.items()):
            queue.add_metric([kind, state], count)
        yield queue
        yield _gauge("xq_jobs_due", "Jobs due and waiting.", value=found.jobs.waiting)
        yield _gauge("xq_jobs_failed", "Jobs given up.", value=found.jobs.failed)
        oldest = (found.at - found.jobs.oldest).total_seconds() if found.jobs.oldest else 0
        yield _gauge("xq_jobs_oldest_seconds", "How long the oldest due job has waited.", value=oldest)
        lag = GaugeMetricFamily(
            "xq_sweep_lag_seconds", "By how much the oldest due timer is late.", labels=["sweep"]
        )
        for name, seconds in found.lags.items():
            lag.add_metric([name], seconds)
        yield lag
        yield _gauge("xq_processes", "Processes alive.", value=found.processes)
        yield _gauge("xq_workers", "Processes that do background work.", value=found.workers)
        missing = len(found.calendar_missing)
        yield _gauge("xq_calendar_missing_years", "Years without their official calendar.", value=missing)
        if (backup := service.backup()) is not None:
            state, last = backup
            yield _gauge("xq_backup_ok", "Whether the backup place is in order.", value=state == "ok")
            if last is not None:
                age = (clock.now() - last).total_seconds()
                yield _gauge("xq_backup_age_seconds", "Age of the last backup.", value=age)
