"""People made for one test."""

import itertools
from collections.abc import Callable, Iterator

import pytest
from callers import caller, callers, cheap_hashes, city
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Role
from app.kernel.transaction import transaction
from app.people import demo, passwords
from app.people.models import Account, Agency, Officer

__all__ = ["caller", "callers", "cheap_hashes", "city"]
NUMBERS = itertools.count(1)


@pytest.fixture
def person(app: Flask, city: None) -> Callable[..., str]:
    """Make an officer of the city's environment agency with the demonstration's password; the login."""

    def make(*, roles: tuple[Role, ...] = (Role.OFFICER,), agency: str = "370400-04", **columns) -> str:
        login = f"person{next(NUMBERS):04}"
        with app.app_context(), transaction() as session:
            agency_id = session.scalars(select(Agency.id).where(Agency.code == agency)).one()
            officer = Officer(agency_id=agency_id, name="壬子（演示）", pinyin="ren zi")
            session.add(officer)
            session.flush()
            values = {
                "login": login,
                "agency_id": agency_id,
                "officer_id": officer.id,
                "name": officer.name,
                "roles": [str(role) for role in roles],
                "password_hash": passwords.digest(demo.password()),
                "must_change": False,
                "password_changed_at": clock.now(),
            }
            session.add(Account(**values | columns))
        return login

    return make


@pytest.fixture
def stored(app: Flask) -> Callable[[str], Account]:
    """The account as it is stored now."""

    def find(login: str) -> Account:
        with app.app_context(), transaction() as session:
            found = session.scalars(select(Account).where(Account.login == login)).one()
            session.expunge(found)
        return found

    return find


@pytest.fixture
def desk(app: Flask) -> Iterator[Session]:
    """One transaction, taken back after the test."""
    with app.app_context(), pytest.raises(ZeroDivisionError), transaction() as session:
        yield session
        raise ZeroDivisionError
