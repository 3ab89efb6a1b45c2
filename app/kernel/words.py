"""Moments, days and amounts as Chinese pages write them."""

from datetime import date, datetime
from decimal import Decimal

from flask import Flask

from .clock import CHINA


def moment(at: datetime) -> str:
    """A moment as it stands: `2026年6月18日 14:05`."""
    return f"{day(at.date())} {at:%H:%M}"


def china(at: datetime) -> str:
    """A moment in China Standard Time: `2026年6月18日 14:05`."""
    return moment(at.astimezone(CHINA))


def china_day(at: datetime) -> str:
    """The legal day of a moment: `2026年6月18日`."""
    return day(at.astimezone(CHINA).date())


def day(value: date | str) -> str:
    """A day, however it was stored: `2026年6月18日`."""
    found = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{found.year}年{found.month}月{found.day}日"


def amount(value: Decimal | str | float) -> str:
    """An amount of money for the eye: `250,000`, `420.50`."""
    exact = Decimal(str(value))
    return f"{exact:,.0f}" if exact == exact.to_integral_value() else f"{exact:,.2f}"


def size_of(size: int) -> str:
    """A file size to read: `820 KB`, `3.4 MB`."""
    return f"{max(1, round(size / 1024))} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"


def install(app: Flask) -> None:
    """Give every template these filters."""
    app.jinja_env.filters.update(china=china, china_day=china_day, day=day, amount=amount, size_of=size_of)
