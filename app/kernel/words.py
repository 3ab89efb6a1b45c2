"""Moments and days as Chinese pages write them."""

from datetime import date, datetime

from flask import Flask

from .clock import CHINA


def china(moment: datetime) -> str:
    """A moment in China Standard Time: `2026-06-18 14:05`."""
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"


def china_day(moment: datetime) -> str:
    """The legal day of a moment: `2026-06-18`."""
    return f"{moment.astimezone(CHINA):%Y-%m-%d}"


def day(value: date | str) -> str:
    """A day, however it was stored: `2026-06-18`."""
    return value if isinstance(value, str) else value.isoformat()


def install(app: Flask) -> None:
    """Give every template these filters."""
    app.jinja_env.filters.update(china=china, china_day=china_day, day=day)
