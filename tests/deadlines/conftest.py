"""Calendars every test of this room can use, and moments in China."""

import csv
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from app.deadlines import seeds
from app.deadlines.calendar import Calendar, Kind
from app.kernel.clock import CHINA


def china(text: str) -> datetime:
    """An aware UTC moment from a wall clock in China: `2026-06-18 09:30` (or a day: its noon)."""
    moment = (
        datetime.fromisoformat(text) if " " in text else datetime.combine(date.fromisoformat(text), time(12))
    )
    return moment.replace(tzinfo=CHINA).astimezone(UTC)


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    """Published 2019 to 2026, estimated to 2050."""
    return seeds.shipped_calendar()


class Naive:
    """Day-by-day counting, written to be obviously right."""

    def __init__(self, rest_or_work):
        self.kind = rest_or_work

    def works(self, day: date) -> bool:
        return self.kind.get(day, Kind.REST if day.weekday() >= 5 else Kind.WORK) is Kind.WORK

    def nth(self, day: date, n: int, suspended=frozenset(), working=True) -> date:
        while n:
            day += timedelta(1)
            if day not in suspended and (not working or self.works(day)):
                n -= 1
        return day


@pytest.fixture(scope="session")
def naive() -> Naive:
    lines = Path(seeds.DATA / "calendar_2019_2026.csv").read_text().splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return Naive({date.fromisoformat(row["date"]): Kind(row["kind"]) for row in rows})
