"""What a request or job asks of the database: how many statements, how long, and which were slow.

A slow statement (XQ_SLOW_MS, default 200 ms) is logged with its text, never with its values, and kept for the
page of the administrator (`app.kernel.heartbeat` writes it down for all processes).
"""

import logging
import os
import threading
import time
from collections import deque
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, event

from . import clock, logs, metrics

log = logging.getLogger("xq.slow")
LONGEST = 2_000
"""Characters of a statement that are kept."""


@dataclass(slots=True)
class Tally:
    """The statements of one request or job."""

    count: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Slow:
    """One slow statement: its text without values, and where it came from."""

    at: datetime
    milliseconds: int
    statement: str
    route: str
    request: str


_tally: ContextVar[Tally | None] = ContextVar("tally", default=None)
_slow: deque[Slow] = deque(maxlen=200)
_lock = threading.Lock()


def limit() -> float:
    """From how many seconds on a statement is slow."""
    return float(os.environ.get("XQ_SLOW_MS") or 200) / 1000


def begin() -> Tally:
    """Count anew on this thread."""
    tally = Tally()
    _tally.set(tally)
    return tally


def present() -> Tally | None:
    """What was counted on this thread so far."""
    return _tally.get()


def note(statement: str, seconds: float, count: int = 1) -> None:
    """Statements were executed (also those sent past SQLAlchemy: a pipelined batch says so here)."""
    if (tally := _tally.get()) is not None:
        tally.count += count
        tally.seconds += seconds
    if seconds >= limit():
        _note_slow(" ".join(statement.split())[:LONGEST], seconds)


def _note_slow(statement: str, seconds: float) -> None:
    about = logs.present()
    route = str(about.get("route") or about.get("job_kind") or about.get("sweep") or "")
    metrics.SLOW_STATEMENTS.labels(route or "other").inc()
    milliseconds = round(seconds * 1000)
    log.warning("slow statement", extra={"statement": statement, "duration_ms": milliseconds})
    with _lock:
        _slow.append(Slow(clock.now(), milliseconds, statement, route, str(about.get("request", ""))))


def take_slow() -> list[Slow]:
    """The slow statements of this process since the last call."""
    with _lock:
        found = list(_slow)
        _slow.clear()
    return found


@event.listens_for(Engine, "before_cursor_execute")
def _before(connection: Any, *_: Any) -> None:
    connection.info["xq.began"] = time.perf_counter()


@event.listens_for(Engine, "after_cursor_execute")
def _after(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
    note(statement, time.perf_counter() - connection.info.pop("xq.began", time.perf_counter()))


@event.listens_for(Engine, "handle_error")
def _failed(context: Any) -> None:
    connection = context.connection
    if connection is not None and not connection.invalidated:
        connection.info.pop("xq.began", None)
