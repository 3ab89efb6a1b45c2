"""A step that approves an extension lengthens the clock by itself, to the day it names and no further than the law."""

from datetime import date

import pytest

from app.deadlines import clocks, service
from app.deadlines.declarations import read_rule
from app.kernel import clock
from app.kernel.errors import Invalid, Refused
from app.kernel.events import CaseNoted, StepCompleted

from .acts import AGENCY, CASE, REGION, only, step
from .conftest import DECISION

RULE = {**DECISION, "lengthened": {"case.extend": "until"}}

pytestmark = pytest.mark.usefixtures("moved")


@pytest.fixture(autouse=True)
def running(session, at, monkeypatch):
    """A clock of ninety days since 2 March: 31 May."""
    monkeypatch.setattr(clocks, "_declarations", lambda key: [RULE])
    monkeypatch.setattr(clocks, "_condition", lambda tree, values: values[tree["field"]] == tree["value"])
    step(session, "file.approve", filing_ok=True)
    assert only(session).due_on == date(2026, 5, 31)
    at("2026-05-20 10:00")


def approved(session, until: str, stance: str = "agree") -> StepCompleted:
    data = {"until": until, "opinion": {"stance": stance, "text": "案情复杂。"}}
    about = (CASE, AGENCY, REGION, clock.now(), 1, "penalty/ordinary", {"attributes": {}})
    event = StepCompleted(*about, actor_name="演示·甲", steps=("case.extend",), data=data)
    service.on_event(session, event)
    return event


@pytest.mark.parametrize("until", ["2026-06-01", "2026-06-15", "2026-06-30"])
def test_the_clock_runs_to_the_day_that_was_approved(session, until):
    event = approved(session, until)
    view = only(session)
    assert view.due_on == date.fromisoformat(until)
    (one,) = view.extensions
    assert (one.basis, one.approved_by_name, one.capped) == (
        DECISION["extension"][0]["basis"],
        "演示·甲",
        True,
    )
    assert [(name, what) for name, what, _ in event.clocked] == [("case.extend", "extend")]


@pytest.mark.parametrize("until", ["2026-07-01", "2027-05-31", "2026-05-31", "2026-05-01"])
def test_no_day_beyond_the_law_and_none_before_the_end(session, until):
    with pytest.raises(Refused) as refused:
        approved(session, until)
    assert refused.value.code == "extension_cap"
    assert "2026年5月31日" in refused.value.message
    assert not only(session).extensions


def test_who_is_against_it_lengthens_nothing(session):
    approved(session, "2026-06-30", "disagree")
    assert only(session).due_on == date(2026, 5, 31)


def test_a_clock_that_has_run_out_is_not_lengthened(session, at):
    at("2026-06-01 09:00")
    with pytest.raises(Refused) as refused:
        approved(session, "2026-06-30")
    assert refused.value.code == "extension_late"


def test_an_approval_that_is_taken_back_never_lengthened(session):
    event = approved(session, "2026-06-30")
    note = CaseNoted(CASE, AGENCY, REGION, clock.now(), 1, "penalty/ordinary", {}, kind="work.return")
    service.take_back(session, note, event.clocked, (), (), {})
    view = only(session)
    assert (view.due_on, view.extended, list(view.extensions)) == (date(2026, 5, 31), "", [])
    approved(session, "2026-06-10")
    assert only(session).due_on == date(2026, 6, 10), "and it may be approved again"


def test_who_lengthens_says_how_far():
    with pytest.raises(Invalid, match="没有写明可以延长多久"):
        read_rule({**{k: v for k, v in RULE.items() if k != "extension"}})
