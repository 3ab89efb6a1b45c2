"""One act, one transaction: it commits as a whole, rolls back as a whole, and never nests."""

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from app.kernel.db import db
from app.kernel.transaction import transaction


@pytest.fixture
def table(app: Flask):
    with app.app_context():
        with transaction() as session:
            session.execute(text("create table act_probe (n int)"))
        yield
        with transaction() as session:
            session.execute(text("drop table act_probe"))
        db.session.remove()


def count() -> int:
    return db.session.execute(text("select count(*) from act_probe")).scalar_one()


def test_an_act_commits_once(table):
    with transaction() as session:
        session.execute(text("insert into act_probe values (1)"))
    assert count() == 1


def test_an_exception_leaves_nothing_behind(table):
    def failing_act() -> None:
        with transaction() as session:
            session.execute(text("insert into act_probe values (1)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing_act()
    assert count() == 0


def test_an_act_inside_an_act_is_refused(table):
    with pytest.raises(RuntimeError), transaction(), transaction():
        pass
    assert count() == 0


def test_a_pooled_connection_the_server_has_closed_is_replaced_unseen(app):
    """A server that restarts takes the pool's connections with it; the next request must not meet one."""
    with app.app_context():
        address = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        first = db.session.execute(text("select pg_backend_pid()")).scalar_one()
        db.session.remove()  # back into the pool
        with psycopg.connect(address) as other:
            other.execute("select pg_terminate_backend(%s, 5000)", [first])
        assert db.session.execute(text("select pg_backend_pid()")).scalar_one() != first
        db.session.remove()
