"""Clocks start and stop with the steps of a case."""

from datetime import UTC, date

import pytest
from sqlalchemy import event

from app.deadlines import clocks, service
from app.deadlines.declarations import read_rule
from app.deadlines.rules import parse_limit
from app.kernel.db import db
from app.kernel.errors import Invalid, Refused

from .acts import CASE, actor, only, opened, step, task
from .conftest import DECISION, KEEP, PAY, PROOF, china

pytestmark = pytest.mark.usefixtures("at", "procedure", "moved")


def states(session):
    return {view.key or view.name: view.state for view in service.of_case(session, CASE)}


def test_an_opened_task_with_a_limit_gets_a_position_clock(session):
    opened(session, task("t1", "5wd", basis="内部规定"), task("t2", ""))
    [view] = service.of_case(session, CASE)
    assert (view.kind, view.name, view.limit, view.basis) == (
        "position",
        "立案审批",
        "5个工作日",
        "内部规定",
    )
    assert view.due_on == date(2026, 3, 9)
    assert view.due_at == china("2026-03-10 00:00")
    assert (view.light.shape, view.light.word) == ("●", "正常")
    assert view.left == "还剩 5 个工作日"
    assert view.due_words == "3月9日（周一）到期"


def test_the_inbox_is_told_the_same_moment(session):
    one = task("t1")
    assert service.due_of(session, one, china("2026-03-02 10:00")).at == china("2026-03-10 00:00")
    assert service.due_of(session, task("t2", ""), china("2026-03-02 10:00")) is None
    opened(session, one, rows={"t1": 41})
    [view] = service.of_case(session, CASE)
    assert (view.work_item_id, view.due_at) == (41, china("2026-03-10 00:00"))


def test_a_position_clock_ends_with_its_task(session, at):
    opened(session, task("t1"), task("t2", "1wd"))
    at("2026-03-04 09:00")
    step(session, "check", closed=("t1", "t2"), opened=(task("t3"),))
    views = {view.limit + view.state: view for view in service.of_case(session, CASE)}
    assert views["5个工作日stopped"].left == "按时办结"
    assert views["1个工作日stopped"].left == "超期办结"
    assert views["1个工作日stopped"].light.word == "超期"
    assert views["5个工作日running"].started_on == date(2026, 3, 4)


def test_a_step_stops_a_clock_where_its_condition_holds(session, at, monkeypatch):
    paid = {"pay.collect": {"field": "paid", "op": "eq", "value": True}}
    court = PAY | {"stops": ["pay.collect", "court.apply"], "stops_when": paid}
    monkeypatch.setattr(clocks, "_declarations", lambda key: [court])
    step(session, "serve", paid=False)
    step(session, "pay.collect", paid=False)
    assert only(session, "pay").state == "running"
    step(session, "pay.collect", paid=True)
    assert only(session, "pay").state == "stopped"
    step(session, "serve", case=CASE + 1, paid=False)
    step(session, "court.apply", case=CASE + 1, paid=False)
    assert only(session, "pay", CASE + 1).state == "stopped"


def test_a_condition_for_a_step_that_does_not_stop_a_clock_is_refused():
    wrong = PAY | {"stops_when": {"serve": {"field": "paid", "op": "eq", "value": True}}}
    with pytest.raises(Invalid, match="不截止的环节：serve"):
        read_rule(wrong)


def test_a_statutory_clock_starts_by_step_and_condition_and_stops_by_step(session, at):
    step(session, "file.approve", filing_ok=False)
    assert states(session) == {}
    step(session, "file.approve", filing_ok=True)
    assert only(session).due_on == date(2026, 5, 31), "90 calendar days, a Sunday does not roll"
    at("2026-05-20 09:00")
    step(session, "file.approve", filing_ok=True)
    assert only(session).started_on == date(2026, 3, 2), "the law's time does not start anew"
    step(session, "decide", "decide.penalty")
    view = only(session)
    assert (view.state, view.stopped_on, view.left) == ("stopped", date(2026, 5, 20), "按时办结")


def test_after_it_stopped_a_step_starts_it_again(session, at):
    step(session, "evid.preserve")
    at("2026-03-05 09:00")
    step(session, "evid.preserve.decide", "evid.preserve")
    both = [(v.state, v.started_on) for v in service.of_case(session, CASE)]
    assert both == [("stopped", date(2026, 3, 2)), ("running", date(2026, 3, 5))]


def test_time_runs_from_the_day_it_happened_not_from_when_it_was_entered(session):
    step(session, "serve", data={"served_on": "2026-02-27"})
    view = only(session, "pay")
    assert view.started_on == date(2026, 2, 27)
    assert view.due_on == date(2026, 3, 16), "14 March is a Saturday: a party's last day rolls"


@pytest.mark.parametrize("wrong", ["2026-03-09", "soon", "", None, 5])
def test_a_day_that_cannot_be_is_not_believed(session, wrong):
    step(session, "serve", data={"served_on": wrong})
    assert only(session, "pay").started_on == date(2026, 3, 2)


