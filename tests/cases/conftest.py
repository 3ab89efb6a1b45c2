"""The demo city with its procedures published, committed, for tests that act on cases."""

from collections.abc import Iterator

import pytest
from callers import cheap_hashes, city
from flask import Flask
from sqlalchemy.orm import Session

from app.cases import demo, demo_content
from app.kernel.db import db
from app.kernel.transaction import transaction

__all__ = ["cheap_hashes", "city"]


@pytest.fixture(scope="module")
def published(city: None, app: Flask) -> None:
    """People, items and the ordinary penalty procedure."""
    with app.app_context(), transaction() as session:
        demo.prepare(session)


@pytest.fixture
def act(published: None, app: Flask) -> Iterator[Session]:
    """The session of one act, rolled back after the test."""
    with app.app_context():
        session = db.session()
        session.info["act"] = True
        yield session
        session.rollback()
        session.info["act"] = False
        db.session.remove()


@pytest.fixture
def drive(act: Session):
    """Drives a demo case by its id; `drive("stone-mill", until="decide")` leaves it before the decision."""

    def begin(name: str, until: str | None = None) -> demo.Drive:
        drive = demo.Drive(act, demo_content.case_of(name))
        drive.run(until)
        return drive

    return begin
