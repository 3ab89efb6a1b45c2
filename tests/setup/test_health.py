"""What load balancers and supervisors see."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from app.kernel import migrations
from app.kernel.db import db


def test_the_process_answers_without_a_database(client: FlaskClient):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_ready_when_the_database_has_every_migration(client: FlaskClient, monkeypatch):
    monkeypatch.setattr(migrations, "heads", frozenset)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["migrations"]) == (200, "current")


def test_not_ready_while_a_migration_is_missing(client: FlaskClient, monkeypatch):
    monkeypatch.setattr(migrations, "heads", lambda: frozenset({"one"}))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["migrations"]) == (503, "behind")


def test_not_ready_without_a_database_and_says_nothing_more(client: FlaskClient, app: Flask, monkeypatch):
    def refuse():
        raise OperationalError("connect", {}, Exception("host=secret"))

    with app.app_context():
        monkeypatch.setattr(db.engine, "connect", refuse)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["database"]) == (503, "unreachable")
    assert "secret" not in answer.text
