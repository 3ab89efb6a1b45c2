"""The response period, position limits and statutory clocks of running cases, at the moments of the law."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.audit import service as audit
from app.cases import acts, rules, timers
from app.cases.demo import Drive
from app.cases.models import Case, WorkItem, WorkStatus
from app.deadlines import service as deadlines
from app.kernel import clock, jobs
from app.kernel.errors import Conflict, Refused

from .town import actor, confirm, hand_in, plan_of, waiting

EVE = datetime(2025, 10, 11, 23, 59, tzinfo=clock.CHINA)
OVER = datetime(2025, 10, 12, 0, 0, tzinfo=clock.CHINA)
"""Served on Sunday 28 September 2025 (a working day by notice): working days are 29 and 30 September, then,
after the eight days' holiday, 9 and 10 October and Saturday the 11th, a working day by notice too."""


def china(month: int, day: int, hour: int = 10) -> datetime:
    return datetime(2025, month, day, hour, tzinfo=clock.CHINA)


def serve_notice(case: Drive) -> None:
    """Told on 28 September, entered on the 29th."""
    case.moment = china(9, 29)
    hand_in(case, "notice_serve", "hb-officer1", served_at="2025-09-28T15:00")
    confirm(case, "notice_serve", "hb-officer2")


@pytest.fixture
def told(stage):
    """A case whose party was told on 28 September 2025."""
    case = stage("stone-mill", until="notice_serve")
    serve_notice(case)
    return case


def letter(case: Drive, at: datetime, requests: list[str], **more) -> acts.ActResult:
    case.moment = at
    given = {
        "received_at": at.strftime("%Y-%m-%dT%H:%M"),
        "form": "书面",
        "by": "某建材有限公司",
        "in_time": "yes",
        "requests": requests,
    }
    return hand_in(case, "party_response", "hb-officer1", given=given | more)


def plea(case: Drive, at: datetime) -> acts.ActResult:
    return letter(case, at, ["陈述、申辩"], plea_content="请求从轻。", final="no")


def nodes(case: Drive) -> set[str]:
    found = select(WorkItem.node).where(
        WorkItem.case_id == case.case_id, WorkItem.status.in_((WorkStatus.OPEN, WorkStatus.COSIGN))
    )
    return set(case.session.scalars(found))


def row(case: Drive) -> Case:
    case.session.expire_all()
    return case.session.get_one(Case, case.case_id)


def sweep(case: Drive, at: datetime) -> bool:
    """Run the worker's sweep as of a moment; whether this case moved."""
    before = row(case).state
    with clock.at(at):
        timers.fire_due(case.session, at.astimezone(UTC), 100)
    return row(case).state != before


# the response period


def test_the_period_ends_after_five_working_days_across_a_holiday(told):
    assert row(told).next_due == OVER
    assert nodes(told) == {"party_response"}
    assert not sweep(told, EVE)
    assert nodes(told) == {"party_response"}
    assert sweep(told, OVER)
    assert nodes(told) == {"legal_review"}
    assert not sweep(told, OVER + timedelta(days=3))
    fired = [e for e in audit.of_case(told.session, told.case_id) if e.kind == "timer.fired"]
    assert [(e.at, e.actor_id) for e in fired] == [(OVER, None)]
    message = told.session.scalars(
        select(WorkItem).where(WorkItem.case_id == told.case_id, WorkItem.node == "party_response")
    ).one()
    assert message.status == WorkStatus.LATE


def test_a_second_letter_neither_restarts_the_period_nor_unsays_the_first(told):
    plea(told, china(9, 30))
    assert row(told).next_due == OVER
    assert row(told).attributes["plea_received"] is True
    letter(told, china(10, 10), ["书面表示放弃权利"], waive_content="放弃听证的权利", final="no")
    assert row(told).next_due == OVER
    assert row(told).attributes["plea_received"] is True
    assert not sweep(told, EVE)
    assert sweep(told, OVER)
    assert nodes(told) == {"plea_review"}


def test_a_waiver_of_everything_ends_the_period(told):
    letter(told, china(9, 30), ["书面表示放弃权利"], waive_content="放弃全部权利", final="yes")
    assert nodes(told) == {"legal_review"}
    assert row(told).next_due is None
    assert not sweep(told, OVER)


