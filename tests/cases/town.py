"""A town of its own for tests that commit: the demonstration city on a database of one module alone."""

import dataclasses
import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import databases
from callers import Caller, hashing_cheaply
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import create_app, tables
from app.cases import acts, demo, demo_content
from app.cases.demo import Drive, officers
from app.cases.models import Case, WorkItem, WorkStatus
from app.diagrams import bundle as bundles
from app.diagrams import service as diagrams
from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.db import db
from app.kernel.transaction import transaction
from app.people import demo as people_demo
from app.people import service as people
from app.people.models import Account, Certificate, Officer, Posting

SINCE = date(2020, 1, 1)


_numbers = itertools.count(1)


def plan_of(name: str, **changes: Any) -> Mapping[str, Any]:
    """A case of the demonstration to be opened once more, under keys of its own."""
    return {**demo_content.case_of(name), "id": f"{name}{next(_numbers):06d}", **changes}


def actor(session: Session, login: str) -> Actor:
    """The person with this login, at the beginning of an act."""
    account = session.scalars(select(Account).where(Account.login == login)).one()
    if account.officer_id is not None:
        return people.actor_of(session, account.officer_id)
    agency = people.agency(session, account.agency_id)
    return Actor(
        account.id,
        None,
        account.name,
        agency.id,
        agency.name,
        agency.region,
        frozenset(account.roles),
        frozenset(),
    )


def post_to(session: Session, login: str, position: str) -> None:
    """Let somebody hold one more position."""
    account = session.scalars(select(Account).where(Account.login == login)).one()
    session.add(Posting(officer_id=account.officer_id, position_key=position, valid_from=SINCE))
    session.flush()


def waiting(session: Session, case_id: int, node: str) -> WorkItem:
    """The waiting task of a node."""
    return session.scalars(
        select(WorkItem)
        .where(
            WorkItem.case_id == case_id,
            WorkItem.node == node,
            WorkItem.status.in_((WorkStatus.OPEN, WorkStatus.COSIGN)),
        )
        .execution_options(populate_existing=True)
    ).one()


def answers(drive: Drive, form: str, **changes: Any) -> dict[str, Any]:
    """The planned answers to a form, with changes; None takes an answer away."""
    given = demo_content.answers(drive.plan, form, drive.filled.get(form, 0), drive.officers, drive.moment)
    given = demo.with_files(given)
    return {key: value for key, value in (given | changes).items() if value is not None}


