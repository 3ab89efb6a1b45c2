"""How early an item's adjustment is to be applied for: the working days between application and the day it takes effect."""

from datetime import date

from sqlalchemy.orm import Session

from app.deadlines import service as deadlines
from app.diagrams import service as diagrams
from app.diagrams.rules import Rules

from .room import life


def days(rules: Rules) -> int:
    """How many working days the procedure asks for."""
    return int(rules.params["lead_days"])


def first_day(session: Session, region: str, today: date, lead: int) -> date:
    """The first day that has so many working days before it, from today on."""
    calendar = deadlines.calendar(session, region)
    first = calendar.nth(today, lead)
    while calendar.nth_before(first, lead) < today:
        first = date.fromordinal(first.toordinal() + 1)
    return first


def earliest(session: Session, region: str, today: date) -> date:
    """The first day from which what is applied for today may count, by the procedure in force."""
    return first_day(session, region, today, days(diagrams.current(session, life()["change"]).rules))
