"""Who gets the files of a document, and how."""

import pytest
from flask import Flask, g
from sqlalchemy.orm import Session

from app.documents import views
from app.documents.models import Document
from app.kernel import auth
from app.kernel.db import db
from app.kernel.errors import NotFound

from .conftest import Paper

OFFICER = auth.Actor(
    1, 7, "乙丑102(演示)", 4, "枣庄市生态环境局", "370400", frozenset({auth.Role.OFFICER}), frozenset()
)
ACCEPT = {"Accept": "application/json"}


class Office:
    """The documents room with somebody signed in, and a guard that lets case 12 pass."""

    def __init__(self, alone: Flask):
        self.actor: auth.Actor | None = OFFICER
        self.asked: list[int] = []
        alone.before_request_funcs.setdefault(None, []).insert(0, self._sign_in)
        self.get = alone.test_client().get

    def _sign_in(self) -> None:
        g.actor = self.actor

    def guard(self, session, actor, case_id) -> None:
        self.asked.append(case_id)
        if case_id != 12:
            raise NotFound()


@pytest.fixture
def office(room_app):
    office, before = Office(room_app(views.room)), views._guard
    views.install_case_guard(office.guard)
    yield office
    views.install_case_guard(before)


@pytest.fixture
def paper(committed) -> Paper:
    return committed("JD-01")


@pytest.fixture
def row(app):
    """What the register says of a committed paper now."""

    def read(paper: Paper) -> Document:
        with app.app_context(), Session(db.engine) as session:
            return session.get_one(Document, paper.id)

    return read


def test_the_pdf_is_shown_in_the_browser_and_cached_by_digest(office, paper, row):
    response = office.get(f"/documents/{paper.id}.pdf")
    digest = row(paper).pdf_digest
    assert response.status_code == 200
    assert response.mimetype == "application/pdf"
    assert response.data.startswith(b"%PDF")
    assert response.headers["Content-Disposition"].startswith("inline; filename=")
    assert "%E6%9E%A3%E7%8E%AF%E7%BD%9A" in response.headers["Content-Disposition"]
    assert response.get_etag() == (digest, False)
    again = office.get(f"/documents/{paper.id}.pdf", headers={"If-None-Match": f'"{digest}"'})
    assert (again.status_code, again.data) == (304, b"")
    assert office.asked == [12, 12]


def test_the_docx_is_given_too(office, paper, row):
    response = office.get(f"/documents/{paper.id}.docx")
    assert response.mimetype == views.WORD
    assert response.get_etag() == (row(paper).docx_digest, False)


def test_a_void_document_is_not_served_from_an_old_cache(office, paper, row, void):
    office.get(f"/documents/{paper.id}.pdf")
    digest = row(paper).pdf_digest
    void(paper)
    response = office.get(f"/documents/{paper.id}.pdf", headers={"If-None-Match": f'"{digest}"'})
    assert response.status_code == 200
    assert response.get_etag() == (None, None)


def test_who_may_not_see_the_case_may_not_see_its_documents(office, committed):
    paper = committed("JD-01", case_id=13)
    assert office.get(f"/documents/{paper.id}.pdf", headers=ACCEPT).status_code == 404
    assert office.get("/documents/999999.pdf", headers=ACCEPT).status_code == 404


def test_without_a_guard_nobody_may(office, paper):
    views.install_case_guard(views._nobody_may)
    assert office.get(f"/documents/{paper.id}.pdf", headers=ACCEPT).status_code == 404


def test_a_visitor_must_sign_in(office, paper):
    office.actor = None
    assert office.get(f"/documents/{paper.id}.pdf", headers=ACCEPT).status_code == 401
