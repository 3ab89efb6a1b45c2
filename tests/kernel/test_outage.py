"""The database goes away in the middle of a request: 503 with the same request to send again, never a trace."""

import psycopg
import pytest
from callers import Caller, cheap_hashes, city
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.kernel.db import db
from app.kernel.transaction import transaction

__all__ = ["cheap_hashes", "city"]


def cut(connection) -> None:
    """End this backend from outside."""
    pid = connection.info.backend_pid
    with psycopg.connect(connection.info.dsn, autocommit=True) as other:
        other.execute("select pg_terminate_backend(%s, 5000)", [pid])


@pytest.fixture
def officer(app, city) -> Caller:
    person = Caller(app)
    assert person.sign_in("hb-intake").status_code == 303
    return person


@pytest.mark.parametrize("moment", ["reading", "commit"])
def test_a_lost_connection_is_told_and_what_was_typed_comes_back(app, officer, monkeypatch, moment):
    from app.cases import views

    token = officer.token("/cases/new")

    def lost(session, *_):
        session.execute(text("select 1"))
        cut(session.connection().connection.driver_connection)
        if moment == "reading":
            session.execute(text("select 1"))
        return type("Result", (), {"work_item_id": 1})()

    monkeypatch.setattr(views.acts, "open_case", lost)
    form = {"_csrf": token, "_key": "a" * 32, "item": "7"}
    answer = officer.bare_post("/cases/new", form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "数据库暂时不可用" in page
    assert "没有丢失" in page
    for name, value in form.items():
        assert f'name="{name}" value="{value}"' in page
    assert officer.get("/cases/new").status_code == 200, "the pool took a new connection"


def test_a_lost_connection_in_a_pipeline_is_told_too(app, officer, monkeypatch):
    from app.cases import views
    from app.kernel import reads, writes

    token = officer.token("/cases/new")

    def lost(session, *_):
        cut(session.connection().connection.driver_connection)
        writes.run(session, "select 1", {})
        reads.fetch(session, ("select 1", {}))

    monkeypatch.setattr(views.acts, "open_case", lost)
    answer = officer.bare_post("/cases/new", {"_csrf": token, "_key": "b" * 32, "item": "7"})
    assert answer.status_code == 503
    assert officer.get("/cases/new").status_code == 200


def test_programs_get_a_problem_and_pages_a_word(app, officer, monkeypatch):
    from app.people import sessions

    def away(*_):
        raise psycopg.OperationalError("gone")

    monkeypatch.setattr(sessions.reads, "fetch", away)
    page = officer.get("/cases/new")
    assert page.status_code == 503
    assert "稍后刷新" in page.get_data(as_text=True)
    told = officer.get("/api/v1/me")
    assert (told.status_code, told.mimetype, told.json["code"]) == (
        503,
        "application/problem+json",
        "unavailable",
    )


def test_an_act_whose_commit_is_lost_gives_the_first_error_and_the_next_act_works(app):
    def act():
        with transaction() as session:
            session.execute(text("select 1"))
            cut(session.connection().connection.driver_connection)

    with app.app_context():
        with pytest.raises(OperationalError):
            act()
        with transaction() as session:
            assert session.scalar(text("select 1")) == 1
        db.session.remove()


def test_an_address_nobody_has_is_an_outage_too_where_the_page_cannot_tell_who_asks(
    app, officer, monkeypatch
):
    """The error page's frame asks who is here: an error of its own would have been a 500."""
    from app.people import sessions

    def lost(session, *_):
        session.execute(text("select 1"))
        cut(session.connection().connection.driver_connection)
        session.execute(text("select 1"))

    monkeypatch.setattr(sessions.reads, "ask", lost)
    answer = officer.get("/no-such-page")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "请稍后刷新页面" in answer.get_data(as_text=True)
