"""The yearly notice: provisional days before it, difference, import, recomputation, alert."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, select

from app.deadlines import calendars, seeds, service
from app.deadlines.calendar import Kind
from app.deadlines.models import CalendarAlert, CalendarDay, CalendarEdition, Clock, DueChange
from app.kernel.errors import Invalid
from app.kernel.models import Job

from .acts import CASE, actor, only, opened, step, task
from .conftest import PROOF, china

pytestmark = pytest.mark.usefixtures("procedure", "moved")
SOURCE = "国务院办公厅关于2027年部分节假日安排的通知（演示）"


def notice_2027():
    """An invented arrangement in the manner of the real ones (2027 is not published)."""
    rest = {day.date for day in seeds.estimated(2027)} | {date(2027, 2, 11), date(2027, 2, 12)}
    rest |= {date(2027, 10, 6), date(2027, 10, 7)}
    work = {date(2027, 1, 31), date(2027, 2, 20), date(2027, 9, 26), date(2027, 10, 9)}
    return dict.fromkeys(rest, Kind.REST) | dict.fromkeys(work, Kind.WORK)


@pytest.fixture
def seeded(session, at):
    service.seed(session)
    return at


def test_seeding_writes_the_shipped_calendar_once(session, seeded):
    before = session.scalar(select(func.count()).select_from(CalendarDay))
    service.seed(session)
    assert session.scalar(select(func.count()).select_from(CalendarDay)) == before
    loaded, shipped = service.calendar(session), seeds.shipped_calendar()
    assert loaded._working == shipped._working
    assert loaded.leeways == shipped.leeways
    assert loaded.official_until == shipped.official_until == date(2026, 12, 31)
    assert service.calendar(session) is loaded, "cached while nothing is imported"


def test_the_difference_is_shown_before_anything_changes(session, seeded):
    changes = service.preview_notice(session, 2027, notice_2027())
    assert [(c.date, c.before, c.after) for c in changes][:3] == [
        (date(2027, 1, 31), "rest", "work"),
        (date(2027, 2, 11), "work", "rest"),
        (date(2027, 2, 12), "work", "rest"),
    ]
    assert len(changes) == 8
    assert service.calendar(session).official_until == date(2026, 12, 31)


def test_an_import_makes_provisional_days_certain_and_records_both(session, seeded, moved):
    seeded("2026-11-23 10:00")
    opened(session, task("t1", "60wd"))
    opened(session, task("t1", "60wd"), case=8)
    step(session, "evid.preserve", case=9)
    before = service.of_case(session, CASE)[0]
    assert before.provisional
    assert before.due_on == before.earliest_on < before.latest_on
    assert before.due_words.startswith("预计2027年")
    assert not only(session, "preserve", case=9).provisional
    result = service.import_notice(session, 2027, notice_2027(), source=SOURCE, actor=actor())
    after = service.of_case(session, CASE)[0]
    assert not after.provisional
    assert before.earliest_on <= after.due_on <= before.latest_on
    assert after.due_on == service.calendar(session).nth(date(2026, 11, 23), 60)
    assert (result.recomputed, len(result.changes), result.pending) == (2, 8, False)
    edition = session.get(CalendarEdition, result.edition_id)
    assert (edition.source, edition.by, edition.by_name, edition.year) == (SOURCE, 5, "演示·甲", 2027)
    changes = list(session.scalars(select(DueChange)))
    assert {(c.cause, c.edition_id, c.before_provisional, c.after_provisional) for c in changes} == {
        ("calendar", edition.id, True, False)
    }
    assert [e.cause for e in moved] == ["calendar", "calendar"]
    assert service.calendar(session).official_until == date(2027, 12, 31)


def test_a_partys_day_was_the_latest_and_can_only_come_earlier(session, seeded):
    seeded("2027-01-27 10:00")
    step(session, "serve")
    before = only(session, "pay")
    assert (before.provisional, before.due_on) == (True, before.latest_on)
    service.import_notice(session, 2027, notice_2027(), source=SOURCE, actor=actor())
    after = only(session, "pay")
    assert not after.provisional
    assert after.due_on <= before.due_on
    assert after.due_on == date(2027, 2, 15), "11 February is rest in the notice"


def test_suspensions_are_kept_when_a_clock_is_reckoned_anew(session, seeded):
    seeded("2026-12-01 10:00")
    opened(session, task("t1", "30wd"))
    clock_id = service.of_case(session, CASE)[0].id
    suspension = service.suspend(session, clock_id, "testing", "依据", PROOF, date(2026, 12, 1), actor())
    seeded("2026-12-11 10:00")
    service.resume(session, suspension.id, date(2026, 12, 11), actor())
    service.import_notice(session, 2027, notice_2027(), source=SOURCE, actor=actor())
    assert service.of_case(session, CASE)[0].due_on == service.calendar(session).nth(date(2026, 12, 10), 30)


def test_stopped_and_certain_clocks_keep_their_day(session, seeded):
    seeded("2026-11-23 10:00")
    opened(session, task("t1", "45wd"), task("t2", "5wd"))
    step(session, closed=("t1",))
    days = {view.id: view.due_on for view in service.of_case(session, CASE)}
    service.import_notice(session, 2027, notice_2027(), source=SOURCE, actor=actor())
    assert {view.id: view.due_on for view in service.of_case(session, CASE)} == days


def test_many_clocks_are_reckoned_batch_by_batch(session, seeded, monkeypatch):
    from app.deadlines import ledger

    monkeypatch.setattr(ledger, "BATCH", 7)
    seeded("2026-11-23 10:00")
    for case in range(20):
        opened(session, task("t", "45wd"), case=case)
    result = service.import_notice(session, 2027, notice_2027(), source=SOURCE, actor=actor())
    assert (result.recomputed, result.pending) == (7, True)
    done = 0
    while job := session.scalars(select(Job).where(Job.id > done).order_by(Job.id)).first():
        assert job.kind == service.RECOMPUTE
        service.recompute_job(session, job.payload)
        done = job.id
    assert session.get(CalendarEdition, result.edition_id).recomputed == 20
    assert session.scalar(select(func.count()).where(Clock.provisional)) == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({date(2028, 1, 3): Kind.REST}, "notice_year"),
        ({date(2027, 2, 5): Kind.WORK}, None),
        ({date(2027, 2, 6): Kind.WORK}, "notice_festival"),
        ({date(2027, 4, 5): Kind.WORK}, "notice_festival"),
        ({date(2027, 3, 1) + timedelta(k): Kind.REST for k in range(14)}, "notice_implausible"),
    ],
)
def test_an_implausible_notice_is_refused(session, seeded, change, code):
    if code is None:  # 除夕 was a working day before; only the festivals themselves are beyond doubt
        service.preview_notice(session, 2027, notice_2027() | change)
        return
    with pytest.raises(Invalid) as refused:
        service.import_notice(session, 2027, notice_2027() | change, source=SOURCE, actor=actor())
    assert refused.value.code == code


def test_a_day_listed_twice_and_a_year_without_festivals_are_refused(session, seeded):
    rows = [(date(2027, 1, 1), Kind.REST), (date(2027, 1, 1), Kind.WORK)]
    with pytest.raises(Invalid, match="重复"):
        service.preview_notice(session, 2027, rows)
    with pytest.raises(Invalid, match="2051"):
        service.preview_notice(session, 2051, {})


def test_a_notice_may_reach_into_the_december_before(session, seeded):
    rows = notice_2027() | {date(2026, 12, 27): Kind.WORK, date(2026, 12, 31): Kind.REST}
    service.import_notice(session, 2027, rows, source=SOURCE, actor=actor())
    days = service.calendar(session)
    assert days.is_working(date(2026, 12, 27))
    assert not days.is_working(date(2026, 12, 31))
    assert days.is_working(date(2026, 12, 30))


def test_a_region_may_have_days_of_its_own(session, seeded):
    day = date(2026, 3, 25)
    assert calendars._prefix("371000") == "3710"
    before = service.calendar(session, "371002")
    service.import_notice(
        session, 2026, {day: Kind.REST}, source="地方节日（演示）", actor=actor(), region="371000"
    )
    assert before.is_working(day)
    assert not service.calendar(session, "371002").is_working(day)
    assert not service.calendar(session, "371000").is_working(day)
    assert service.calendar(session, "371100").is_working(day)
    assert service.calendar(session, "370400").is_working(day)
    assert service.calendar(session).is_working(day)


@pytest.mark.parametrize(
    ("today", "year"),
    [
        ("2026-11-14", None),
        ("2026-11-15", 2027),
        ("2026-12-31", 2027),
        ("2027-01-01", 2027),
        ("2025-11-20", None),
    ],
)
def test_from_15_november_the_next_year_must_be_known(calendar, today, year):
    assert service.missing_year(calendar, date.fromisoformat(today)) == year


def test_the_alert_is_recorded_daily_and_cleared_by_the_import(session, seeded):
    session.execute(delete(CalendarAlert))  # a worker of another test may have raised it by today's clock
    service.raise_alert(session, china("2026-11-14 09:00"))
    assert service.open_alert(session) is None
    service.raise_alert(session, china("2026-11-15 09:00"))
    service.raise_alert(session, china("2026-11-16 09:00"))
    session.expire_all()
    alert = service.open_alert(session)
    assert (alert.year, alert.first_raised_at, alert.last_raised_at) == (
        2027,
        china("2026-11-15 09:00"),
        china("2026-11-16 09:00"),
    )
    service.import_notice(session, 2027, notice_2027(), source=SOURCE, actor=actor())
    session.expire_all()
    assert service.open_alert(session) is None
    assert session.get(CalendarAlert, 2027).cleared_at is not None
    service.raise_alert(session, china("2026-11-17 09:00"))
    assert service.open_alert(session) is None
