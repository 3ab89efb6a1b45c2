"""The demo city with its procedures published, committed, for tests that act on cases."""

from collections.abc import Iterator

import pytest
from callers import cheap_hashes, city
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.cases import demo, demo_content
from app.kernel.db import db
from app.kernel.transaction import transaction

from .town import Town, own_town, plan_of

__all__ = ["cheap_hashes", "city"]


@pytest.fixture(scope="module")
def published(city: None, app: Flask) -> None:
    """People, items and the ordinary penalty procedure."""
    with app.app_context(), transaction() as session:
        demo.prepare(session)


@pytest.fixture(scope="session")
def untouched(app: Flask, database_url: str) -> Iterator[Town]:
    """A town of this process to which nothing is ever committed. Versions published in it and rolled back have ids of
    their own, as processes keep versions by their ids."""
    with own_town(database_url) as found:
        with found.act() as session:
            session.execute(text("alter table procedure_version alter column id restart with 1000000"))
        yield found


@pytest.fixture
def act(untouched: Town) -> Iterator[Session]:
    """The session of one act, rolled back after the test."""
    with untouched.app.app_context():
        session = db.session()
        session.info["act"] = True
        yield session
        session.rollback()
        session.info["act"] = False
        db.session.remove()


@pytest.fixture
def drive(act: Session):
    """Drives a demo case by its id; `drive("stone-mill", until="decide")` leaves it before the decision."""

    def begin(name: str, until: str | None = None, **changes: object) -> demo.Drive:
        drive = demo.Drive(act, {**demo_content.case_of(name), **changes})
        drive.run(until)
        return drive

    return begin


@pytest.fixture(scope="module")
def town(app: Flask, database_url: str, cheap_hashes: None) -> Iterator[Town]:
    """A town of this module alone: what commits leaves no trace."""
    with own_town(database_url) as found:
        yield found


@pytest.fixture(scope="module")
def reached() -> dict[tuple[str, str | None], demo.Drive]:
    """How far cases of this module's town have been driven: by demo case and waiting task."""
    return {}


@pytest.fixture
def desk(town: Town) -> Iterator[Session]:
    """A session in the town, rolled back after the test."""
    with town.app.app_context():
        session = db.session()
        session.info["act"] = True
        yield session
        session.rollback()
        session.info["act"] = False
        db.session.remove()


@pytest.fixture
def stage(town: Town, desk: Session, reached: dict[tuple[str, str], demo.Drive]):
    """A demo case waiting at a task: driven there once for the module, acted on in the test's own session."""

    def begin(name: str, until: str | None = None) -> demo.Drive:
        if (name, until) not in reached:
            with town.act() as session:
                drive = demo.Drive(session, plan_of(name))
                drive.run(until)
                reached[name, until] = drive
        before = reached[name, until]
        drive = demo.Drive(desk, before.plan)
        drive.case_id, drive.moment, drive.serial = before.case_id, before.moment, before.serial
        drive.filled = dict(before.filled)
        return drive

    return begin
