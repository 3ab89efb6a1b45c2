"""The account of a running case: its rule set, what was handed in, the calendar."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from app.deadlines import service as deadlines
from app.diagrams.rules import FOLLOWING, SOURCE
from app.kernel import clock

from .. import context, following
from . import reading
from .reckoning import Account

if TYPE_CHECKING:
    from ..locking import Running


def of(running: "Running", filed: reading.Filed) -> Account | None:
    """The account; None where the procedure keeps none, or nothing is owed yet."""
    rules = running.procedure.rules
    if not rules.claims:
        return None

    def due_on(step: str, term: str) -> date | None:
        passed = running.passed.get(step)
        return None if passed is None else last_day(running, clock.legal_day(passed), term)

    return reading.account_of(rules, filed, due_on, _linked(running))


def _linked(running: "Running") -> reading.Linked:
    """What the cases tied to this one say, as far as its rule set asks."""
    declared = running.procedure.rules
    asked = {each.of for each in declared.receipts} | {each.of for each in declared.instalments}
    asked |= {each.of for each in declared.stops}
    asked |= {FOLLOWING for claim in declared.claims if claim.changed}
    source = following.source(running.session, running.case.id) if SOURCE in asked else None
    later = following.ids(running.session, running.case.id) if FOLLOWING in asked else ()
    (before,) = following.filed(running.session, [source]) if source else ((),)
    return reading.Linked(before, following.filed(running.session, later))


def told(running: "Running", filed: reading.Filed) -> Mapping[str, Any] | None:
    """The account today, as documents, forms and pages say it."""
    account = of(running, filed)
    return reading.told(account, clock.legal_day(running.at)) if account else None


def last_day(running: "Running", start: date, term: str) -> date:
    """The last day of a party's time that an event on `start` set running; that day itself without a term."""
    if not term:
        return start
    due = deadlines.engine_due(running.session, {}, running.case.region_code)
    end = due(term, "", datetime.combine(start, time(), clock.CHINA))
    return clock.legal_day(end - timedelta(microseconds=1))


def filed(
    running: "Running", form: str = "", data: Mapping[str, Any] | None = None
) -> list[tuple[str, Mapping[str, Any]]]:
    """What was handed in and counts, oldest first, with what is being handed in now."""
    handed = context.submissions(running.session, running.case.id)
    found: list[tuple[str, Mapping[str, Any]]] = [(s.form, s.data) for s in handed if s.void_at is None]
    return [*found, (form, data)] if form and data else found