def as_post(data: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as a page posts them: `party.name`, `evidence.0.name`, several values for check boxes."""
    post: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, Mapping):
            post |= {f"{key}.{part}": text for part, text in value.items()}
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for n, row in enumerate(value):
                post |= {f"{key}.{n}.{part}": str(text) for part, text in row.items()}
        else:
            post[key] = value
    return post


def hand_in(
    drive: Drive,
    node: str,
    login: str,
    *,
    key: str | None = None,
    version: int | None = None,
    given: Mapping[str, Any] | None = None,
    **changes: Any,
) -> acts.ActResult:
    """Hand a waiting task in as somebody, at the drive's moment."""
    work = waiting(drive.session, drive.case_id, node)
    data = answers(drive, work.form, **changes) if given is None else given
    with clock.at(drive.moment):
        return acts.hand_in(
            drive.session,
            actor(drive.session, login),
            work.id,
            work.version if version is None else version,
            key or drive.key(),
            lambda *_: data,
        )


def confirm(drive: Drive, node: str, login: str) -> acts.ActResult:
    """Confirm a task as somebody."""
    work = waiting(drive.session, drive.case_id, node)
    with clock.at(drive.moment):
        return acts.confirm(drive.session, actor(drive.session, login), work.id, work.version, drive.key())


def rows_of(session: Session, case_id: int | None = None) -> dict[str, list[str]]:
    """Every row of every table as text, those of one case where a table knows cases; number series always.

    Drafts, sessions, sign-ins and that something was refused are not part of a case and left out.
    """
    columns = session.execute(
        text("select table_name, column_name from information_schema.columns where table_schema = 'public'")
    ).all()
    found: dict[str, list[str]] = {}
    for table in sorted(
        {name for name, _ in columns} - {"form_draft", "web_session", "sign_in_attempt", "refused_act"}
    ):
        own = {"case_id", "id"} if table == "case" else {"case_id"}
        has = {column for name, column in columns if name == table} & own
        key = "id" if table == "case" else "case_id"
        where = f"where t.{key} = {case_id}" if case_id is not None and key in has else ""
        if table in {"agency", "officer", "account", "region", "position"} or table.startswith("calendar"):
            continue
        query = f'select t::text from "{table}" t {where} order by 1'  # noqa: S608 - names of our own tables
        found[table] = list(session.scalars(text(query)))
    return found


@dataclass(frozen=True, slots=True)
class Town:
    """An application on its own database, with people, items and the ordinary penalty procedure."""

    app: Flask

    @contextmanager
    def act(self) -> Iterator[Session]:
        """One committed transaction."""
        with self.app.app_context(), transaction() as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A look at what is committed."""
        with self.app.app_context():
            yield db.session()
            db.session.rollback()

    def open(self, name: str, until: str, **changes: Any) -> int:
        """A case of the demonstration, brought to where the task `until` waits; the case's id."""
        with self.act() as session:
            return Drive(session, plan_of(name, **changes)).run(until)

    def work(self, case_id: int, node: str) -> tuple[int, int]:
        """Id and version of the waiting task of a node."""
        with self.read() as session:
            found = waiting(session, case_id, node)
            return found.id, found.version

    def do(self, act: Callable[..., Any], login: str, *given: Any) -> Any:
        """Carry out an act of `app.cases.service` as somebody, committed."""
        with self.act() as session:
            return act(session, actor(session, login), *given)

    def caller(self, login: str) -> Caller:
        """Somebody's browser, signed in."""
        browser = Caller(self.app)
        assert browser.sign_in(login).status_code == 303
        return browser

    def answers(self, name: str, form: str, prefix: str = "hb") -> dict[str, Any]:
        """The planned answers to a form of a demo case, as of today."""
        with self.read() as session:
            agency = actor(session, f"{prefix}-intake").agency_id
            found = officers(session, agency)
        return demo_content.answers(demo_content.case_of(name), form, 0, found, clock.now())

    def rows(self, case_id: int | None = None) -> dict[str, list[str]]:
        """See `rows_of`."""
        with self.read() as session:
            return rows_of(session, case_id)


__all__ = ["Case", "Certificate", "Officer", "Town", "actor", "answers", "confirm", "hand_in", "post_to",
           "rows_of", "waiting"]  # fmt: skip


@contextmanager
def _on(url: str) -> Iterator[Flask]:
    """An application on the database at an address; nothing is connected to it afterwards."""
    own = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": url})
    diagrams._cache.clear()  # ids of another database
    yield own
    diagrams._cache.clear()
    with own.app_context():
        db.session.remove()
        db.engine.dispose()


@cache
def _model(server: str) -> str:
    """The name of a database with a town that nobody enters. Made once for this process: its procedures are proven
    and published as everywhere, and every town begins as a copy of it."""
    name = f"model_{os.getpid()}_{next(_numbers)}"
    url = databases.kept.enter_context(databases.database(server, name))
    with hashing_cheaply(), _on(url) as own, own.app_context():
        tables.load().metadata.create_all(db.engine)
        with transaction() as session:
            people_demo.load_demo(session)
            demo.prepare(session)
    return name


@contextmanager
def own_town(database_url: str) -> Iterator[Town]:
    """A town on a database made for it and dropped again."""
    name = f"town_{os.getpid()}_{next(_numbers)}"
    with databases.database(database_url, name, _model(database_url)) as url, _on(url) as own:
        yield Town(own)


def flat(key: str) -> bundles.Bundle:
    """A shipped procedure with what it calls drawn in its own diagram: for tests that change the drawing anywhere."""
    real = diagrams.from_folder(key)
    new = dataclasses.replace(real, internal=real.whole, called={})
    return dataclasses.replace(new, digest=bundles.named(new))
