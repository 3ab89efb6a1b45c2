"""A search shows exactly what is visible and matches, page by page, whichever way it is answered."""

import contextvars
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from callers import Caller
from flask import Flask
from sqlalchemy import and_, or_, select, text

from app.cases import finding, queries, seeking
from app.cases.models import Case, WorkItem
from app.diagrams import service as diagrams
from app.inbox import queries as inbox
from app.kernel import keys
from app.kernel.auth import Actor
from app.kernel.db import db
from app.people import service as people
from bench import data
from bench._site import plain_connection, site

CASES = 200
POSITIONS = ("investigator", "team_lead", "intake", "head")
WAYS = {
    "by the index": {"FIRST": 3, "SECONDS": 3600},
    "in one slice": {"FIRST": 1000, "FEW": 0, "SECONDS": 3600},
    "in many slices": {"FIRST": 7, "LARGEST": 28, "FEW": 0, "SECONDS": 3600},
    "in many requests": {"FIRST": 7, "LARGEST": 14, "FEW": 0, "BUDGET": 20, "SECONDS": 3600},
}
"""How a search is answered, by the limits that lead there."""


@pytest.fixture(scope="module")
def city() -> Iterator[Flask]:
    """An installation of this module alone with so many cases, of two agencies."""
    keys.forget()
    diagrams._cache.clear()  # ids of another database
    with site(options=data.FAST) as app, plain_connection() as connection:
        data.generate(connection, CASES, variants=1, agencies=2)
        yield app
        db.session.remove()
    keys.forget()
    diagrams._cache.clear()


@pytest.fixture(scope="module")
def officers(city: Flask) -> Sequence[Actor]:
    """People of the larger agency; the last one holds no position any more, only what is assigned and done."""
    session = db.session()
    agency = people.agency_id_of(session, "370400-04")
    found = [people.actor_of(session, people.officers_at(session, agency, p)[0].id) for p in POSITIONS]
    return [*found, replace(found[0], positions=frozenset())]


@pytest.fixture(scope="module")
def searches(city: Flask) -> Sequence[Sequence[str]]:
    """Words that nothing, one, some and most cases hold; short ones and several; parts of a number."""
    case = db.session().scalars(select(Case).where(Case.title.contains("演")).order_by(Case.id)).first()
    name = case.party["name"]
    return [["没有这样的词"], [name], [case.no], ["公司", "堆放"], ["演"], ["对易产生扬尘的物料"],
            ["枣环案"], ["100%"]]  # fmt: skip


def plain(words: Sequence[str]) -> Any:
    """What a search means, said plainly."""
    return and_(*(or_(Case.title.icontains(w, autoescape=True), Case.no.icontains(w, autoescape=True))
                  for w in words))  # fmt: skip


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in WAYS[request.param].items():
        monkeypatch.setattr(seeking, name, value)
    return request.param


def test_cases_are_found_without_gaps_or_doubles(way, officers, searches):
    session = db.session()
    given_up = many = 0
    for actor in officers:
        for words in searches:
            query = select(Case.id).where(queries.visible(actor), plain(words)).order_by(Case.id.desc())
            wanted = session.scalars(query).all()
            shown, before = [], None
            while True:
                page = finding.page(session, actor, words, before)
                shown += [case.id for case in page.cases]
                given_up += page.looked is not None
                assert len(page.cases) == finding.PAGE or page.before is None or page.looked
                if (before := page.before) is None:
                    break
            assert shown == wanted, (words, sorted(actor.positions))
            many += len(wanted) > finding.PAGE
    assert many >= 4
    assert bool(given_up) == (way == "in many requests")


def test_tasks_are_found_without_gaps_or_doubles(way, officers, searches):
    session = db.session()
    given_up = many = 0
    for actor in officers:
        for box in inbox.Box:
            moment = WorkItem.done_at if box is inbox.Box.DONE else inbox.MOMENT
            order = inbox._order(box, {"moment": moment, "id": WorkItem.id})
            for words in searches:
                query = select(WorkItem.id).join(Case, Case.id == WorkItem.case_id).where(plain(words))
                ways = inbox._ways(actor, box)
                query = query.where(WorkItem.agency_id == actor.agency_id, or_(False, *ways))
                wanted = session.scalars(query.order_by(*order)).all()
                shown, after = [], None
                while True:
                    page = inbox.page(session, actor, box, words, after)
                    shown += [row.id for row in page.rows]
                    given_up += page.looked is not None
                    if (after := page.after) is None:
                        break
                assert shown == wanted, (words, box, sorted(actor.positions))
                many += len(wanted) > inbox.PAGE
    assert many >= 3
    assert bool(given_up) == (way == "in many requests")


