"""Jobs: asked for in the caller's transaction, done once, tried again with patience, never lost."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, text

from app.kernel import job_health, jobs, writes
from app.kernel.db import db
from app.kernel.models import Job, JobState, PeriodicRun
from app.kernel.transaction import transaction

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def queue(app, monkeypatch):
    """An empty queue and no registered work; committed rows are removed afterwards."""
    monkeypatch.setattr(jobs, "_registry", jobs._Registry())
    with app.app_context(), time_machine.travel(NOW, tick=False):
        with transaction() as session:
            session.execute(text("truncate job, periodic_run"))  # what other modules asked for
            session.execute(text("create table done_probe (what text)"))
        yield
        with transaction() as session:
            session.execute(text("truncate job, periodic_run; drop table done_probe"))
        db.session.remove()


def ask(kind, payload=None, **kw):
    with transaction() as session:
        return jobs.enqueue(session, kind, payload or {}, **kw)


def all_jobs():
    db.session.rollback()
    return list(db.session.scalars(select(Job).order_by(Job.id)))


def note(session, payload):
    session.execute(text("insert into done_probe values (:what)"), {"what": payload["what"]})


def noted():
    db.session.rollback()
    return list(db.session.scalars(text("select what from done_probe order by what")))


def test_a_job_is_done_once_and_gone(queue):
    jobs.register("note", note)
    ask("note", {"what": "a"})
    assert jobs.run_due(NOW) == 1
    assert jobs.run_due(NOW) == 0
    assert noted() == ["a"]
    assert all_jobs() == []


def test_a_job_asked_for_in_a_failed_act_does_not_exist(queue):
    jobs.register("note", note)

    def act():
        with transaction() as session:
            jobs.enqueue(session, "note", {"what": "a"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()
    assert jobs.run_due(NOW) == 0


def test_a_job_waits_for_its_moment(queue):
    jobs.register("note", note)
    ask("note", {"what": "later"}, run_at=NOW + timedelta(hours=1))
    assert jobs.run_due(NOW) == 0
    assert jobs.run_due(NOW + timedelta(hours=1)) == 1


def test_the_same_key_is_one_job_also_after_it_is_done(queue):
    jobs.register("note", note)
    assert ask("note", {"what": "a"}, key="note:a") is not None
    assert ask("note", {"what": "a"}, key="note:a") is None
    jobs.run_due(NOW)
    assert ask("note", {"what": "a"}, key="note:a") is None
    assert noted() == ["a"]
    assert [job.state for job in all_jobs()] == [JobState.DONE]


def test_a_failing_job_undoes_its_own_work_only_and_is_tried_again_later(queue):
    def half(session, payload):
        note(session, payload)
        raise ValueError("no paper in the printer")

    jobs.register("note", note)
    jobs.register("half", half)
    for kind, what in [("note", "a"), ("half", "b"), ("note", "c")]:
        ask(kind, {"what": what})
    assert jobs.run_due(NOW) == 3
    assert noted() == ["a", "c"]
    [left] = all_jobs()
    assert (left.state, left.attempts, left.error) == (
        JobState.QUEUED,
        1,
        "ValueError: no paper in the printer",
    )
    assert left.run_at == NOW + timedelta(seconds=15)
    assert jobs.run_due(NOW + timedelta(seconds=14)) == 0


def test_a_broken_statement_does_not_break_the_batch(queue):
    jobs.register("sql", lambda session, payload: session.execute(text("select 1/0")))
    jobs.register("note", note)
    ask("sql")
    ask("note", {"what": "after"})
    assert jobs.run_due(NOW) == 2
    assert noted() == ["after"]


def test_it_gives_up_after_eight_attempts_and_says_so(queue):
    def never(session, payload):
        raise ValueError("never")

    jobs.register("never", never)
    ask("never")
    at, waits = NOW, []
    for _ in range(jobs.MAX_ATTEMPTS):
        assert jobs.run_due(at) == 1
        [job] = all_jobs()
        waits.append(job.run_at - at)
        at = job.run_at
    assert job.state == JobState.FAILED
    assert waits[:3] == [timedelta(seconds=s) for s in (15, 30, 60)]
    assert jobs.run_due(at + timedelta(days=9)) == 0
    assert job_health.health(db.session(), at).failed == 1
    assert jobs.backoff(30) == timedelta(hours=6)


def test_a_kind_nobody_here_knows_is_left_to_others(queue):
    ask("of.a.newer.release")
    jobs.register("note", note)
    assert jobs.tick(NOW) == 0
    assert [job.state for job in all_jobs()] == [JobState.QUEUED]
    assert job_health.health(db.session(), NOW + timedelta(hours=1)).oldest == NOW


def test_an_outside_effect_happens_outside_the_transaction_and_is_recorded_inside(queue):
    seen = []

    def act(payload, key):
        seen.append((key, bool(db.session().info.get("act"))))
        return "receipt 7"

    def record(session, payload, result):
        note(session, {"what": f"{payload['to']} {result}"})

    jobs.register_effect("send", act, record)
    job_id = ask("send", {"to": "platform"})
    ask("send", {"to": "other"}, key="send:other")
    assert jobs.run_effects(NOW) == 2
    assert seen == [(f"job:{job_id}", False), ("send:other", False)]
    assert noted() == ["other receipt 7", "platform receipt 7"]


def test_a_lost_lease_is_taken_over_with_the_same_key_and_the_late_one_is_ignored(queue):
    lease = timedelta(minutes=5)
    keys = []

    def slow(payload, key):
        keys.append(key)
        if len(keys) == 1:  # while this one hangs, its lease runs out and another worker takes over
            assert jobs.run_effects(NOW + timedelta(minutes=4)) == 0
            assert jobs.run_effects(NOW + lease) == 1
        return len(keys)

    jobs.register_effect("send", slow, lambda s, p, result: note(s, {"what": str(result)}), lease)
    ask("send", {}, key="send:1")
    jobs.run_effects(NOW)
    assert keys == ["send:1", "send:1"]
    assert noted() == ["2"], "only the attempt that holds the lease may record"


def test_the_token_grows_with_every_claim_also_after_the_attempts_were_reset(queue):
    """An administrator's second try counts attempts from the beginning; the stalled worker is still the older one."""
    tokens = []

    def slow(payload, key):
        tokens.append(jobs.token())
        if len(tokens) == 1:
            with transaction() as session:
                session.execute(
                    text("update job set state = 'queued', attempts = 0, run_at = :at"), {"at": NOW}
                )
            assert jobs.run_effects(NOW) == 1
        return str(len(tokens))

    jobs.register_effect("send", slow, lambda s, p, result: note(s, {"what": result}))
    ask("send", key="send:1")
    jobs.run_effects(NOW)
    assert tokens[0] < tokens[1]
    assert noted() == ["2"], "the late one settles nothing"
    assert [(job.state, job.token) for job in all_jobs()] == [(JobState.DONE, tokens[1])]
    assert jobs.token() == 0


