"""系统运行状况: what the administrator sees, and does about failed jobs."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text

from app.documents.models import Document
from app.kernel import clock, heartbeat, jobs, statements, worker
from app.kernel.models import Job, JobDecision, JobState, ProcessBeat, SlowStatement
from app.kernel.transaction import transaction
from app.operations import views

PAGE = "/admin/health"


@pytest.fixture
def admin(app, city, caller):
    """An administrator's browser, and nothing left of what the test wrote."""
    assert caller.sign_in("sf-admin").status_code == 303
    yield caller
    with app.app_context(), transaction() as session:
        for table in (Job, JobDecision, ProcessBeat, SlowStatement):
            session.execute(delete(table))


@pytest.fixture
def failed(app) -> int:
    """A job that was given up."""
    with app.app_context(), transaction() as session:
        now = clock.now()
        job = Job(
            kind="documents.render",
            payload={},
            key="document:1",
            state=JobState.FAILED,
            attempts=8,
            error="FontError: 没有字体",
            run_at=now,
            created_at=now,
            finished_at=now,
        )
        session.add(job)
        session.flush()
        return job.id


def text_of(admin) -> str:
    answer = admin.get(PAGE)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_it_is_the_administrators_alone(city, callers):
    officer = callers()
    officer.sign_in("hb-officer1")
    assert officer.get(PAGE).status_code == 403


def test_every_part_is_judged(admin):
    page = text_of(admin)
    for name in ("数据库", "数据表", "进程", "后台任务", "时限巡查", "数据密钥", "备份", "磁盘", "工作日历"):
        assert name in page
    assert "文书、时限和提醒都停在队列里" in page  # nobody works in a test


def test_processes_that_live_are_listed(app, admin, monkeypatch):
    with app.app_context(), transaction() as session:
        monkeypatch.setattr(worker, "_ticked_at", clock.now())
        heartbeat.once(session, "worker", clock.now())
        session.add(
            ProcessBeat(
                id="gone:1:1",
                kind="web",
                host="gone.example",
                pid=1,
                started_at=clock.now(),
                beat_at=clock.now() - timedelta(minutes=5),
            )
        )
    page = text_of(admin)
    assert "1 个进程在运行，其中 1 个处理后台任务" in page
    assert "gone.example" not in page


def test_a_beat_renews_itself_and_forgets_the_long_gone(app, admin):
    started = clock.now()
    with app.app_context():
        for ago in (timedelta(hours=2), timedelta()):
            with transaction() as session, clock.at(clock.now() - ago):
                heartbeat.once(session, "web", started if ago else started + timedelta(seconds=5))
        with transaction() as session:
            beats = session.scalars(select(ProcessBeat)).all()
            assert len(beats) == 1


def test_slow_statements_of_all_processes_are_listed(app, admin, monkeypatch):
    statements.take_slow()
    monkeypatch.setenv("XQ_SLOW_MS", "50")
    statements.note("select  slow\nfrom x", 0.35)
    statements.note("select quick", 0.01)
    with app.app_context(), transaction() as session:
        heartbeat.once(session, "web", clock.now())
    page = text_of(admin)
    assert "select slow from x" in page
    assert "350 毫秒" in page
    assert "select quick" not in page


def test_a_failed_job_is_tried_again(app, admin, failed):
    assert "FontError: 没有字体" in text_of(admin)
    answer = admin.post(f"/admin/jobs/{failed}/retry", page=PAGE)
    assert answer.status_code == 303
    with app.app_context(), transaction() as session:
        job = session.get_one(Job, failed)
        assert (job.state, job.attempts, job.finished_at) == (JobState.QUEUED, 0, None)
        kept = session.scalars(select(JobDecision)).one()
        assert (kept.job_id, kept.decision, kept.error) == (failed, "retried", "FontError: 没有字体")
        assert kept.account_id > 0
    assert "重试" in text_of(admin)


def test_a_failed_job_is_left_for_good_and_only_once(app, admin, failed):
    assert admin.post(f"/admin/jobs/{failed}/drop", page=PAGE).status_code == 303
    assert admin.post(f"/admin/jobs/{failed}/retry", page=PAGE).status_code == 404
    with app.app_context(), transaction() as session:
        assert session.get(Job, failed) is None
        assert session.scalars(select(JobDecision.decision)).all() == ["dropped"]


@pytest.fixture
def district(app, admin, callers):
    """The administrator of a district below the city, and what is put back of it."""
    put = "update account set agency_id = (select id from agency where code = :code) where login = 'sf-admin'"

    def move(code: str) -> None:
        with app.app_context(), transaction() as session:
            session.execute(text(put), {"code": code})

    with app.app_context(), transaction() as session:
        home = session.scalar(
            text(
                "select code from agency where id = (select agency_id from account where login = 'sf-admin')"
            )
        )
        below = session.scalar(
            text(
                "select a.code from agency a join region r on r.code = a.region_code"
                " where r.parent_code = (select region_code from agency where code = :code) limit 1"
            ),
            {"code": home},
        )
    move(below)
    yield admin
    move(home)


def test_a_district_does_not_decide_about_the_whole_platforms_jobs(app, district, failed):
    page = text_of(district)
    assert "FontError" not in page
    for act in ("retry", "drop"):
        assert district.post(f"/admin/jobs/{failed}/{act}", page="/account").status_code == 404
    with app.app_context(), transaction() as session:
        assert session.get_one(Job, failed).state == JobState.FAILED


@pytest.mark.parametrize(("region", "status"), [("own", 303), ("another", 404)])
def test_a_district_decides_about_the_documents_of_its_own_agencies(app, district, failed, region, status):
    own = text(
        "select region_code from agency join account on agency_id = agency.id where login = 'sf-admin'"
    )
    with app.app_context(), transaction() as session:
        code = session.scalar(own) if region == "own" else "000000"
        moment = clock.now()
        paper = Document(
            case_id=1, agency_id=1, region_code=code, code="JD-01", title="决定书", type_char="罚", year=2026, seq=1,
            ident_code="probe", template_digest="", data={}, data_digest="", issued_at=moment, issued_on=moment.date(),
        )  # fmt: skip
        session.add(paper)
        session.flush()
        session.get_one(Job, failed).payload = {"document_id": paper.id}
    try:
        assert district.post(f"/admin/jobs/{failed}/drop", page="/account").status_code == status
    finally:
        with app.app_context(), transaction() as session:
            session.execute(delete(Document).where(Document.ident_code == "probe"))


def test_a_waiting_job_is_not_the_administrators_to_drop(app, admin, failed):
    with app.app_context(), transaction() as session:
        session.get_one(Job, failed).state = JobState.QUEUED
    assert admin.post(f"/admin/jobs/{failed}/drop", page="/account").status_code == 404


def test_every_kind_of_job_is_shown_in_words(app):
    registry = jobs._registry
    work = {kind: handler for kind, handler in registry.handlers.items() if not kind.startswith("periodic:")}
    work |= {kind: effect.act for kind, effect in registry.effects.items()}
    work |= {f"periodic:{name}": act for name, (_, act) in registry.periodics.items()}
    ours = {kind for kind, act in work.items() if act.__module__.startswith("app.")}
    assert ours >= {"documents.render", "periodic:audit.anchor"}
    assert ours - views.KIND_NAMES.keys() == set()
