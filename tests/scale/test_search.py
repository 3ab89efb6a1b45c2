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
from werkzeug.datastructures import MultiDict

from app.cases import finding, queries, seeking
from app.cases.models import Case, WorkItem
from app.diagrams import service as diagrams
from app.inbox import boxes, filters
from app.inbox import queries as inbox
from app.inbox.boxes import Box
from app.kernel import clock, keys, reads
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


FITTING = {
    "walk": filters.NONE,
    "field": filters.read(MultiDict([("not.field", "SCJG"), ("two", "no"), ("two", "yes")])),
    "light": filters.read(MultiDict([("light", "overdue"), ("light", "normal"), ("not.urged", "yes")])),
    "node": filters.read(MultiDict([("node", "案源登记"), ("node", "立案审查"), ("not.returned", "yes")])),
}
"""Filters of which some take rows away, some nothing."""


def listed(
    actor: Actor, box: Box, words: Sequence[str] = (), chosen: filters.Chosen = filters.NONE
) -> tuple[list, int]:
    """All pages of a list, as places and cases, and in how many of them the search was given up."""
    shown, given_up, after = [], 0, None
    while True:
        page = inbox.page(db.session(), actor, box, after=after, asked=inbox.Asked(words, chosen=chosen))
        shown += page.rows
        given_up += page.looked is not None
        if (after := page.after) is None:
            return shown, given_up


def in_order(actor: Actor, box: Box) -> list[int]:
    """The tasks of a box, said plainly."""
    waits, me = WorkItem.kind == "user", actor.officer_id
    conditions = {
        Box.MINE: or_(
            and_(waits, WorkItem.status == "open", WorkItem.assignee_id == me),
            and_(waits, WorkItem.status == "cosign", WorkItem.cosigner_id == me),
        ),
        Box.POSITIONS: and_(
            waits,
            WorkItem.status == "open",
            WorkItem.assignee_id.is_(None),
            WorkItem.position_key.in_(actor.positions),
        ),
        Box.DONE: and_(WorkItem.status == "done", WorkItem.done_by == me),
    }
    order = (WorkItem.done_at.desc(), WorkItem.id.desc())
    if box is not Box.DONE:
        order = (WorkItem.due_at.asc().nulls_last(), WorkItem.id.asc())
    query = select(WorkItem.id).where(conditions[box], WorkItem.agency_id == actor.agency_id)
    return list(db.session().scalars(query.order_by(*order)))


def test_tasks_are_found_without_gaps_or_doubles(way, officers, searches):
    session = db.session()
    given_up = many = 0
    for actor in officers:
        for box in Box:
            every, _ = listed(actor, box)
            if box in (Box.MINE, Box.POSITIONS, Box.DONE):
                assert [row.id for row in every] == in_order(actor, box)
            for words in searches:
                fits = set(session.scalars(select(Case.id).where(plain(words))))
                wanted = [row.place for row in every if row.case_id in fits]
                shown, times = listed(actor, box, words)
                given_up += times
                assert [row.place for row in shown] == wanted, (words, box, sorted(actor.positions))
                many += len(wanted) > inbox.PAGE
    assert many >= 3
    assert bool(given_up) == (way == "in many requests")


@pytest.mark.parametrize("name", FITTING)
def test_filtered_tasks_are_found_without_gaps_or_doubles(way, officers, monkeypatch, name):
    """Row by row the same as the facet of the row says, whichever way and in however many requests."""
    chosen = FITTING[name]
    for actor in officers[:2]:
        for box in (Box.MINE, Box.POSITIONS, Box.DONE, Box.INITIATED):
            every, _ = listed(actor, box)
            facts = told(actor, box, [row.place for row in every])
            wanted = [row.place for row in every if fitting(facts[row.place], chosen)]
            shown, _ = listed(actor, box, chosen=chosen)
            assert [row.place for row in shown] == wanted, (box, sorted(actor.positions))


def told(actor: Actor, box: Box, places: Sequence[int]) -> dict[int, dict[str, str | None]]:
    """What the facets say of rows."""
    session = db.session()
    columns = ", ".join(f"{one.column} as {one.name}" for one in filters.FACETS.values() if one.column)
    question = (
        f"select p.place, {columns} from ({boxes.joined(actor, box, boxes.Part(None, places=True))}) p "  # noqa: S608
        + filters.joins("wck", "p", box in boxes.OF_CASES)
    )
    values = boxes.values(actor) | {"places": list(places), "now": clock.now()}
    (rows,) = reads.fetch(session, (question, values))
    items = filters.items_of(session, actor.agency_id)
    for row in rows:
        row |= {"kind": items[int(row["item"])].kind, "field": items[int(row["item"])].field}
    return {row["place"]: row for row in rows}


def fitting(row: dict[str, str | None], chosen: filters.Chosen) -> bool:
    wanted = all(row[name] in some for name, some in chosen.wanted.items())
    return wanted and not any(row[name] in some for name, some in chosen.without.items())


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
    monkeypatch.setattr(seeking, "SECONDS", 0)  # a second slice would take longer than that
    assert finding.page(db.session(), head, ["☆"]).looked == 4


def test_what_most_cases_hold_is_not_asked_of_the_index(city, officers, monkeypatch):
    """The statistics say so at once; what is rare is asked all the same."""
    session, agency = db.session(), officers[0].agency_id
    with plain_connection() as connection:
        connection.execute('analyze "case"')
    assert seeking._condition(session, agency, ["公司"])[0]
    monkeypatch.setattr(seeking, "FEW", 1)
    assert seeking._condition(session, agency, ["公司"]) == ("", {})
    assert seeking._condition(session, agency, ["公司没有这样的词"])[0]
    assert seeking._condition(session, agency, ["枣环案〔2025〕1号"])[0]


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
    while found := re.search(rf'data-continue rel="next" href="([^"]*)">继续查找{rest}', pages[-1]):
        pages.append(browser.get(found[1].replace("&amp;", "&")).get_data(as_text=True))
    return pages
