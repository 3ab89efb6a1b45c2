"""The question with which a request begins lends its transaction to the act that follows, and nothing else does."""

import pytest
from flask import Flask
from sqlalchemy import text

from app.kernel import reads
from app.kernel.db import db
from app.kernel.transaction import transaction

NUMBER = "select pg_backend_pid() as pid, now() as began"


@pytest.fixture
def began(app: Flask):
    with app.app_context():
        with transaction() as session:
            session.execute(text("create table ask_probe (n int)"))
        yield lambda session: session.execute(text("select now()")).scalar_one()
        with transaction() as session:
            session.execute(text("drop table ask_probe"))
        db.session.remove()


def test_an_act_goes_on_in_the_transaction_of_the_first_question(began):
    (row,) = reads.ask(db.session(), NUMBER, {})
    with transaction() as session:
        assert began(session) == row["began"]
    with transaction() as session:
        assert began(session) != row["began"]


def test_what_somebody_else_commits_after_the_question_is_seen_by_the_act(began):
    reads.ask(db.session(), "select count(*) from ask_probe", {})
    with db.engine.begin() as other:
        other.execute(text("insert into ask_probe values (1)"))
    with transaction() as session:
        assert session.execute(text("select count(*) from ask_probe")).scalar_one() == 1


@pytest.mark.parametrize("between", ["through the session", "past the mapper", "before the question"])
def test_whatever_else_was_done_before_the_act_is_rolled_back(began, between):
    session = db.session()
    write = "insert into ask_probe values (7)"
    if between == "before the question":
        session.execute(text(write))
    reads.ask(session, NUMBER, {})
    if between == "through the session":
        session.execute(text(write))
    if between == "past the mapper":
        reads.fetch(session, (f"{write} returning n", {}))
    with transaction() as session:
        assert session.execute(text("select count(*) from ask_probe")).scalar_one() == 0


def test_a_failed_question_does_not_spoil_the_act(began):
    reads.ask(db.session(), NUMBER, {})
    with pytest.raises(Exception, match="no_such_table"):
        reads.ask(db.session(), "select * from no_such_table", {})
    with transaction() as session:
        session.execute(text("insert into ask_probe values (1)"))
    assert db.session.execute(text("select count(*) from ask_probe")).scalar_one() == 1


def test_an_act_that_fails_takes_the_question_along(began):
    (row,) = reads.ask(db.session(), NUMBER, {})
    with pytest.raises(ZeroDivisionError), transaction() as session:
        session.execute(text("insert into ask_probe values (1)"))
        raise ZeroDivisionError
    with transaction() as session:
        assert began(session) != row["began"]
        assert session.execute(text("select count(*) from ask_probe")).scalar_one() == 0