def test_a_request_for_a_hearing_ends_it_and_stops_the_statutory_clock(told):
    letter(told, china(9, 30), ["要求听证"], hearing_reason="对监测有异议。")
    assert nodes(told) == {"hearing_notice"}
    assert row(told).next_due is None
    with clock.at(china(9, 30)):
        [decision] = [c for c in deadlines.of_case(told.session, told.case_id) if c.key == "decision"]
    assert decision.state == "running"
    told.moment = china(10, 9)
    hand_in(told, "hearing_notice", "hb-hearing", given=hearing(told))
    with clock.at(told.moment):
        [paused] = [c for c in deadlines.of_case(told.session, told.case_id) if c.key == "decision"]
    assert (paused.state, paused.light.word) == ("paused", "暂停")
    assert paused.suspensions[0].from_day == date(2025, 10, 9)


def hearing(case: Drive) -> dict:
    plan = plan_of("road-digger")
    from app.cases import demo_content

    given = demo_content.answers(plan, "penalty_hearing_notice", 0, case.officers, case.moment)
    return given | {"hearing_at": "2025-10-22T09:00"}


def test_a_letter_after_the_period_is_too_late_even_before_the_sweep(told):
    before = row(told).state
    with pytest.raises(Refused) as caught:
        plea(told, OVER + timedelta(hours=9))
    assert caught.value.code == "out_of_time"
    assert row(told).state == before


