"""People at their browsers, and the demonstration city they live in: fixtures for rooms with pages.

A room's conftest takes them over with `from callers import caller, callers, city`.
"""

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from app.kernel.db import Base
from app.kernel.transaction import transaction
from app.people import demo, passwords
from app.people import models as people
from app.people.models import Agency

__all__ = ["Caller", "caller", "callers", "cheap_hashes", "city"]
PEOPLE = {m.class_.__tablename__ for m in Base.registry.mappers if m.class_.__module__ == people.__name__}


class Caller:
    """A person's browser: keeps cookies, follows nothing by itself, fills in the forgery token of forms."""

    addresses = itertools.count(1)

    def __init__(self, app: Flask):
        self.client = app.test_client()
        n = next(self.addresses)
        self.address = f"10.{n // 65536 % 256}.{n // 256 % 256}.{n % 256}"

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, environ_base={"REMOTE_ADDR": self.address}, **options)

    def post(self, path: str, data: Any = None, *, page: str | None = None, **options: Any) -> TestResponse:
        """Post a form as found on `page` (default: the page with the form at the same address)."""
        return self.bare_post(path, {**(data or {}), "_csrf": self.token(page or path)}, **options)

    def bare_post(self, path: str, data: Any = None, **options: Any) -> TestResponse:
        """Post exactly this."""
        return self.client.post(path, data=data, environ_base={"REMOTE_ADDR": self.address}, **options)

    def token(self, page: str) -> str:
        """The forgery token of the first form on a page."""
        found = re.search(r'name="_csrf" value="([^"]+)"', self.get(page).get_data(as_text=True))
        assert found, f"no form with a token on {page}"
        return found[1]

    def sign_in(self, login: str, password: str | None = None, **data: str) -> TestResponse:
        """Sign in, by default with the demonstration's password."""
        form = {"login": login, "password": demo.password() if password is None else password, **data}
        return self.post("/sign-in", form)


@contextmanager
def hashing_cheaply() -> Iterator[None]:
    """Argon2 with the least memory: what is tested here is when it runs, not how long."""
    real, passwords._hasher = passwords._hasher, PasswordHasher(1, 8, 1)
    passwords.decoy.cache_clear()
    yield
    passwords._hasher = real
    passwords.decoy.cache_clear()


@pytest.fixture(scope="module", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Cheap hashes for a module."""
    with hashing_cheaply():
        yield


@pytest.fixture
def caller(app: Flask) -> Caller:
    """One person's browser, nobody signed in."""
    return Caller(app)


@pytest.fixture
def callers(app: Flask) -> Callable[[], Caller]:
    """As many of them as a test needs."""
    return lambda: Caller(app)


LEFT = ("job", "clock", "document", "document_series", "form_draft", "act_done", "record_entry")
"""What belongs to cases and accounts without a foreign key."""


@pytest.fixture(scope="module")
def city(app: Flask, cheap_hashes: None) -> Iterator[None]:
    """The demonstration city, committed, gone after the module (unless it was there before)."""
    with app.app_context(), transaction() as session:
        mine = not session.scalar(select(Agency.id).limit(1))
        demo.load_demo(session)
    yield
    if mine:
        tables = ", ".join(t.name for t in Base.metadata.tables.values() if t.name in PEOPLE)
        with app.app_context(), transaction() as session:
            session.execute(text(f"truncate {tables} cascade"))
            left = ", ".join(t for t in LEFT if t in Base.metadata.tables)
            session.execute(
                text("set local session_replication_role = replica")
            )  # the record refuses it else
            session.execute(text(f"truncate {left} cascade"))
