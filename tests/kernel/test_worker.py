"""Many workers, one of them killed: every timer fires exactly once; a worker stops when it is told to."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import event, select, text

from app.kernel import clock, job_health, jobs, worker
from app.kernel.db import db
from app.kernel.models import Job, JobState
from app.kernel.transaction import transaction

ROOT = Path(__file__).resolve().parents[2]
TIMERS = 500


class Process:
    """One worker process and the pipe to it."""

    def __init__(self, database_url: str, home: Path, *mode: str):
        environment = os.environ | {
            "DATABASE_URL": database_url,
            "XQ_HOME": str(home),
            "PYTHONPATH": str(ROOT),
        }
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("worker_process.py"), *mode],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()


@pytest.fixture
def start(app, database_url, tmp_path):
    with app.app_context():
        with transaction() as session:
            session.execute(text("create table fired (timer int)"))
        started: list[Process] = []

        def begin(*mode: str) -> Process:
            started.append(Process(database_url, tmp_path, *mode))
            return started[-1]

        yield begin
        for one in started:
            one.process.kill()
            one.process.communicate()
        with transaction() as session:
            session.execute(text("drop table fired; truncate job, periodic_run"))
        db.session.remove()


def load(kind: str, timers: int) -> None:
    with transaction() as session:
        for timer in range(timers):
            jobs.enqueue(session, kind, {"timer": timer})


def fired() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(text("select timer from fired order by timer")))


def test_two_workers_never_fire_one_twice_and_a_killed_one_loses_none(start):
    load("fire", TIMERS)
    doomed, other = start("hang", "73"), start("drain")
    assert (doomed.line(), other.line()) == ("ready", "ready")
    doomed.go()
    assert doomed.line() == "hanging"  # 72 timers are done, one is done but not committed
    other.go()
    assert int(other.line()) == TIMERS - 73, "the one under way is skipped, not waited for"
    assert len(fired()) == TIMERS - 1
    doomed.process.send_signal(signal.SIGKILL)
    doomed.process.wait()
    deadline = time.monotonic() + 20
    while len(fired()) < TIMERS and time.monotonic() < deadline:  # until the server notices the death
        other.go()
        other.line()
    assert fired() == list(range(TIMERS))


def test_a_job_that_kills_its_worker_is_given_up_and_stops_no_other(start):
    with transaction() as session:
        jobs.enqueue(session, "die", {})
        session.execute(text("update job set attempts = :n"), {"n": jobs.MAX_ATTEMPTS - 2})
    load("fire", 3)
    for day in "12":
        one = start("later", day)
        assert one.line() == "ready"
        one.go()
        assert one.process.wait(20) == -signal.SIGKILL
    last = start("later", "9")
    assert last.line() == "ready"
    last.go()
    assert last.line() == "0"
    assert fired() == [0, 1, 2]
    db.session.rollback()
    assert job_health.health(db.session(), clock.now()).failed == 1
    [given_up] = db.session.scalars(select(Job).where(Job.state == JobState.FAILED))
    assert (given_up.kind, given_up.attempts) == ("die", jobs.MAX_ATTEMPTS)
    assert "没有结束" in given_up.error


def test_workers_side_by_side_share_the_timers(start):
    load("fire", TIMERS)
    workers = [start("drain") for _ in range(2)]
    for one in workers:
        assert one.line() == "ready"
    for one in workers:
        one.go()
    assert sum(int(one.line()) for one in workers) == TIMERS
    assert fired() == list(range(TIMERS))


def test_sigterm_lets_the_work_under_way_finish(start):
    load("slow", 1)
    one = start("forever")
    assert one.line() == "in the job"
    one.process.send_signal(signal.SIGTERM)
    one.go()
    assert one.line() == "stopped"
    assert one.process.wait() == 0
    assert fired() == [0]


def test_one_process_has_one_ticker(app, monkeypatch):
    ticked = threading.Event()
    monkeypatch.setattr(worker, "tick", lambda app: ticked.set())
    assert worker.start(app, interval=3600)
    try:
        assert not worker.start(app)
        assert ticked.wait(10)
    finally:
        worker.stop()
        worker.stop()
    assert worker.start(app, interval=3600), "it can be started again after it was stopped"
    worker.stop()


def test_tests_and_web_processes_told_not_to_start_none(app, monkeypatch):
    assert not worker.start_in_process(app)
    monkeypatch.setitem(app.config, "TESTING", False)
    monkeypatch.setenv("XQ_WORKER", "0")
    assert not worker.start_in_process(app)


def test_a_tick_survives_an_error(app, monkeypatch):
    def broken(now):
        raise ValueError("broken")

    monkeypatch.setattr(jobs, "tick", broken)
    worker.tick(app)


def test_an_idle_tick_asks_little(app):
    """What a tick costs is measured by `script/bench`; here: nothing due means a handful of questions."""
    worker.tick(app)
    asked = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        jobs.tick(clock.now())
    assert len(asked) <= 12, asked