def test_two_sweeps_at_once_fire_once(town):
    with town.act() as session:
        case = Drive(session, plan_of("stone-mill"))
        case.run("notice_serve")
        serve_notice(case)
        case_id = case.case_id
    barrier, moved = threading.Barrier(2), []

    def worker() -> None:
        with town.act() as session:
            session.connection()
            barrier.wait(30)
            moved.append(timers.fire_due(session, OVER.astimezone(UTC), 100))

    threads = [threading.Thread(target=worker) for _ in "12"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(moved) == [0, 1]
    with town.read() as session:
        assert [e.kind for e in audit.of_case(session, case_id)].count("timer.fired") == 1


def test_a_case_that_cannot_move_holds_up_no_other(stage, monkeypatch):
    good, bad = stage("stone-mill", until="notice_serve"), stage("no-permit", until="party_response")
    serve_notice(good)
    fire = timers.fire

    def failing(session, case_id, at):
        if case_id == bad.case_id:
            raise ValueError("a document cannot be filled in")
        fire(session, case_id, at)

    monkeypatch.setattr(timers, "fire", failing)
    assert sweep(good, OVER)
    assert row(bad).next_due == OVER + timers.PATIENCE
    monkeypatch.undo()
    assert not sweep(bad, OVER + timedelta(minutes=5))
    assert sweep(bad, OVER + timers.PATIENCE)
    assert row(bad).next_due is None


def test_the_sweep_is_the_worker_s():
    assert jobs._registry.sweeps["cases.timers"] is timers.fire_due


# clocks and lights


def clocks(case: Drive, at: datetime) -> dict[str, deadlines.ClockView]:
    with clock.at(at):
        return {c.key or c.name: c for c in deadlines.of_case(case.session, case.case_id)}


def test_a_task_is_due_by_its_position_s_limit(told):
    """送达告知书 2wd, opened on Tuesday 24 June 2025."""
    case = told
    done = case.session.scalars(
        select(WorkItem).where(WorkItem.case_id == case.case_id, WorkItem.node == "notice_serve")
    ).one()
    assert done.due_at == datetime(2025, 6, 27, 0, 0, tzinfo=clock.CHINA)
    found = clocks(case, case.moment)["送达告知书"]
    assert (found.state, found.light.word, found.work_item_id) == ("stopped", "超期", done.id)


def test_the_party_s_fifteen_days_run_from_service_and_roll_past_a_holiday(stage):
    case = stage("stone-mill", until="serve")
    case.moment = china(9, 22)
    hand_in(case, "serve", "hb-officer1", served_at="2025-09-20T10:00")
    confirm(case, "serve", "hb-officer2")
    found = clocks(case, case.moment)
    assert found["serve"].state == "stopped"
    assert (found["pay"].started_on, found["pay"].due_on) == (date(2025, 9, 20), date(2025, 10, 9))
    assert found["decision"].state == "stopped"
    assert nodes(case) == {"publish", "collect"}


def test_lights_turn_by_themselves_and_are_recorded(stage):
    case = stage("stone-mill", until="pre_review")
    due = waiting(case.session, case.case_id, "pre_review").due_at
    turned = []
    for moment in (due - timedelta(days=1), due):
        with clock.at(moment):
            while deadlines.turn_lights(case.session, moment, 500):
                pass
        entries = [e for e in audit.of_case(case.session, case.case_id) if e.kind == "clock.light"]
        turned.append([e.content["light"] for e in entries if e.content["name"] == "业务审核"])
        assert clocks(case, moment)["业务审核"].light.word == ("临期" if moment < due else "超期")
    assert turned == [["warning"], ["warning", "overdue"]]


def test_suspension_and_extension_move_the_task_and_are_recorded(stage):
    case = stage("stone-mill", until="pre_review")
    session, work = case.session, waiting(case.session, case.case_id, "pre_review")
    was, opened = work.due_at, clock.legal_day(work.opened_at)
    found = clocks(case, case.moment)["业务审核"]
    me = actor(session, "hb-deputy")
    with clock.at(work.opened_at):
        pause = deadlines.suspend(session, found.id, "testing", "某办法第一条", "a" * 64, opened, me)
    session.expire_all()
    assert clocks(case, work.opened_at)["业务审核"].state == "paused"
    with clock.at(work.opened_at + timedelta(days=7)):
        deadlines.resume(session, pause.id, opened + timedelta(days=7), me)
    session.expire_all()
    moved = session.get_one(WorkItem, work.id).due_at
    assert moved > was
    decision = clocks(case, case.moment)["decision"]
    with clock.at(case.moment):
        deadlines.extend(session, decision.id, "30d", "案情复杂", actor(session, "hb-head"))
    after = clocks(case, case.moment)["decision"]
    assert after.due_on > decision.due_on
    causes = [e.content["cause"] for e in audit.of_case(session, case.case_id) if e.kind == "clock.due"]
    assert causes == ["suspend", "resume", "extend"]
    seqs = [e.seq for e in audit.of_case(session, case.case_id)]
    assert seqs == list(range(1, len(seqs) + 1))


def test_a_finished_case_leaves_no_clock_running(stage):
    case = stage("shop-front")
    assert not [c.name for c in deadlines.of_case(case.session, case.case_id) if c.state != "stopped"]


# entered after the period


@pytest.fixture
def over(told):
    """The period is over and the case has moved on."""
    assert sweep(told, OVER)
    assert nodes(told) == {"legal_review"}
    told.moment = OVER + timedelta(hours=9)
    return told


def late_letter(case: Drive, received: datetime, requests: list[str], **more) -> acts.ActResult:
    work = case.session.scalars(
        select(WorkItem).where(WorkItem.case_id == case.case_id, WorkItem.node == "party_response")
    ).one()
    given = {"received_at": received.strftime("%Y-%m-%dT%H:%M"), "form": "书面", "by": "某建材有限公司",
             "in_time": "yes", "requests": requests} | more  # fmt: skip
    me = actor(case.session, "hb-officer1")
    with clock.at(case.moment):
        return acts.hand_in(case.session, me, work.id, work.version, case.key(), lambda *_: given)


def met(case: Drive) -> set[str]:
    return set(row(case).monitor.split())


def test_a_hearing_asked_for_in_time_is_entered_the_next_morning(over):
    assert "P08.2" in met(over)
    result = late_letter(over, china(10, 11, 17), ["要求听证"], hearing_reason="对监测有异议。")
    assert result.outcome == "done"
    assert nodes(over) == {"hearing_notice"}
    assert row(over).attributes["hearing_requested"] is True
    assert rules.moments_of(row(over).passed)["plea.received"] == china(10, 11, 17)
    found = clocks(over, over.moment)
    assert found["法制审核"].state == "stopped", "the review that had begun is taken back with its time"
    assert row(over).late is None
    assert "-P08.2" in met(over), "the monitor takes the end of the period back as well"


def test_a_plea_entered_late_leads_to_its_review(over):
    late_letter(over, china(10, 11, 17), ["陈述、申辩"], plea_content="请求从轻。", final="no")
    assert nodes(over) == {"plea_review"}, "the period is over, so nothing else is waited for"
    assert not sweep(over, OVER + timedelta(days=3))


def test_what_came_after_the_period_is_not_entered_late(over):
    before = row(over).state
    with pytest.raises(Refused) as caught:
        late_letter(over, OVER + timedelta(hours=8), ["要求听证"])
    assert caught.value.code == "out_of_time"
    assert (row(over).state, nodes(over)) == (before, {"legal_review"})


def test_once_the_next_step_is_done_nothing_is_entered_late(over):
    over.moment = china(10, 13)
    hand_in(over, "legal_review", "hb-legal")
    with pytest.raises(Conflict):
        late_letter(over, china(10, 11, 17), ["要求听证"])
    assert row(over).late is None
