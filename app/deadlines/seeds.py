"""The calendar data shipped with the product, read from `data/` with its sources."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from .calendar import Calendar, Kind, default_kind
from .estimation import Estimate, Festivals, estimate

DATA = Path(__file__).parent / "data"
ESTIMATE_SOURCE = "按《全国年节及纪念日放假办法》（2024年修订）推算"


@dataclass(frozen=True, slots=True)
class Day:
    """One day that differs from Monday to Friday, with the notice that says so."""

    date: date
    kind: Kind
    source: str


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8") as file:
        yield from csv.DictReader(line for line in file if not line.startswith("#"))


@cache
def published() -> tuple[Day, ...]:
    """The published days of 2019 to 2026."""
    return tuple(
        Day(date.fromisoformat(row["date"]), Kind(row["kind"]), row["source"])
        for row in _rows("calendar_2019_2026.csv")
    )


@cache
def festivals() -> dict[int, Festivals]:
    """The movable festivals by year."""
    found = {}
    for row in _rows("festivals_2019_2050.csv"):
        days = {name: date.fromisoformat(text) for name, text in row.items() if name != "year"}
        found[int(row["year"])] = Festivals(int(row["year"]), **days)
    return found


@cache
def estimates() -> dict[int, Estimate]:
    """The estimate of every year whose festivals are known."""
    return {year: estimate(days) for year, days in festivals().items()}


def estimated(year: int) -> tuple[Day, ...]:
    """The days of a year that differ from Monday to Friday, as estimated."""
    return tuple(
        Day(day, Kind.REST, ESTIMATE_SOURCE)
        for day in sorted(estimates()[year].rest)
        if default_kind(day) is not Kind.REST
    )


@cache
def shipped_calendar() -> Calendar:
    """The calendar as shipped, without the notices imported later."""
    days = {day.date: day.kind for day in published()}
    official = {day.year for day in days}
    years = range(min(official), max(festivals()) + 1)
    for year in set(years) - official:
        days |= {day.date: day.kind for day in estimated(year)}
    leeways = [leeway for guess in estimates().values() for leeway in guess.leeways]
    return Calendar.build(days, years, official, leeways)