def test_an_overdue_event_entered_late_is_red_at_once(session):
    step(session, "serve", data={"served_on": "2026-01-05T09:00:00"})
    assert only(session, "pay").light.word == "超期"


def test_the_end_of_the_procedure_ends_every_clock(session):
    opened(session, task("t1"))
    step(session, "file.approve", filing_ok=True)
    step(session, "archive", finished=True)
    assert set(states(session).values()) == {"stopped"}


def test_clocks_of_another_case_are_left_alone(session):
    step(session, "file.approve", filing_ok=True)
    step(session, "file.approve", filing_ok=True, case=8)
    step(session, "decide.penalty", case=8)
    assert only(session).state == "running"


def test_the_timer_of_the_engine_counts_from_its_anchor(session):
    due = service.engine_due(session, {"notice": china("2026-03-03 16:00")})
    assert due("5wd", "notice", china("2026-03-06 09:00")) == china("2026-03-11 00:00")
    assert due("5wd", "", china("2026-03-06 09:00")) == china("2026-03-14 00:00")
    assert due("24h", "unknown", china("2026-03-06 09:00")) == china("2026-03-07 09:00")
    assert due("5wd", "", china("2026-03-06 09:00")).tzinfo is UTC


HEARD = DECISION | {
    "suspensions": [
        {"cause": "听证", "from": "hear.notice", "to": "hear.report", "basis": "规定第六十四条"},
        {"cause": "检测检验检疫鉴定", "basis": "规定第六十四条"},
    ]
}


def test_a_stretch_the_procedure_declares_does_not_count(session, at, moved, monkeypatch):
    monkeypatch.setattr(clocks, "_declarations", lambda key: [HEARD])
    step(session, "file.approve", filing_ok=True)
    at("2026-03-10 09:00")
    step(session, "hear.notice")
    view = only(session)
    assert (view.state, view.light.word) == ("paused", "暂停")
    at("2026-03-18 09:00")
    step(session, "hear.hold")
    step(session, "hear.notice")
    at("2026-03-24 09:00")
    step(session, "hear.report")
    view = only(session)
    assert (view.state, view.due_on, view.excluded_days) == ("running", date(2026, 6, 14), 14)
    [suspension] = view.suspensions
    assert (suspension.cause, suspension.basis, suspension.step) == (
        "hearing",
        "规定第六十四条",
        "hear.notice",
    )
    assert [e.cause for e in moved] == ["suspend", "resume"]


def test_the_end_of_a_declared_stretch_leaves_another_cause_running(session, at, moved, monkeypatch):
    monkeypatch.setattr(clocks, "_declarations", lambda key: [HEARD])
    step(session, "file.approve", filing_ok=True)
    step(session, "hear.notice")
    clock_id = only(session).id
    test = service.suspend(session, clock_id, "testing", "", PROOF, date(2026, 3, 2), actor())
    assert test.basis == "规定第六十四条", "the declared basis where none is given"
    with pytest.raises(Refused, match="没有这一暂停情形"):
        service.suspend(session, clock_id, "stay", "某规定", PROOF, date(2026, 3, 2), actor())
    at("2026-03-12 09:00")
    step(session, "hear.report")
    assert only(session).state == "paused"
    service.resume(session, test.id, date(2026, 3, 12), actor())
    view = only(session)
    assert (view.state, view.due_on, view.excluded_days) == ("running", date(2026, 6, 9), 9), (
        "3 to 11 March: the day of the event would not have counted anyway"
    )


def test_a_step_costs_few_statements(session):
    step(session, "file.approve", filing_ok=True, opened=(task("t1"),))
    statements = []

    def count(*args):
        statements.append(args[2])

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        step(session, "evid.preserve", closed=("t1",), opened=(task("t2"), task("t3")))
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    assert len(statements) <= 6, statements


def test_a_declaration_is_read_and_kept(session):
    rule = read_rule(DECISION)
    assert rule.limit == parse_limit("90d")
    assert [stage.approver for stage in rule.stages] == ["head", "collective"]
    assert rule.stages[1].limit is None
    assert read_rule(KEEP).stages == ()
    assert rule.stored()["warn"] == "10d"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"limit": "ninety"}, "写法不对"),
        ({"basis": ""}, "没有写明法律依据"),
        ({"starts": []}, "由哪个环节起算"),
        ({"strats": ["x"]}, "不认识的内容"),
        ({"side": "both"}, "写法不对"),
        ({"suspensions": ["weather"]}, "没有“weather”这种暂停情形"),
        ({"suspensions": [{"cause": "听证", "from": "hear.notice"}]}, "起止环节"),
        ({"extension": {"limit": "3x"}}, "写法不对"),
    ],
)
def test_a_bad_declaration_is_refused_in_words(session, change, words):
    with pytest.raises(Invalid, match=words):
        read_rule(PAY | change)
