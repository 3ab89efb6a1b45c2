"""Calendars every test of this room can use, and moments in China."""

import csv
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from app.deadlines import clocks, seeds
from app.deadlines.calendar import Calendar, Kind
from app.kernel.clock import CHINA


def china(text: str) -> datetime:
    """An aware UTC moment from a wall clock in China: `2026-06-18 09:30` (or a day: its noon)."""
    moment = (
        datetime.fromisoformat(text) if " " in text else datetime.combine(date.fromisoformat(text), time(12))
    )
    return moment.replace(tzinfo=CHINA).astimezone(UTC)


@pytest.fixture(autouse=True)
def cases_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clocks here belong to cases that have no row: there is nothing to lock."""
    monkeypatch.setattr(clocks, "_lock_cases", lambda session, case_ids, wait: list(case_ids))


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


NOW = china("2026-03-02 10:00")  # a Monday
PROOF = "ab" * 32


@pytest.fixture
def moved(app, monkeypatch):
    """What the room publishes, in order."""
    from app.kernel import events

    published = []
    take = (lambda session, event: published.append(event),)
    monkeypatch.setattr(events, "_flow", {events.ClockTurned: take, events.ClockMoved: take})
    return published


@pytest.fixture
def at(session):
    """Freeze the clock: `at("2026-03-02 10:00")`; starts at NOW."""
    import time_machine

    with time_machine.travel(NOW, tick=False) as traveller:
        yield lambda text: traveller.move_to(china(text))


DECISION = {
    "id": "decision", "name": "办案期限", "limit": "90d", "basis": "行政处罚法第六十条", "side": "authority",
    "starts": ["file.approve"], "starts_when": {"field": "filing_ok", "op": "eq", "value": True},
    "stops": ["decide.penalty", "decide.nopenalty", "decide.transfer"], "warn": "10d",
    "extension": [
        {"limit": "30d", "times": 1, "approver": "head", "basis": "市场监督管理行政处罚程序规定第六十四条"},
        {"approver": "collective", "basis": "市场监督管理行政处罚程序规定第六十四条"},
    ],
}  # fmt: skip
PAY = {
    "id": "pay", "name": "缴款期限", "limit": "15d", "basis": "行政处罚法第六十七条", "side": "party",
    "starts": ["serve"], "stops": ["pay.collect"], "dates": {"serve": "served_on"},
}  # fmt: skip
KEEP = {
    "id": "preserve", "name": "先行登记保存处理", "limit": "7wd", "basis": "行政处罚法第五十六条",
    "starts": ["evid.preserve"], "stops": ["evid.preserve.decide"],
}  # fmt: skip


@pytest.fixture
def procedure(monkeypatch):
    """A procedure with three statutory clocks, and conditions by a plain function."""
    from app.deadlines import clocks

    monkeypatch.setattr(clocks, "_declarations", lambda key: [DECISION, PAY, KEEP])
    monkeypatch.setattr(clocks, "_condition", lambda tree, values: values[tree["field"]] == tree["value"])
