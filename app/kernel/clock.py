"""The one source of the present moment. Pure rooms take moments as arguments and never call this."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
"""Legal days are days in China Standard Time, wherever the server stands."""


_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _told.get() or datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let this thread of control believe it is `moment` (aware): for loading the demo city's past, for trying
    a procedure with a movable date. No request and no worker ever uses it."""
    token = _told.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _told.reset(token)


def today() -> date:
    """The present legal day."""
    return legal_day(now())


def legal_day(moment: datetime) -> date:
    """The legal day on which an aware moment falls."""
    return moment.astimezone(CHINA).date()