def test_the_index_names_the_cases_of_one_agency(city):
    session = db.session()
    agencies = session.scalars(select(Case.agency_id).distinct()).all()
    assert len(agencies) == 2
    for agency in agencies:
        wanted = session.scalars(select(Case.id).where(Case.agency_id == agency, plain(["2026"]))).all()
        found = seeking.indexed(session, agency, ["2026"])
        assert wanted
        assert found is not None
        assert sorted(found) == sorted(wanted)
    assert seeking.indexed(session, agencies[0], ["演"]) is None  # a single character is no pair
    assert session.scalar(text("show enable_seqscan")) == "on"


def test_the_index_gives_up_where_there_are_more(city, monkeypatch):
    session = db.session()
    agency = people.agency_id_of(session, "370400-04")
    number = len(seeking.indexed(session, agency, ["堆放"]) or [])
    monkeypatch.setattr(seeking, "FEW", number)
    assert len(seeking.indexed(session, agency, ["堆放"]) or []) == number
    monkeypatch.setattr(seeking, "FEW", number - 1)
    assert seeking.indexed(session, agency, ["堆放"]) is None


def test_the_statement_is_answered_by_the_index(city):
    condition, values = seeking._condition(db.session(), 1, ["有限公司", "露天堆放"])
    assert len(values["words"]) == seeking.PAIRS + 1
    with plain_connection() as connection:
        connection.execute("set enable_seqscan = off")
        plan = connection.execute(f'explain select id from "case" where {condition}', values).fetchall()  # noqa: S608
    assert "Bitmap Index Scan on ix_case_search" in str(plan)


def test_a_walk_reads_no_more_than_it_may(city, officers, monkeypatch):
    """However many cases there are, one request looks through its budget and one slice. No
    index knows a single character."""
    for name, value in {"FIRST": 4, "LARGEST": 8, "FEW": 0, "BUDGET": 20, "SECONDS": 3600}.items():
        monkeypatch.setattr(seeking, name, value)
    head = next(actor for actor in officers if "head" in actor.positions)
    page = finding.page(db.session(), head, ["☆"])
    assert not page.cases
    assert page.before is not None
    assert 20 <= page.looked <= 28
    monkeypatch.setattr(seeking, "SECONDS", 0)  # the time is over after a second slice
    monkeypatch.setattr(seeking, "QUICK", 3600)
    assert finding.page(db.session(), head, ["☆"]).looked == 4 + 8


@pytest.mark.parametrize(("path", "rest"), [("/cases", "更早的案件"), ("/inbox?box=positions", "后面的任务")])
def test_the_page_says_how_far_it_looked_and_goes_on(city, monkeypatch, path, rest):
    for name, value in {"FIRST": 6, "LARGEST": 6, "FEW": 0, "BUDGET": 6, "SECONDS": 3600}.items():
        monkeypatch.setattr(seeking, name, value)
    db.session.remove()
    pages = contextvars.Context().run(browse, city, path, rest)  # outside the module's own context
    assert "需要查看的" in pages[0]
    assert " 6 " in pages[0]
    assert len(pages) > 2
    assert all("还没有查完" in page for page in pages[:-1])
    assert f"{rest}中没有与“☆”相符的了" in pages[-1]


def browse(city: Flask, path: str, rest: str) -> list[str]:
    """Search as somebody and follow the link that goes on, to the end."""
    browser = Caller(city)
    assert browser.sign_in("hb-lead").status_code == 303
    pages = [browser.get(f"{path}{'&' if '?' in path else '?'}q=☆").get_data(as_text=True)]
    while found := re.search(rf'<a rel="next" href="([^"]*)">继续查找{rest}', pages[-1]):
        pages.append(browser.get(found[1].replace("&amp;", "&")).get_data(as_text=True))
    return pages
