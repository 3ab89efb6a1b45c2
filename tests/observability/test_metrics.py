"""What Prometheus may read, who may read it, and that several processes say one thing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.kernel import jobs, metrics
from app.kernel.clock import now
from app.kernel.errors import Refused
from app.kernel.settings import ROOT
from app.kernel.transaction import afterwards, transaction
from app.operations import gauges, service


@pytest.fixture(autouse=True)
def fresh():
    gauges.forget()


def read(app, **headers) -> dict[str, list]:
    answer = app.test_client().get("/metrics", **headers)
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    return {
        family.name: family.samples
        for family in text_string_to_metric_families(answer.get_data(as_text=True))
    }


def value(found, name: str, **labels) -> float:
    return sum(
        s.value for s in found[name] if s.labels.items() >= labels.items() and not s.name.endswith("_created")
    )


def test_the_state_of_things_is_there(app):
    found = read(app)
    assert value(found, "xq_up") == 1
    assert {s.labels["light"] for s in found["xq_clocks"]} == {"normal", "warning", "overdue", "paused"}
    names = ("xq_jobs_due", "xq_jobs_failed", "xq_jobs_oldest_seconds", "xq_sweep_lag_seconds", "xq_workers")
    for name in (
        *names,
        "xq_calendar_missing_years",
        "xq_http_seconds",
        "xq_http_statements",
        "xq_steps",
        "xq_refusals",
    ):
        assert name in found, name


def test_a_request_is_counted_by_route_and_never_by_address(app, city, caller):
    labels = {"route": "people.account_detail", "status": "3xx", "method": "GET"}
    before = metrics.HTTP_SECONDS.labels(**labels)._sum.get()
    caller.get("/admin/accounts/424242")
    assert metrics.HTTP_SECONDS.labels(**labels)._sum.get() > before
    assert "424242" not in app.test_client().get("/metrics").get_data(as_text=True)


def test_an_act_counts_once_it_is_committed_and_a_refusal_by_its_gate(app):
    told: list[str] = []
    refused = metrics.REFUSALS.labels("test_gate")._value
    before = refused.get()
    with app.app_context():
        with transaction() as session:
            afterwards(session, lambda: told.append("committed"))
            assert told == []
        assert told == ["committed"]
        with pytest.raises(Refused), transaction() as session:
            afterwards(session, lambda: told.append("never"))
            raise Refused("no", code="test_gate")
    assert told == ["committed"]
    assert refused.get() == before + 1


def test_a_sweep_tells_what_it_took_and_how_long(app):
    given = iter([3, 0])
    jobs.register_sweep("test.sweep", lambda *_: next(given, 0))
    try:
        with app.app_context():
            jobs.run_sweeps(now(), limit=3)
    finally:
        jobs._registry.sweeps.pop("test.sweep")
    assert metrics.SWEEP_TAKEN.labels("test.sweep")._value.get() == 3
    assert metrics.SWEEP_SECONDS.labels("test.sweep")._sum.get() > 0


HERE = {"REMOTE_ADDR": "127.0.0.1"}
FROM = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.mark.parametrize(
    ("token", "headers", "peer", "status"),
    [
        ("", {}, HERE, 200),
        ("", {}, FROM, 404),
        ("", {"X-Forwarded-For": "127.0.0.1"}, HERE, 404),
        ("", {"Forwarded": "for=127.0.0.1"}, HERE, 404),
        ("", {"X-Forwarded-For": "127.0.0.1"}, FROM, 404),
        ("geheim", {}, HERE, 404),
        ("geheim", {"Authorization": "Bearer wrong"}, HERE, 404),
        ("geheim", {"Authorization": "Bearer geheim"}, FROM, 200),
        ("geheim", {"Authorization": "Basic geheim"}, FROM, 404),
    ],
)
def test_who_may_read_them(app, monkeypatch, token, headers, peer, status):
    monkeypatch.setitem(app.config, "METRICS_TOKEN", token)
    answer = app.test_client().get("/metrics", headers=headers, environ_base=peer)
    assert answer.status_code == status
    assert (b"xq_up" in answer.data) == (status == 200)


def test_a_declared_proxy_does_not_open_them(app):
    from app import create_app

    own = create_app({"TESTING": True, "TRUSTED_PROXIES": 1})
    assert own.test_client().get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404


def test_several_processes_say_one_thing(tmp_path: Path):
    """Two processes count, one of them is gone; a third one shows the sum, and no connections of the dead."""
    environment = {**os.environ, metrics.VARIABLE: str(tmp_path)}

    def run(program: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", f"from app.kernel import metrics\n{program}"],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    for _ in range(2):
        run("metrics.STEPS.labels('task').inc(2)\nmetrics.POOL.labels('used').set(3)")
    shown = run("metrics.STEPS.labels('task').inc()\nprint(metrics.exposition().decode())")
    found = {family.name: family.samples for family in text_string_to_metric_families(shown)}
    assert value(found, "xq_steps", kind="task") == 5
    assert "xq_db_connections" not in found


def test_the_age_of_the_last_backup_is_told_where_backups_are_set_up(app, monkeypatch):
    assert "xq_backup_ok" not in read(app)
    monkeypatch.setattr(service, "_backup", lambda: ("stale", now()))
    gauges.forget()
    found = read(app)
    assert value(found, "xq_backup_ok") == 0
    assert 0 <= value(found, "xq_backup_age_seconds") < 60
