"""Lights: when they turn, that each turns once whoever turns it, and the words beside them."""

import importlib
import threading
import time
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import event, func, select, text, update

from app.deadlines import clocks, lights, service
from app.deadlines import rules as counting
from app.deadlines.models import Clock
from app.kernel import clock as kernel_clock
from app.kernel import events, worker
from app.kernel.db import db
from app.kernel.transaction import transaction

from .acts import AGENCY, CASE, REGION, only, opened, step, task
from .conftest import NOW, china


def warned(calendar, limit, start, warn=None, side=counting.Side.AUTHORITY):
    parsed = counting.parse_limit(limit)
    due = counting.due(parsed, china(start), calendar, side)
    return lights.warn_at(parsed, china(start), due, calendar, counting.parse_limit(warn) if warn else None)


@pytest.mark.parametrize(
    ("limit", "start", "warn", "turns", "why"),
    [
        ("1wd", "2026-03-02 10:00", None, "2026-03-03 00:00", "not in its first half: the last day"),
        ("5wd", "2026-03-02 10:00", None, "2026-03-05 00:00", "two are left after Thursday"),
        ("23wd", "2026-03-02 10:00", None, "2026-03-27 00:00", "the last fifth comes before two days"),
        ("90d", "2026-03-02 10:00", None, "2026-05-13 00:00", "the last fifth"),
        ("90d", "2026-03-02 10:00", "10d", "2026-05-21 00:00", "as declared"),
        ("7wd", "2026-03-02 10:00", "2wd", "2026-03-09 00:00", "as declared: Tuesday and Wednesday are left"),
        ("24h", "2026-03-02 10:00", None, "2026-03-03 05:12", "hours turn at the minute"),
        ("24h", "2026-03-02 10:00", "2h", "2026-03-03 08:00", "as declared"),
        ("2y", "2026-03-02 10:00", "1m", "2028-02-02 00:00", "as declared"),
        ("50y", "2026-03-02 10:00", None, "2066-03-02 00:00", "beyond every calendar: the last fifth"),
    ],
)
def test_when_a_light_turns_yellow(calendar, limit, start, warn, turns, why):
    assert abs(warned(calendar, limit, start, warn) - china(turns)) <= timedelta(days=limit == "50y"), why


def test_a_short_limit_does_not_start_yellow(calendar):
    for n in range(1, 30):
        for day in range(60):
            start = NOW + timedelta(days=day)
            limit = counting.Limit(n, counting.Unit.WORKING_DAYS)
            due = counting.due(limit, start, calendar)
            assert lights.warn_at(limit, start, due, calendar) > start


def test_the_light_follows_the_moment():
    warn, due = china("2026-03-05 00:00"), china("2026-03-10 00:00")
    second = timedelta(seconds=1)
    turn = lights.turn
    assert turn(warn - second, warn, due) == ("normal", warn)
    assert turn(warn, warn, due) == ("warning", due)
    assert turn(due - second, warn, due) == ("warning", due)
    assert turn(due, warn, due) == ("overdue", None)


@pytest.mark.parametrize(
    ("now", "left"),
    [
        ("2026-03-02 10:00", "还剩 5 个工作日"),
        ("2026-03-07 10:00", "还剩 1 个工作日"),
        ("2026-03-09 23:59", "今日到期"),
        ("2026-03-10 00:00", "已超期 1 个工作日"),
        ("2026-03-14 00:00", "已超期 4 个工作日"),
    ],
)
def test_what_is_left_in_working_days(calendar, now, left):
    limit = counting.parse_limit("5wd")
    due = counting.due(limit, NOW, calendar)
    assert lights.left_words(limit.unit, due, china(now), calendar) == left


def test_what_is_left_in_days_and_hours(calendar):
    limit = counting.parse_limit("15d")
    due = counting.due(limit, NOW, calendar)
    assert lights.left_words(limit.unit, due, NOW, calendar) == "还剩 15 日"
    assert lights.left_words(limit.unit, due, china("2026-03-20"), calendar) == "已超期 3 日"
    limit = counting.parse_limit("24h")
    due = counting.due(limit, NOW, calendar)
    words = [
        lights.left_words(limit.unit, due, NOW + timedelta(minutes=m), calendar)
        for m in (0, 1410, 1440, 1560)
    ]
    assert words == ["还剩 24 小时", "还剩 30 分钟", "已超期", "已超期 2 小时"]


def test_the_words_of_a_due_day(calendar):
    def words(limit, start, side=counting.Side.AUTHORITY):
        due = counting.due(counting.parse_limit(limit), china(start), calendar, side)
        return lights.due_words(due, china(start))

    assert words("5wd", "2026-06-10") == "6月17日（周三）到期"
    assert words("90d", "2026-11-10") == "2027年2月8日（周一）到期"
    assert words("20wd", "2027-01-18").startswith("预计2月")
    assert "之间到期（放假安排尚未公布）" in words("20wd", "2027-01-18")
    assert words("5wd", "2027-03-01") == "预计3月8日（周一）到期（放假安排尚未公布）"


