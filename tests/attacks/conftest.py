"""A town under attack: the people at their browsers and programs, and a digest of everything that is stored."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from api.conftest import at_ease, town
from api.programs import Program, program
from callers import Caller
from cases.town import Town, actor
from journeys.publication import Way
from sqlalchemy import select, text

from app.cases.models import Case
from app.catalogue.models import ItemVersion, PowerItem
from app.deadlines import service as deadlines
from app.documents.models import Document
from app.orders import drafting
from app.people.models import Account, WebSession

from .stored import digest_of

__all__ = ["at_ease", "town"]


@pytest.fixture
def stored(town: Town) -> Callable[[], Mapping[str, str]]:
    """`stored()`: a digest of every table, moments of use aside."""

    def look() -> Mapping[str, str]:
        with town.read() as session:
            return digest_of(session)

    return look


@pytest.fixture(scope="package")
def people(town: Town) -> Callable[[str], Caller]:
    """Somebody's browser, signed in once for the folder."""
    known: dict[str, Caller] = {}

    def find(login: str) -> Caller:
        if login not in known:
            known[login] = town.caller(login)
        return known[login]

    return find


@pytest.fixture(scope="package")
def programs(town: Town) -> Callable[[str], Program]:
    """Somebody's program with a token that may act, made once for the folder."""
    known: dict[str, Program] = {}

    def find(login: str) -> Program:
        if login not in known:
            known[login] = program(town, login)
        return known[login]

    return find


@pytest.fixture(scope="package")
def prey(town: Town) -> Mapping[str, Any]:
    """What belongs to a district's law enforcement bureau: a case with all that hangs on it, people, tokens."""
    case_id = town.open("rubble-field", "serve")
    owner = town.caller("szzf-officer1")
    token = program(town, "szzf-officer1")
    draft = Way(town)
    draft.draft()
    with town.act() as session:
        agency = actor(session, "szzf-officer1").agency_id
        said = {"change": "repealed", "law": "城市道路管理条例", "by": "演示条例"}
        order_id = drafting.begin(session, "law", agency, "演示", said).id
    with town.read() as session:
        found = session.get_one(Case, case_id)
        account = session.scalars(select(Account).where(Account.login == "szzf-officer1")).one()
        return {
            "case_id": case_id,
            "work_item_id": town_work(session, case_id),
            "document_id": session.scalars(select(Document.id).where(Document.case_id == case_id)).first(),
            "ident_code": session.scalars(select(Document.ident_code)).first(),
            "clock_id": deadlines.of_case(session, case_id)[0].id,
            "item_id": session.scalars(
                select(PowerItem.id).where(PowerItem.agency_id == found.agency_id)
            ).first(),
            "item_version_id": session.scalars(
                select(ItemVersion.id).where(ItemVersion.agency_id == found.agency_id)
            ).first(),
            "officer_id": actor(session, "szzf-officer1").officer_id,
            "colleague_id": session.scalars(
                select(Account.officer_id).where(
                    Account.login.startswith("tzz-"), Account.officer_id.is_not(None)
                )
            ).first(),
            "account_id": account.id,
            "session_id": session.scalars(
                select(WebSession.id).where(WebSession.account_id == account.id)
            ).first(),
            "token_id": session.scalar(text("select max(id) from access_token")),
            "no": found.no,
            "draft_id": draft.draft_id,
            "order_id": order_id,
            "owner": owner,
            "program": token,
        }


def town_work(session: Any, case_id: int) -> int:
    """The waiting task of a case."""
    return session.scalar(
        text("select min(id) from work_item where case_id = :case and status = 'open' and kind = 'user'"),
        {"case": case_id},
    )
