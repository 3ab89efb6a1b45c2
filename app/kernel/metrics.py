"""Counters and histograms of what this installation does, for Prometheus (shown by `app.operations`).

Several web processes and workers serve one address, so the values live in files below XQ_HOME/run/metrics
(`run_folder.share_metrics`, called by whoever starts processes, before this module is imported); without that,
in tests for example, they are this process's own. Values of the state of things (lights, jobs, timers) are not
here: they are asked of the database. Labels are names out of our own code, never data.
"""

import os
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess
from prometheus_client.registry import REGISTRY

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
FAST = (0.002, 0.004, 0.006, 0.008, 0.012, 0.02, 0.035, 0.06, 0.1, 0.2, 0.5, 1, 2, 5)

STEPS = Counter("xq_steps", "Acts on cases that were committed.", ["kind"])
STEP_SECONDS = Histogram(
    "xq_step_seconds", "From the beginning of an act on a case to its commit.", buckets=FAST
)
REFUSALS = Counter("xq_refusals", "Acts refused by a gate of law.", ["gate"])
HTTP_SECONDS = Histogram(
    "xq_http_seconds", "Duration of a request.", ["route", "method", "status"], buckets=FAST
)
HTTP_STATEMENTS = Histogram(
    "xq_http_statements",
    "SQL statements of a request.",
    ["route"],
    buckets=(1, 2, 4, 6, 8, 12, 16, 24, 48, 96),
)
SLOW_STATEMENTS = Counter("xq_slow_statements", "SQL statements slower than XQ_SLOW_MS.", ["route"])
JOBS = Counter("xq_jobs", "Attempts at jobs.", ["kind", "outcome"])
SWEEP_SECONDS = Histogram("xq_sweep_seconds", "Duration of one run of a sweep.", ["sweep"], buckets=FAST)
SWEEP_TAKEN = Counter("xq_sweep_taken", "Rows that sweeps handled.", ["sweep"])
POOL = Gauge("xq_db_connections", "Connections to the database.", ["state"], multiprocess_mode="livesum")


def exposition(*more: object) -> bytes:
    """All values as Prometheus text, with those of further collectors."""
    if folder := os.environ.get(VARIABLE):
        _bury(Path(folder))
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
        text = generate_latest(registry)
    else:
        text = generate_latest(REGISTRY)
    state = CollectorRegistry()
    for collector in more:
        state.register(collector)  # type: ignore[arg-type]
    return text + generate_latest(state)


def _bury(folder: Path) -> None:
    """A process that was killed no longer holds connections: its live gauges end with it."""
    for path in folder.glob("gauge_live*_*.db"):
        with suppress(ValueError, FileNotFoundError):
            if not Path(f"/proc/{int(path.stem.rsplit('_', 1)[1])}").exists():
                path.unlink()
