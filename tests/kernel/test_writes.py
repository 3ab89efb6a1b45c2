"""What an act keeps back: sent in order, seen by every question, gone with a savepoint."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.kernel import reads, writes
from app.kernel.db import db
from app.kernel.models import Job
from app.kernel.transaction import transaction

NOW = text("select now()")


@pytest.fixture
def session(app):
    with app.app_context(), transaction() as session:
        yield session
        session.rollback()
        db.session.remove()


def job(session, key: str) -> Job:
    at = session.execute(NOW).scalar_one()
    return Job(kind="probe", payload={"一": [1]}, key=key, run_at=at, created_at=at)


def found(session, key: str) -> Job | None:
    return session.scalar(select(Job).where(Job.key == key).execution_options(populate_existing=True))


def test_a_question_sees_what_was_kept_back(session):
    writes.insert(session, job(session, "a"))
    row = found(session, "a")
    assert (row.payload, row.state, row.attempts) == ({"一": [1]}, "queued", 0), "defaults are filled in"


def test_a_held_row_is_written_when_it_changed_and_only_then(session):
    writes.insert(session, job(session, "b"))
    known = found(session, "b")
    ((row,),) = reads.fetch(session, ("select * from job where key = %(key)s for update", {"key": "b"}))
    held = reads.entity(Job, row)
    writes.hold(session, held)
    held.payload = {"二": None}
    held.attempts = 3
    assert session.execute(text("select attempts from job where key = 'b'")).scalar_one() == 3
    assert known.payload == {"二": None}, "the session's own copy is read again"
    before = session.execute(text("select xmin::text, cmin::text from job where key = 'b'")).one()
    writes.flush(session)
    assert session.execute(text("select xmin::text, cmin::text from job where key = 'b'")).one() == before


def test_a_held_row_that_is_gone_stops_the_act(session):
    writes.insert(session, job(session, "c"))
    ((row,),) = reads.fetch(session, ("select * from job where key = 'c'", {}))
    held = reads.entity(Job, row)
    writes.hold(session, held)
    session.execute(text("delete from job where key = 'c'"))
    held.attempts = 1
    with pytest.raises(RuntimeError, match="not locked"):
        writes.flush(session)


def test_what_a_savepoint_kept_back_goes_with_it(session):
    writes.insert(session, job(session, "before"))
    with pytest.raises(ZeroDivisionError), writes.nested(session):
        writes.insert(session, job(session, "inside"))
        raise ZeroDivisionError
    assert found(session, "before") is not None
    assert found(session, "inside") is None


def test_an_error_of_the_database_tells_no_values(session):
    secret = job(session, "110101199003070000")
    writes.insert(session, secret)
    with pytest.raises(IntegrityError) as caught, session.begin_nested():
        writes.insert(session, job(session, "110101199003070000"))
        writes.flush(session)
    assert caught.value.params is None


def test_new_rows_with_their_own_id_are_held(session):
    number = session.execute(text("select nextval('job_id_seq')")).scalar_one()
    row = job(session, "d")
    row.id = number
    writes.insert(session, row)
    writes.flush(session)
    row.attempts = 2
    writes.flush(session)
    assert session.execute(text("select attempts from job where id = :id"), {"id": number}).scalar_one() == 2
