"""What a connection has prepared outlives the pages that only read, and nothing is prepared for these."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.kernel import reads, writes
from app.kernel.db import db
from app.kernel.transaction import transaction

MARK = "prepared_probe"
QUESTION = f"select %(n)s::int as {MARK}"


@pytest.fixture(autouse=True)
def one_connection(app: Flask):
    """A connection nobody has used yet."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
        yield
        db.session.remove()


def prepared(mark: str = MARK) -> int:
    found = writes.driver(db.session()).execute(
        "select count(*) from pg_prepared_statements where statement like %s",
        [f"select%{mark}%"],
        prepare=False,
    )
    return found.fetchone()[0]


def test_a_question_stays_prepared_after_a_page_has_ended():
    reads.fetch(db.session(), (QUESTION, {"n": 1}))
    assert prepared() == 1
    db.session.remove()  # the page ends: its transaction is rolled back
    assert prepared() == 1
    assert reads.fetch(db.session(), (QUESTION, {"n": 2})) == [[{MARK: 2}]]


def test_after_an_error_all_is_prepared_anew():
    reads.fetch(db.session(), (QUESTION, {"n": 1}))
    with pytest.raises(DBAPIError):
        reads.fetch(db.session(), ("select 1/%(n)s as broken", {"n": 0}))
    db.session.rollback()
    assert prepared() == 0
    assert reads.fetch(db.session(), (QUESTION, {"n": 3})) == [[{MARK: 3}]]


def test_what_was_written_is_gone_with_the_rollback():
    session = db.session()
    session.execute(text("create temporary table rolled_back (n int)"))
    session.rollback()
    assert session.execute(text("select to_regclass('rolled_back')")).scalar_one() is None


def test_the_lists_of_pages_are_not_prepared_and_what_an_act_repeats_is():
    asked = text("select cast(:n as int) as list_probe")
    for n in range(8):
        db.session.execute(asked, {"n": n})
    assert prepared("list_probe") == 0
    with transaction() as session:
        for n in range(8):
            session.execute(asked, {"n": n})
        assert prepared("list_probe") == 1


def test_an_act_that_goes_on_after_the_first_question_prepares_what_it_repeats():
    asked = text("select cast(:n as int) as act_probe")
    reads.ask(db.session(), QUESTION, {"n": 1})
    with transaction() as session:
        for n in range(8):
            session.execute(asked, {"n": n})
        assert prepared("act_probe") == 1