def test_a_worker_that_slept_before_it_began_leaves_the_job_to_who_took_it_over(queue, monkeypatch):
    jobs.register("note", note)
    ask("note", {"what": "a"})
    claim = jobs._claim

    def slept(session, leases, now):
        claimed = claim(session, leases, now)
        if claimed is not None and now == NOW:
            session.commit()
            session.info["act"] = False
            assert jobs.run_due(NOW + jobs.LEASE) == 1
        return claimed

    monkeypatch.setattr(jobs, "_claim", slept)
    jobs.run_due(NOW)
    assert noted() == ["a"]
    assert all_jobs() == []


def test_a_job_whose_kept_back_writes_fail_is_a_failed_job_and_spoils_no_other(queue):
    jobs.register("late", lambda session, payload: writes.run(session, "select 1/0", {}))
    jobs.register("note", note)
    ask("late")
    ask("note", {"what": "after"})
    assert jobs.run_due(NOW) == 2
    assert noted() == ["after"]
    assert [(job.kind, job.attempts) for job in all_jobs()] == [("late", 1)]


def test_an_effect_that_fails_is_tried_again_and_one_that_never_returns_is_given_up(queue):
    def broken(payload, key):
        raise ConnectionError("refused")

    jobs.register_effect("send", broken)
    ask("send")
    jobs.run_effects(NOW)
    [job] = all_jobs()
    assert (job.state, job.attempts) == (JobState.QUEUED, 1)
    with transaction() as session:
        session.execute(
            text("update job set state = 'leased', attempts = :n, run_at = :at"),
            {"n": jobs.MAX_ATTEMPTS, "at": NOW},
        )
    jobs.run_effects(NOW)
    assert all_jobs()[0].state == JobState.FAILED


def test_periodic_work_runs_once_a_slot_and_the_day_begins_in_china(queue):
    runs = []
    jobs.periodic("daily", 24 * 3600, lambda session, now: runs.append(now))
    before = datetime(2026, 3, 2, 15, 59, tzinfo=UTC)
    after = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)  # 0:00 in China
    for moment in (before, before, after, after + timedelta(hours=23)):
        jobs._registry.inserted.clear()  # another process
        jobs.tick(moment)
    assert len(runs) == 2
    db.session.rollback()
    assert len(list(db.session.scalars(select(PeriodicRun.slot)))) == 2


def test_periodic_work_that_fails_is_tried_again_like_a_job(queue):
    def fails(session, now):
        raise ValueError("disk full")

    jobs.periodic("nightly", 3600, fails)
    jobs.tick(NOW)
    assert [(job.kind, job.attempts) for job in all_jobs()] == [("periodic:nightly", 1)]


def test_a_sweep_is_called_again_while_it_is_full_and_a_failing_one_stops_no_other(queue):
    left = {"rows": 250}

    def fine(session, now, limit):
        n = min(limit, left["rows"])
        left["rows"] -= n
        return n

    def broken(session, now, limit):
        raise ValueError("broken")

    jobs.register_sweep("broken", broken)
    jobs.register_sweep("fine", fine)
    assert jobs.tick(NOW) == 250


def test_what_is_long_done_is_forgotten_and_failures_are_not(queue):
    jobs.register("note", note)
    ask("note", {"what": "a"}, key="a")
    jobs.run_due(NOW)
    with transaction() as session:
        job_health.prune(session, NOW + timedelta(days=29))
    assert len(all_jobs()) == 1
    with transaction() as session:
        job_health.prune(session, NOW + timedelta(days=31))
    assert all_jobs() == []
