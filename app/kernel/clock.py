"""The one source of the present moment. Pure rooms take moments as arguments and never call this."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
"""Legal days are days in China Standard Time, wherever the server stands."""


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The present legal day."""
    return legal_day(now())


def legal_day(moment: datetime) -> date:
    """The legal day on which an aware moment falls."""
    return moment.astimezone(CHINA).date()
