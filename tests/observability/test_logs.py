"""Every line says what it is about, and nothing it must not say."""

import io
import logging

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.kernel import jobs, logs, statements
from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.models import Job
from app.kernel.transaction import transaction

log = logging.getLogger("test")


def test_a_line_says_when_where_and_what_about(lines):
    with logs.bound(request="r1"):
        logs.note(case=7)
        log.info("done %s", "well", extra={"duration_ms": 3})
    log.info("after")
    first, second = lines()
    assert first.items() >= {"level": "info", "logger": "test", "message": "done well"}.items()
    assert (first["request"], first["case"], first["duration_ms"]) == ("r1", 7, 3)
    assert first["time"].endswith("+00:00")
    assert "request" not in second


def test_no_secret_passes_in_message_extra_or_error(lines):
    try:
        raise ValueError("993725196007172230 / 13812345678")
    except ValueError:
        log.exception("password=hunter22", extra={"token": "abc", "who": "tel 13812345678"})
    written = str(lines())
    for secret in ("993725196007172230", "13812345678", "hunter22", "abc"):
        assert secret not in written
    assert lines()[0]["error"] == "ValueError"
    assert "test_logs.py" in lines()[0]["trace"]


def test_a_terminal_gets_lines_for_people(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XQ_LOG", "text")
    stream = io.StringIO()
    before = logging.getLogger().level
    handler = logs.install(stream)
    try:
        log.warning("很慢", extra={"case": 7})
        log.info("not shown")
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(before)
        logging.captureWarnings(False)
    assert stream.getvalue().endswith(" 警告 test  很慢 case=7\n")


def test_a_request_is_one_line_without_what_was_typed(app, city, caller, lines):
    caller.sign_in("hb-officer1")
    answer = caller.get("/cases?q=某建材")
    line = [x for x in lines() if x["message"] == "request"][-1]
    assert line["request"] == answer.headers["X-Request-Id"]
    assert (line["route"], line["method"], line["status"]) == ("/cases", "GET", 200)
    assert line["account"] > 0
    assert line["agency"] > 0
    assert line["statements"] > 0
    assert "某建材" not in str(lines())
    assert logs.present() == {}


@pytest.mark.parametrize(("proxies", "believed"), [(0, False), (1, True)])
def test_a_request_id_is_taken_from_a_declared_proxy_only(app, monkeypatch, proxies: int, believed: bool):
    monkeypatch.setitem(app.config, "TRUSTED_PROXIES", proxies)
    answer = app.test_client().get("/healthz", headers={"X-Request-Id": "0123456789abcdef"})
    assert (answer.headers["X-Request-Id"] == "0123456789abcdef") == believed
    answer = app.test_client().get("/healthz", headers={"X-Request-Id": "a b\tc"})
    assert answer.headers["X-Request-Id"] != "a b\tc"


def test_values_of_statements_are_in_no_error(app, lines):
    with app.app_context():
        row = {"kind": "演示·甲", "payload": "{}", "key": "演示·乙", "at": now()}
        new = text(
            "insert into job (kind, payload, key, run_at, created_at) values (:kind, :payload, :key, :at, :at)"
        )
        with pytest.raises(IntegrityError) as failed, db.engine.begin() as connection:
            connection.execute(new, [row])
            connection.execute(new, [row])
        log.error("failed", exc_info=failed.value)
        assert "演示·甲" not in str(lines())
        assert "演示·乙" not in str(lines())
        assert "演示" not in logs.told(failed.value)
        assert "uq_job_key" in logs.told(failed.value)


def test_a_jobs_lines_and_its_kept_error_name_it_and_no_values(app, lines):
    def fail(*_):
        log.info("working")
        raise ValueError("tel 13812345678")

    jobs.register("test.logs", fail)
    try:
        with app.app_context():
            with transaction() as session:
                job_id = jobs.enqueue(session, "test.logs", {})
            jobs.run_due(now())
            with transaction() as session:
                job = session.get_one(Job, job_id)
                assert job.error == "ValueError: tel [电话号码]"
                session.delete(job)
    finally:
        jobs._registry.handlers.pop("test.logs")
    working = next(x for x in lines() if x["message"] == "working")
    assert (working["job"], working["job_kind"]) == (job_id, "test.logs")
    assert "13812345678" not in str(lines())


def test_a_slow_statement_is_told_with_its_place_and_without_its_values(app, lines, monkeypatch):
    monkeypatch.setenv("XQ_SLOW_MS", "0.000001")
    statements.take_slow()
    with app.app_context(), logs.bound(route="/cases", request="r2"), db.engine.connect() as connection:
        connection.execute(text("select :who  as  x"), {"who": "演示·甲"})
    line = next(x for x in lines() if x["message"] == "slow statement")
    assert (line["statement"], line["route"], line["request"]) == ("select %(who)s as x", "/cases", "r2")
    assert line["duration_ms"] >= 0
    kept = statements.take_slow()[-1]
    assert (kept.statement, kept.route, kept.request) == ("select %(who)s as x", "/cases", "r2")
    assert "演示" not in str(lines())


def test_statements_are_counted_for_each_request(app):
    with app.app_context():
        tally = statements.begin()
        with db.engine.connect() as connection:
            connection.execute(text("select 1"))
            connection.execute(text("select 2"))
        statements.note("a pipelined batch", 0.0, count=5)
        assert tally.count == 7
