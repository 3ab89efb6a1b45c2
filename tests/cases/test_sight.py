"""What many cases tell of their procedure: numbers within one's own scope, and never about a few."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from app.cases import sight
from app.cases.demo import Drive
from app.cases.models import Case, SightSnapshot, Submission, WorkItem
from app.catalogue.models import ItemVersion, PowerItem
from app.diagrams import service as diagrams
from app.forms.service import load
from app.kernel import clock
from app.kernel.errors import Forbidden, Invalid

from .moving_town import AGENCY, run
from .town import Town, actor, plan_of

PERIOD = (date(2025, 1, 1), date(2026, 12, 31))


@pytest.fixture(scope="module")
def version(town: Town) -> int:
    """Six cases of one agency and two of another, driven to the legal review."""
    with town.act() as session:
        for _ in range(6):
            Drive(session, plan_of("stone-mill")).run("legal_review")
        for _ in range(2):
            Drive(session, plan_of("stale-sweets")).run("check")
        return diagrams.current(session, "penalty/ordinary").id


def look(town: Town, login: str, version: int, **asked) -> Mapping[str, sight.Step]:
    with town.act() as session:
        given = {"since": PERIOD[0], "until": PERIOD[1]} | asked
        found = sight.sight(session, sight.filter_of(session, actor(session, login), version, **given))
        assert found is not None
        return {step.node: step for step in found.steps}


def set_times(town: Town, node: str, opened, claimed, done) -> None:
    """Let the tasks of a node have taken this long."""
    with town.act() as session:
        chosen = update(WorkItem).where(WorkItem.node == node, WorkItem.status == "done")
        session.execute(chosen.values(opened_at=opened, claimed_at=claimed, done_at=done))


def china(*parts: int):
    from datetime import datetime

    return datetime(*parts, tzinfo=clock.CHINA)


def test_durations_waiting_and_working_time(town: Town, version: int):
    # Friday 12:00, taken on Saturday, done on Tuesday 12:00: a weekend lies between
    set_times(town, "pre_review", china(2025, 6, 6, 12), china(2025, 6, 9, 12), china(2025, 6, 10, 12))
    step = look(town, "sf-analyst", version)["pre_review"]
    assert (step.done, step.cases, step.again) == (6, 6, 0)
    assert (step.median, step.waited, step.worked) == pytest.approx((2, 1, 1))
    days = look(town, "sf-analyst", version, working=False)["pre_review"]
    assert (days.median, days.ninetieth, days.waited, days.worked) == pytest.approx((4, 4, 3, 1))


def test_a_task_that_came_by_itself_waited_for_nobody(town: Town, version: int):
    set_times(town, "file_review", china(2025, 6, 9, 12), None, china(2025, 6, 10, 12))
    step = look(town, "sf-analyst", version)["file_review"]
    assert (step.median, step.waited, step.worked) == pytest.approx((1, 0, 1))


def test_done_again_counts_as_rework(town: Town, version: int):
    with town.act() as session:
        one = session.scalars(select(WorkItem).where(WorkItem.node == "investigate").limit(1)).one()
        fields = ("case_id", "agency_id", "node", "name", "kind", "step", "form", "position_key", "status")
        kept = {name: getattr(one, name) for name in fields}
        again = WorkItem(
            **kept, task_id="again", opened_at=one.opened_at, done_at=one.done_at, done_by=one.done_by
        )
        session.add(again)
    step = look(town, "sf-analyst", version)["investigate"]
    assert (step.done, step.cases, step.again, step.again_cases) == (7, 6, 1, 1)
    with town.act() as session:
        session.delete(session.scalars(select(WorkItem).where(WorkItem.task_id == "again")).one())


@pytest.mark.requirement("S4-36")
def test_each_item_tells_its_steps_its_rework_and_its_blanks(town: Town, version: int):
    with town.act() as session:
        ours = session.scalar(select(Case.item_id).where(Case.title.like("%建材%")).limit(1))
        code = session.get_one(PowerItem, ours).code
        tasks = select(WorkItem).join(Case, Case.id == WorkItem.case_id).where(Case.item_id == ours)
        done = session.scalars(tasks.where(WorkItem.kind == "user", WorkItem.status == "done")).all()
        first = next(work for work in done if work.node == "investigate")
        fields = ("case_id", "agency_id", "node", "name", "kind", "step", "form", "position_key", "status", "opened_at",
                  "done_at", "done_by")  # fmt: skip
        session.add(WorkItem(**{name: getattr(first, name) for name in fields}, task_id="again"))
        handed = session.scalars(
            select(Submission).join(Case, Case.id == Submission.case_id).where(Case.item_id == ours)
        ).all()
        forms = diagrams.procedure(session, version).forms
        asked = blank = 0
        for one in handed:
            form = load(forms[one.form])
            shown = {item.key for item in form.keyed()} - form.hidden(one.data)
            asked += len(shown)
            blank += sum(one.data.get(name) in (None, "", [], {}) for name in shown)
        count = len(done) + 1
    with town.act() as session:
        head = actor(session, "hb-head")
        found = sight.sight(session, sight.filter_of(session, head, version, None, *PERIOD))
        (row,) = [each for each in found.items if each.code == code]
        session.delete(session.scalars(select(WorkItem).where(WorkItem.task_id == "again")).one())
    assert (row.cases, row.steps, row.again) == (6, pytest.approx(count / 6), pytest.approx(1 / count))
    assert 0 < row.blank < 1
    assert row.blank == pytest.approx(blank / asked)
    page = town.caller("hb-head").get(f"/studio/sight?version={version}&since=2025-01-01&until=2026-12-31")
    told = page.get_data(as_text=True)
    for words in ("平均步数", "回退率", "空项率", f"{blank / asked * 100:.1f}%"):
        assert words in told


@pytest.mark.requirement("S0-22")
def test_the_page_tells_how_late_each_agency_enters_what_happened(town: Town, version: int):
    """From the moment stated of an event (served, received) to the entry of it, over all entries of the six cases."""
    with town.act() as session:
        stated = sorted(diagrams.procedure(session, version).rules.moments)
        rows = session.execute(
            select(WorkItem.step, WorkItem.done_at, Case.passed)
            .join(Case, Case.id == WorkItem.case_id)
            .where(Case.procedure_id == version, WorkItem.step.in_(stated), WorkItem.status == "done")
        ).all()
        lags = [(at.timestamp() - passed[step] / 1_000_000) / 3600 for step, at, passed in rows]
        expected = sum(lags) / len(lags)
        assert expected > 0
        found = sight.sight(
            session, sight.filter_of(session, actor(session, "sf-super"), version, None, *PERIOD)
        )
        (row,) = found.lags
        assert (row.agency, row.cases, row.entries) == ("枣庄市生态环境局", 6, len(lags))
        assert row.hours == pytest.approx(expected)
    page = town.caller("sf-super").get(f"/studio/sight?version={version}&since=2025-01-01&until=2026-12-31")
    told = page.get_data(as_text=True)
    assert "平均录入时差" in told
    assert f"{expected:.1f} 小时" in told


def test_a_few_cases_are_not_described(town: Town, version: int):
    with town.read() as session:
        other = session.scalar(select(Case.agency_id).where(Case.title.like("%保质期%")).limit(1))
    found = look(town, "sf-analyst", version, agency_id=other)["register"]
    assert found.cases == 2
    assert (found.median, found.ninetieth, found.waited, found.worked, found.again) == (None,) * 5
    assert look(town, "sf-analyst", version)["register"].median is not None


def test_the_period_and_what_stands_now(town: Town, version: int):
    assert look(town, "sf-analyst", version)["legal_review"].standing == 6
    long_ago = look(town, "sf-analyst", version, since=date(2020, 1, 1), until=date(2020, 12, 31))
    assert {step.done for step in long_ago.values()} == {0}


def test_everybody_sees_the_own_scope(town: Town, version: int):
    with town.read() as session:
        hb = actor(session, "hb-head").agency_id
        sj = actor(session, "sj-head").agency_id
        everywhere = {number for number, _ in sight.agencies(session, actor(session, "sf-analyst"))}
        assert {hb, sj} <= everywhere
        assert [n for n, _ in sight.agencies(session, actor(session, "hb-head"))] == [hb]
        for login in ("hb-officer1", "sf-admin", "hb-legal"):
            with pytest.raises(Forbidden):
                sight.agencies(session, actor(session, login))
        with pytest.raises(Invalid, match="修改"):
            sight.filter_of(session, actor(session, "hb-head"), version, agency_id=sj)
        with pytest.raises(Invalid):
            sight.filter_of(session, actor(session, "hb-head"), version, since=PERIOD[1], until=PERIOD[0])
    assert look(town, "hb-head", version)["register"].cases == 6
    assert look(town, "sf-super", version)["register"].cases == 8
    assert look(town, "szhb-head", version)["register"].cases == 0


def test_only_heads_are_led_to_cases(town: Town, version: int):
    with town.read() as session:
        head, analyst = actor(session, "hb-head"), actor(session, "sf-analyst")
        asked = sight.filter_of(session, head, version, None, *PERIOD)
        assert len(sight.slowest(session, head, asked, "pre_review")) == 6
        assert sight.slowest(session, analyst, asked, "pre_review") == []
        everywhere = sight.filter_of(session, analyst, version, None, *PERIOD)
        assert sight.slowest(session, head, everywhere, "pre_review") == []


def test_many_cases_are_worked_out_by_a_job_and_kept(town: Town, version: int, monkeypatch):
    monkeypatch.setattr(sight, "AT_ONCE", 3)
    with town.act() as session:
        asked = sight.filter_of(session, actor(session, "sf-analyst"), version, None, *PERIOD)
        assert sight.sight(session, asked) is None
        assert sight.sight(session, asked) is None, "asked for once"
    run(town)
    first = look(town, "sf-analyst", version)
    assert first["register"].cases == 8
    with town.act() as session:
        kept = session.get_one(SightSnapshot, asked.key)
        kept.result = {**kept.result, "opened": 99}
        found = sight.sight(session, asked)
        assert found is not None
        assert found.opened == 99, "shown as it was worked out"
        sight.forget(session, clock.now() + timedelta(days=61))
        assert session.get(SightSnapshot, asked.key) is None
    assert AGENCY


@pytest.mark.requirement("S3-16", part="试运行办件不计入统计")
def test_trial_operation_is_no_statistics(town: Town, version: int):
    """What was opened while the item was on trial is left out, also when the item has left it since."""
    before = look(town, "sf-super", version)
    with town.act() as session:
        item = session.scalars(
            select(Case.item_id).where(Case.procedure_id == version).order_by(Case.id)
        ).first()
        agencies = select(Case.agency_id).where(Case.item_id == item)
        left = session.scalar(select(func.count()).where(Case.item_id == item).select_from(Case))
        session.execute(update(ItemVersion).where(ItemVersion.item_id == item).values(trial=True))
        assert session.scalars(agencies).first()
    try:
        after = look(town, "sf-super", version)
    finally:
        with town.act() as session:
            session.execute(update(ItemVersion).values(trial=False))
    assert left
    assert sum(s.done for s in after.values()) < sum(s.done for s in before.values())
    assert sum(s.standing for s in after.values()) <= sum(s.standing for s in before.values()) - 1
