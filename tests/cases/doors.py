"""A major case without an approving legal review: no door leads to the decision, and none leaves a trace.

Each door is tried on a committed case; whatever is refused leaves the case as it was, byte for byte: every row of
every table that belongs to it, numbers, jobs and files. What the law does allow (a review that does not pass)
goes its way and is looked at afterwards.
"""

import itertools
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from app.cases import acts, demo_content
from app.cases.demo import officers
from app.cases.models import Case, Submission, WorkItem
from app.documents.models import Document
from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused, XingquanError

from .town import Town, actor
from .untouched import sql

NAME = "stone-mill"
LATER = datetime(2025, 7, 20, 10, tzinfo=clock.CHINA)
"""Long after the party's period."""
SHUT = (Refused, Conflict, Forbidden, NotFound, Invalid)

numbers = itertools.count()


def key() -> str:
    return f"door{next(numbers):028d}"


@pytest.fixture(scope="module")
def case_id(town: Town) -> int:
    """A major case whose legal review waits; every test leaves it as it was."""
    return town.open(NAME, "legal_review")


@pytest.fixture
def own(town: Town) -> int:
    """One of these for a test alone."""
    return town.open(NAME, "legal_review")


def answers(town: Town, form: str, **changes: Any) -> dict[str, Any]:
    with town.read() as session:
        agency = actor(session, "hb-intake").agency_id
        given = demo_content.answers(demo_content.case_of(NAME), form, 0, officers(session, agency), LATER)
    return given | changes


def at_later(town: Town, act: Callable[..., Any], login: str, *given: Any) -> Any:
    with clock.at(LATER):
        return town.do(act, login, *given)


def decide(
    town: Town, work_id: int, version: int, login: str = "hb-head", used: str = "", **changes: Any
) -> Any:
    data = answers(town, "penalty_decide", **changes)
    return at_later(town, acts.hand_in, login, work_id, version, used or key(), lambda *_: data)


def refused(attempt: Callable[[], Any], *codes: str) -> XingquanError:
    with pytest.raises(SHUT) as caught:
        attempt()
    assert not codes or caught.value.code in codes, (caught.value.code, caught.value.message)
    return caught.value


def undecided(town: Town, case_id: int) -> None:
    """What any reader of the case sees: no decision."""
    with town.read() as session:
        case = session.get_one(Case, case_id)
        assert not any(step.startswith("decide") for step in case.passed)
        steps = set(session.scalars(select(Submission.step).where(Submission.case_id == case_id)))
        assert not any(step.startswith("decide") for step in steps)
        papers = set(session.scalars(select(Document.code).where(Document.case_id == case_id)))
        assert not papers & {"JD-01", "JD-02"}


@pytest.fixture(autouse=True)
def no_decision(town, case_id):
    yield
    undecided(town, case_id)


DECIDE = {
    "node": "decide", "name": "作出决定", "step": "decide", "form": "penalty_decide", "position_key": "head", "officers": 0
}  # fmt: skip


def forge(town: Town, case_id: int, **changes: Any) -> int:
    """Somebody with the database puts a task of the decision into an inbox; its number."""
    with town.app.app_context():
        from app.kernel.db import db

        table = WorkItem.__table__
        with db.engine.begin() as connection:
            real = connection.execute(
                select(table).where(table.c.case_id == case_id, table.c.status == "open").limit(1)
            ).one()
            row = {k: v for k, v in real._mapping.items() if k != "id"} | {"task_id": f"f{next(numbers)}"}
            row |= {"assignee_id": None, **DECIDE, **changes}
            return connection.execute(table.insert().values(**row).returning(table.c.id)).scalar_one()


def unforge(town: Town, work_id: int) -> None:
    sql(town, "delete from work_item where id = :id", id=work_id)


@pytest.fixture
def forged(town, case_id):
    """A forged task of the decision, live by its looks."""
    work_id = forge(town, case_id)
    yield work_id
    unforge(town, work_id)


# pages and programs


def review(town: Town, work: tuple[int, int], login: str = "hb-legal", **changes: Any) -> Any:
    data = answers(town, "penalty_legal_review", **changes)
    return at_later(town, acts.hand_in, login, *work, key(), lambda *_: data)
