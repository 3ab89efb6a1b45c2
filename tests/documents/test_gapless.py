"""Numbers without gaps and without doubles, whoever else is numbering and whatever fails."""

import random
import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.documents import service
from app.documents.models import Document, DocumentSeries
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid

from .conftest import completed, sample

AGENCY = 801


class Failure(Exception):
    """Something after the number went wrong."""


@pytest.fixture
def clean(app):
    yield
    with app.app_context(), Session(db.engine) as session:
        session.execute(delete(Document).where(Document.agency_id == AGENCY))
        session.execute(delete(DocumentSeries).where(DocumentSeries.agency_id == AGENCY))
        session.commit()


def test_eight_threads_and_a_quarter_of_rollbacks_leave_no_gap(app, clean):
    decided = sample("LA-06")
    errors: list[BaseException] = []
    kept = [0] * 8

    def work(thread: int) -> None:
        dice = random.Random(thread)
        try:
            with app.app_context():
                for _ in range(25):
                    with Session(db.engine) as session:
                        event = completed(decided, "LA-06", agency_id=AGENCY)
                        service.issue(session, event, enqueue=lambda *a, **k: None, publish=lambda *a: None)
                        if dice.random() < 0.25:
                            session.rollback()
                        else:
                            session.commit()
                            kept[thread] += 1
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    with app.app_context(), Session(db.engine) as session:
        rows = session.scalars(select(Document.seq).where(Document.agency_id == AGENCY)).all()
        numbers = session.scalars(
            select(func.count(func.distinct(Document.number))).where(Document.agency_id == AGENCY)
        )
        assert sorted(rows) == list(range(1, sum(kept) + 1))
        assert numbers.one() == sum(kept)
        assert 100 < sum(kept) < 200


def test_a_failure_after_the_number_gives_it_back(session, decided, outbox):
    def fail(*_: object) -> None:
        raise Failure

    service.issue(session, completed(decided, "JD-01"), enqueue=outbox.enqueue, publish=outbox.publish)
    with pytest.raises(Failure), session.begin_nested():
        service.issue(session, completed(decided, "JD-01"), enqueue=outbox.enqueue, publish=fail)
    service.issue(session, completed(decided, "JD-01"), enqueue=outbox.enqueue, publish=outbox.publish)
    assert [e.number for e in outbox.events] == ["枣环罚〔2025〕1号", "枣环罚〔2025〕2号"]


def test_each_agency_type_and_year_counts_for_itself(issue, decided):
    first = issue(completed(decided, "JD-01", "GZ-02", "LA-06"))
    assert {d.code: d.number for d in first} == {
        "LA-06": "枣环立〔2025〕1号",
        "JD-01": "枣环罚〔2025〕1号",
        "GZ-02": "枣环罚听告〔2025〕1号",
    }
    other = {**decided, "agency": {**decided["agency"], "abbreviation": "枣市监", "code": "370400-02"}}
    assert [d.number for d in issue(completed(other, "JD-01", agency_id=5))] == ["枣市监罚〔2025〕1号"]


def test_the_year_is_the_year_in_china(issue, decided):
    import dataclasses

    new_year = dataclasses.replace(completed(decided, "JD-01"), at=datetime(2025, 12, 31, 16, 1, tzinfo=UTC))
    (document,) = issue(new_year)
    assert (document.number, document.issued_on.isoformat()) == ("枣环罚〔2026〕1号", "2026-01-01")


def test_a_void_document_keeps_its_number_and_its_place(issue, session, decided):
    for _ in range(3):
        issue(completed(decided, "JD-01"))
    register = service.register_of(session, 4, 2025, "JD-01")
    service.void(session, register[1], "当事人名称有误", actor=7)
    issue(completed(decided, "JD-01"))
    register = service.register_of(session, 4, 2025, "JD-01")
    assert [(d.seq, d.status.value) for d in register] == [
        (1, "issued"),
        (2, "void"),
        (3, "issued"),
        (4, "issued"),
    ]
    assert register[1].void_reason == "当事人名称有误"
    with pytest.raises(Conflict):
        service.void(session, register[1], "再来一次", actor=7)
    with pytest.raises(Invalid):
        service.void(session, register[2], "　", actor=7)