@pytest.mark.requirement("S0-23")
def test_the_sweep_turns_what_is_due_and_says_so(session, at, procedure, moved):
    opened(session, task("t1", "5wd"), rows={"t1": 41})
    step(session, "file.approve", filing_ok=True)
    assert service.turn_lights(session, kernel_clock.now(), 100) == 0
    at("2026-03-05 00:00")
    assert service.of_case(session, CASE)[1].light.word == "临期", "right also before the sweep"
    assert service.turn_lights(session, kernel_clock.now(), 100) == 1
    assert service.turn_lights(session, kernel_clock.now(), 100) == 0
    at("2026-03-10 00:00")
    assert service.turn_lights(session, kernel_clock.now(), 100) == 1
    assert [(e.light, e.work_item_id, e.case_id) for e in moved] == [("warning", 41, 7), ("overdue", 41, 7)]
    at("2026-07-01 00:00")
    assert service.turn_lights(session, kernel_clock.now(), 100) == 1
    assert moved[-1].light == "overdue", "after a long night it turns straight to red"
    session.expire_all()
    assert session.scalar(select(func.count()).where(Clock.next_light_at.is_not(None))) == 0
    assert only(session).light.word == "超期"


def test_a_subscriber_that_fails_holds_up_no_other_light_and_is_asked_again(session, at, monkeypatch):
    seen = []

    def stubborn(session, turned):
        if turned.case_id == 8 and "refused" not in seen:
            seen.append("refused")
            raise ValueError("locked")
        seen.append(turned.case_id)

    monkeypatch.setattr(events, "_flow", {events.ClockTurned: (stubborn,)})
    for case in (7, 8, 9):
        opened(session, task("t"), case=case)
    at("2026-03-05 00:00")
    assert service.turn_lights(session, kernel_clock.now(), 100) == 3
    # 7 is told of once more: what the failed batch had written was undone
    assert seen == [7, "refused", 7, 9]
    at("2026-03-05 00:10")
    service.turn_lights(session, kernel_clock.now(), 100)
    assert seen == [7, "refused", 7, 9, 8]


def test_a_case_somebody_works_on_is_left_for_the_next_tick(session, at, moved, monkeypatch):
    asked = []

    def lock(session, case_ids, wait):
        asked.append((list(case_ids), wait))
        return {case_id for case_id in case_ids if case_id != 8}

    monkeypatch.setattr(clocks, "_lock_cases", lock)
    for case in (9, 8, 7):
        opened(session, task("t"), case=case)
    at("2026-03-05 00:00")
    assert service.turn_lights(session, kernel_clock.now(), 100) == 2
    assert asked == [([7, 8, 9], False)]
    assert sorted(turned.case_id for turned in moved) == [7, 9]


def running(case: int) -> Clock:
    return Clock(
        case_id=case, agency_id=AGENCY, region_code=REGION, kind="position", name="岗位", side="authority",
        task_id="t", limit_text="5wd", started_at=NOW, due_at=NOW + timedelta(days=7),
        due_on=date(2026, 3, 9), earliest_on=date(2026, 3, 9), latest_on=date(2026, 3, 9), light="normal",
        state="running", next_light_at=NOW + timedelta(days=3),
    )  # fmt: skip


@pytest.fixture
def five_hundred(app):
    """Committed clocks: two connections must see them."""
    with app.app_context():
        with transaction() as session:
            session.add_all(running(case) for case in range(500))
        yield
        with transaction() as session:
            session.execute(text("truncate clock, suspension, extension, due_change, job, periodic_run"))
        db.session.remove()


def test_two_sweepers_turn_each_light_once(app, five_hundred, monkeypatch):
    turned, meet = [], threading.Barrier(2, timeout=20)
    monkeypatch.setattr(events, "_flow", {events.ClockTurned: (lambda s, e: turned.append(e.clock_id),)})
    met = []

    def sweep():
        with app.app_context():
            while True:
                with transaction() as session:
                    n = service.turn_lights(session, NOW + timedelta(days=4), 50)
                    if threading.get_ident() not in met:  # both hold a batch at the same time
                        met.append(threading.get_ident())
                        meet.wait()
                if not n:
                    break
            db.session.remove()

    threads = [threading.Thread(target=sweep) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(turned) == 500
    assert len(set(turned)) == 500


def test_the_worker_turns_lights_and_watches_the_calendar(app, five_hundred, monkeypatch):
    turned = []
    monkeypatch.setattr(events, "_flow", {events.ClockTurned: (lambda s, e: turned.append(e.clock_id),)})
    importlib.import_module("app.deadlines.jobs")
    with time_machine.travel(NOW + timedelta(days=4), tick=False):
        worker.tick(app)
    assert len(set(turned)) == len(turned) == 500
    names = set(db.session.scalars(text("select name from periodic_run")))
    assert "deadlines.calendar_alert" in names


def test_an_idle_sweep_costs_next_to_nothing(app, five_hundred, record_property):
    statements = []
    with transaction() as session:
        session.execute(update(Clock).values(next_light_at=NOW + timedelta(days=40)))
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    spent = []
    for _ in range(30):
        begun = time.perf_counter()
        with transaction() as session:
            assert service.turn_lights(session, NOW, 100) == 0
        spent.append((time.perf_counter() - begun) * 1000)
    median = sorted(spent)[15]
    record_property("idle_light_sweep_ms", round(median, 2))
    print(f"idle light sweep: {median:.2f} ms")
    assert len(statements) == 30
    assert median < 30


def test_many_hours_are_told_in_days(calendar):
    due = counting.due(counting.parse_limit("24h"), china("2026-03-02 10:00"), calendar)
    assert (
        lights.left_words(counting.Unit.HOURS, due, china("2026-03-06 09:00"), calendar) == "已超期 71 小时"
    )
    assert lights.left_words(counting.Unit.HOURS, due, china("2026-03-06 10:00"), calendar) == "已超期 3 日"
