"""Clocks of acts that are taken back: they stand as if nothing had been done, and the law's time never starts anew."""

from datetime import date

import pytest

from app.deadlines import clocks, service
from app.kernel import clock
from app.kernel.events import CaseNoted, StepCompleted

from .acts import AGENCY, CASE, REGION, actor, only, task
from .conftest import DECISION, PROOF

pytestmark = pytest.mark.usefixtures("procedure", "moved")


def passed(session, *steps, opened=(), closed=(), **attributes):
    """A step, and what the clocks did because of it."""
    event = StepCompleted(
        CASE, AGENCY, REGION, clock.now(), 1, "penalty/ordinary", {"attributes": attributes},
        steps=steps, opened=opened, closed=closed,
    )  # fmt: skip
    service.on_event(session, event)
    return event.clocked


def back(session, did, closed=(), opened=()):
    event = CaseNoted(CASE, AGENCY, REGION, clock.now(), 1, "penalty/ordinary", {}, kind="work.return")
    return service.take_back(session, event, did, closed, opened, {})


@pytest.fixture
def filed(session, at):
    at("2026-03-02 10:00")
    return passed(session, "file.approve", filing_ok=True)


def test_what_a_voided_step_started_is_void(session, filed, at):
    at("2026-03-05 10:00")
    assert back(session, filed) == ["“办案期限”计时作废"]
    view = only(session)
    assert (view.state, view.left, view.light.word) == ("void", "已作废（退回）", "正常")
    at("2026-12-01 10:00")
    assert service.turn_lights(session, clock.now(), 10) == 0
    at("2026-03-09 10:00")
    passed(session, "file.approve", filing_ok=True)
    assert [v.state for v in service.of_case(session, CASE)] == ["void", "running"]


def test_what_a_voided_step_ended_runs_on_from_its_first_day(session, filed, at):
    before = only(session)
    at("2026-05-20 10:00")
    did = passed(session, "decide.penalty")
    assert only(session).state == "stopped"
    at("2026-05-26 10:00")
    assert back(session, did[:1]) == ["“办案期限”恢复计时，仍从原起算日计算"]
    view = only(session)
    assert (view.state, view.started_on, view.due_on) == ("running", before.started_on, before.due_on)
    assert view.light.word == "临期", "ten days before the end, counted from the first day"


def test_a_clock_that_ran_out_meanwhile_is_overdue_at_once(session, filed, at):
    at("2026-05-20 10:00")
    did = passed(session, "decide.penalty")
    at("2026-07-01 10:00")
    back(session, did[:1])
    assert (only(session).state, only(session).light.word) == ("running", "超期")


def test_an_extension_and_a_pause_stay_with_the_clock(session, filed, at):
    at("2026-03-10 09:00")
    held = service.suspend(session, only(session).id, "testing", "规章", PROOF, date(2026, 3, 10), actor())
    at("2026-03-20 09:00")
    service.resume(session, held.id, date(2026, 3, 20), actor())
    service.extend(session, only(session).id, "30d", "案情复杂", actor("head"))
    due = only(session).due_on
    at("2026-05-20 10:00")
    did = passed(session, "decide.penalty")
    back(session, did[:1])
    view = only(session)
    assert (view.state, view.due_on, view.excluded_days, view.extended) == ("running", due, 10, "30日")


def test_what_was_paused_when_it_ended_is_paused_again(session, filed, at):
    at("2026-03-10 09:00")
    service.suspend(session, only(session).id, "testing", "规章", PROOF, date(2026, 3, 10), actor())
    at("2026-05-20 10:00")
    did = passed(session, "decide.penalty")
    assert only(session).suspensions[0].until_day == date(2026, 5, 20)
    at("2026-05-22 10:00")
    back(session, did[:1])
    view = only(session)
    assert (view.state, view.light.word, view.suspensions[0].until_day) == ("paused", "暂停", None)


def test_pauses_of_voided_steps_are_undone_likewise(session, at, monkeypatch):
    pauses = {"cause": "听证", "from": "hear.notice", "to": "hear.report", "basis": "规定第六十四条"}
    monkeypatch.setattr(clocks, "_declarations", lambda key: [{**DECISION, "suspensions": [pauses]}])
    at("2026-03-02 10:00")
    passed(session, "file.approve", filing_ok=True)
    at("2026-04-01 10:00")
    begun = passed(session, "hear.notice")
    assert only(session).state == "paused"
    at("2026-04-03 10:00")
    back(session, begun)
    view = only(session)
    assert (view.state, view.excluded_days, view.due_on) == ("running", 0, date(2026, 5, 31))

    at("2026-04-07 10:00")
    passed(session, "hear.notice")
    at("2026-04-20 10:00")
    ended = passed(session, "hear.report")
    assert only(session).state == "running"
    at("2026-04-22 10:00")
    back(session, ended)
    assert only(session).state == "paused"


def test_the_clock_of_a_returned_task_starts_anew(session, at):
    at("2026-03-02 10:00")
    passed(session, "x", opened=(task("7"),))
    at("2026-03-04 10:00")
    back(session, [], closed=["7"], opened=[task("9")])
    old, new = service.of_case(session, CASE)
    assert (old.state, new.state, new.started_on) == ("void", "running", date(2026, 3, 4))
