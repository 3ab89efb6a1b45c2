"""Logs: one JSON object a line on standard error; on a terminal, lines for people.

What a line is about (request, case, person, job) is bound at the edges and stands in every line written within:

    with logs.bound(job=job.id, job_kind=job.kind):   # an edge
    logs.note(case=case.id)                           # what is learnt on the way

| variable | meaning |
|---|---|
| XQ_LOG | `json` or `text`; without it text on a terminal, JSON elsewhere |
| XQ_LOG_LEVEL | `debug`, `info` (default; on a terminal `warning`), `warning`, `error` |
| XQ_SLOW_MS | statements at least this slow are logged (default 200; `app.kernel.statements`) |

Names of persons, form data and addresses with a query are never logged; `app.kernel.redact` is the last fence.
"""

import json
import logging
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from .clock import CHINA
from .redact import HIDDEN, SECRET_NAMES, redacted

_bound: ContextVar[dict[str, Any] | None] = ContextVar("bound", default=None)
_PLAIN = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {"message", "asctime", "taskName"}
LEVELS = {"DEBUG": "调试", "INFO": "信息", "WARNING": "警告", "ERROR": "错误", "CRITICAL": "严重"}


@contextmanager
def bound(**fields: Any) -> Iterator[dict[str, Any]]:
    """Let every line written within say these things too."""
    mine = {**(_bound.get() or {}), **fields}
    token = _bound.set(mine)
    try:
        yield mine
    finally:
        _bound.reset(token)


def begin(**fields: Any) -> None:
    """Start the lines of one request on this thread, forgetting those of the one before."""
    _bound.set(fields)


def end() -> None:
    """What was bound on this thread is over."""
    _bound.set(None)


def note(**fields: Any) -> None:
    """Add to what the lines of the present request or job say; without one, nothing."""
    if (mine := _bound.get()) is not None:
        mine.update(fields)


def present() -> dict[str, Any]:
    """What is bound now."""
    return dict(_bound.get() or {})


def told(error: BaseException) -> str:
    """An error in one line, fit to be kept: without the values a database quotes."""
    return redacted(f"{type(error).__name__}: {error}").strip()


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """Everything a line says, redacted: what was bound, what was given as `extra`, the error."""
    said = {**(_bound.get() or {}), **{k: v for k, v in vars(record).items() if k not in _PLAIN}}
    clean = {name: _clean(name, value) for name, value in said.items() if value is not None}
    message = record.getMessage()
    clean["message"] = redacted(message)
    if record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        clean["error"] = type(error).__name__
        clean["trace"] = redacted("".join(traceback.format_exception(error))).rstrip()
    return clean


def _clean(name: str, value: Any) -> Any:
    if SECRET_NAMES.search(name):
        return HIDDEN
    if isinstance(value, int | float):
        return value
    return redacted(str(value))


class JsonFormatter(logging.Formatter):
    """One line, one JSON object: time (UTC), level, logger, message, and what else there is to say."""

    def format(self, record: logging.LogRecord) -> str:
        head = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": "",
        }
        return json.dumps(
            head | fields_of(record) | {k: head[k] for k in ("time", "level", "logger")}, ensure_ascii=False
        )


class TextFormatter(logging.Formatter):
    """A line for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        said = fields_of(record)
        message, trace = said.pop("message"), said.pop("trace", None)
        at = datetime.fromtimestamp(record.created, CHINA)
        more = "".join(f" {name}={value}" for name, value in said.items())
        line = (
            f"{at:%H:%M:%S} {LEVELS.get(record.levelname, record.levelname)} {record.name}  {message}{more}"
        )
        return f"{line}\n{trace}" if trace else line


def install(stream: Any = None) -> logging.Handler:
    """Write this process's logs to a stream (standard error). Done once by every process that serves or works."""
    target = stream or sys.stderr
    terminal = bool(getattr(target, "isatty", lambda: False)())
    wanted = os.environ.get("XQ_LOG") or ("text" if terminal else "json")
    handler = logging.StreamHandler(target)
    handler.setFormatter(TextFormatter() if wanted == "text" else JsonFormatter())
    level = (os.environ.get("XQ_LOG_LEVEL") or ("warning" if wanted == "text" else "info")).upper()
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h.formatter, (JsonFormatter, TextFormatter))]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level if level in LEVELS else "INFO")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.captureWarnings(True)
    return handler
