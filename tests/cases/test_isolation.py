"""What is not yours does not exist: between agencies, levels and positions, at every door with an id."""

from collections.abc import Mapping

import pytest
from sqlalchemy import select, text
from werkzeug.routing import IntegerConverter

from app.cases import acts, changes, changing, finding, locking, queries, recusals
from app.cases.models import Case
from app.cases.recusing import Request
from app.deadlines import service as deadlines
from app.documents.models import Document
from app.forms import service as forms
from app.inbox import presentation
from app.inbox import queries as inbox
from app.kernel.auth import Role
from app.kernel.errors import NotFound
from app.kernel.web import PROGRAMS
from app.supervision import service as supervision

from .town import Town, actor

KEY = "isolation0000000"


@pytest.fixture(scope="module")
def cases(town: Town) -> Mapping[str, int]:
    """One case of a city bureau and one of a district's, each with a task that waits."""
    return {"city": town.open("stone-mill", "check"), "district": town.open("rubble-field", "serve")}


@pytest.fixture(scope="module")
def ids(town: Town, cases) -> Mapping[str, int]:
    """What lies in the district's case: a document, the waiting task."""
    with town.read() as session:
        document = session.scalars(select(Document.id).where(Document.case_id == cases["district"])).first()
        clock = deadlines.of_case(session, cases["district"])[0].id
    with town.act() as session:
        me = actor(session, "szzf-officer1")
        asked = Request(me.officer_id or 0, "own", "relation", "是当事人的同学。")
        recusal = recusals.request(session, me, cases["district"], KEY, asked).work_item_id
        paper = changes.paper(session, cases["district"], document)
        running = locking.running(session, session.get_one(Case, cases["district"]))
        kind = next(
            c.key for c in changing.choices(session, running, paper) if not c.why_not and c.key != "correct"
        )
        wish = changing.Change(kind, "演示")
        change = changes.request(session, me, cases["district"], document, KEY[::-1], wish).work_item_id
    return {"case_id": cases["district"], "work_item_id": town.work(cases["district"], "serve")[0],
            "document_id": document, "clock_id": clock, "recusal_id": recusal,
            "change_id": change}  # fmt: skip


def addresses(town: Town, ids: Mapping[str, int]) -> list[tuple[str, str]]:
    """Every way in that names one of these by its id, with its method."""
    found = []
    for rule in town.app.url_map.iter_rules():
        numbers = {n for n, c in rule._converters.items() if isinstance(c, IntegerConverter)}
        if not numbers & set(ids) or rule.rule.startswith(PROGRAMS):
            continue  # programs at the same doors: tests/attacks/test_foreign_ids.py
        rest = {
            "which": "internal",
            "number": 1,
            "digest": "a" * 64,
            "code": "SD-01",
            "act": "suspend",
            "name": "release",
        }
        values = {name: ids.get(name) or rest.get(name, 1) for name in rule.arguments}
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            found.append((method, town.app.url_map.bind("localhost").build(rule.endpoint, values, method)))
    return found


def open_all(town: Town, login: str, ids: Mapping[str, int]) -> dict[str, int]:
    who = town.caller(login)
    token = who.token("/account")
    answers = {}
    for method, path in addresses(town, ids):
        post = {"_csrf": token, "_key": KEY, "_version": "1"}
        got = who.get(path) if method == "GET" else who.bare_post(path, post)
        answers[f"{method} {path}"] = got.status_code
    return answers


def test_the_walk_knows_every_door(town, ids):
    paths = {path.split("/")[1] for _, path in addresses(town, ids)}
    assert paths == {"cases", "work", "documents", "inbox", "studio", "review", "scene", "laws"}
    assert len(addresses(town, ids)) >= 13


@pytest.mark.parametrize("login", ["hb-officer1", "hb-head", "szhb-officer1", "sgz-officer1", "szsf-legal"])
def test_another_agency_finds_nothing(town, ids, login):
    answers = open_all(town, login, ids)
    assert set(answers.values()) == {404}, answers


NONE_OF_ITS = (
    "/files/",
    "/binding/",
    "/studio/publications/",
    "/review/",
    "/uploads/",
    "/evidence/",
    "/scene/",
    "/documents/SD-01",
    "/called/",
    "/laws/changes/",
)


def test_the_own_agency_finds_it(town, ids):
    answers = open_all(town, "szzf-officer1", ids)
    missing = [path for path, status in answers.items() if status == 404]
    assert [path for path in missing if not any(part in path for part in NONE_OF_ITS)] == []
    assert len(missing) < len(answers) / 2, (
        "the file and uploads are none of the case's, its task is no sitting and makes no paper on demand"
    )


def test_a_position_the_case_has_not_reached_finds_nothing(town, ids):
    answers = open_all(town, "szzf-finance", ids)
    assert set(answers.values()) == {404}, answers


IDS = """
    select table_name from information_schema.columns
    where table_schema = 'public' and column_name = 'id' and table_name in
        (select table_name from information_schema.columns where table_schema = 'public' and column_name = 'case_id')
"""


def rows_with_ids(town: Town, case_id: int) -> set[tuple[str, int]]:
    """Every row that belongs to a case, by table and id."""
    with town.read() as session:
        found = {("case", case_id)}
        for table in session.scalars(text(IDS)).all():
            chosen = text(f'select id from "{table}" where case_id = :case')  # noqa: S608 - names of our own tables
            found |= {(table, number) for number in session.scalars(chosen, {"case": case_id})}
        return found


@pytest.mark.requirement("S2-58", part="无物理删除接口")
@pytest.mark.parametrize("login", ["szzf-officer1", "szzf-head", "szzf-archive"])
def test_no_door_deletes_anything_of_a_case(town, ids, login):
    assert [rule.rule for rule in town.app.url_map.iter_rules() if "DELETE" in (rule.methods or set())] == []
    before = rows_with_ids(town, ids["case_id"])
    assert {"case", "work_item", "submission", "document", "clock", "record_entry"} <= {t for t, _ in before}
    open_all(town, login, ids)
    assert before <= rows_with_ids(town, ids["case_id"])


@pytest.mark.parametrize("login", ["szsf-admin", "szsf-analyst", "szsf-super"])
def test_accounts_without_cases_are_not_let_in(town, ids, login):
    for path, status in open_all(town, login, ids).items():
        assert status in (403, 404), path


def test_another_agency_learns_no_more_than_of_nothing(town, ids):
    """The answer about a case that exists elsewhere is that about one that does not exist."""
    who = town.caller("hb-officer1")
    pages = [
        who.get(path).get_data(as_text=True).replace(path, "")
        for path in (f"/cases/{ids['case_id']}", "/cases/987654321")
    ]
    assert pages[0] == pages[1]
    for path in ("/cases", "/inbox?box=positions", "/inbox?box=mine", "/inbox?box=done"):
        assert (
            "韦某某"
            not in who.get(f"{path}{'&' if '?' in path else '?'}q=韦某").get_data(as_text=True)[3000:]
        )


def test_at_the_services_too(stage, desk, town, ids, cases):
    for login in ("hb-officer1", "szzf-finance", "szsf-admin", "szsf-analyst", "szsf-super"):
        me = actor(desk, login)
        with pytest.raises(NotFound):
            queries.case(desk, me, ids["case_id"])
        with pytest.raises(NotFound):
            queries.work_item(desk, me, ids["work_item_id"])
        with pytest.raises(NotFound):
            acts.claim(desk, me, ids["work_item_id"], KEY)
        with pytest.raises(NotFound):
            acts.hand_in(desk, me, ids["work_item_id"], 1, KEY, lambda *_: {})
        with pytest.raises(NotFound):
            presentation.preview(desk, me, ids["work_item_id"], "SD-01")
        assert ids["case_id"] not in {c.id for c in finding.page(desk, me).cases}
        for box in inbox.Box:
            assert ids["case_id"] not in {r.case_id for r in inbox.page(desk, me, box).rows}


def test_a_list_holds_the_own_agency_s_cases_only(desk, cases):
    assert [c.id for c in finding.page(desk, actor(desk, "hb-officer1")).cases] == [cases["city"]]
    assert [c.id for c in finding.page(desk, actor(desk, "szzf-officer1")).cases] == [cases["district"]]


def test_finance_sees_a_case_once_it_has_reached_finance(stage, desk):
    before = stage("market-aisle", until="serve")
    me = actor(desk, "yj-finance")
    with pytest.raises(NotFound):
        queries.case(desk, me, before.case_id)
    before.do("serve")
    assert queries.case(desk, me, before.case_id).id == before.case_id


def test_an_account_that_is_an_officer_no_more_sees_nothing(desk, cases):
    from dataclasses import replace

    me = actor(desk, "hb-intake")
    assert queries.case(desk, me, cases["city"])
    analyst = replace(me, roles=frozenset({Role.ANALYST}))
    with pytest.raises(NotFound):
        queries.case(desk, analyst, cases["city"])
    assert not finding.page(desk, analyst).cases


def test_a_draft_is_its_author_s(desk, town, cases):
    work, _ = town.work(cases["city"], "check")
    mine, other = actor(desk, "hb-officer1"), actor(desk, "hb-officer2")
    forms.save_draft(desk, mine.account_id, f"work:{work}", {"facts": "我的草稿"})
    assert forms.load_draft(desk, other.account_id, f"work:{work}") is None


def test_supervisors_are_reminded_of_their_own_regions_only(stage, desk):
    case = stage("stone-mill", until="decide")
    seen = {
        login: [r.case_id for r in supervision.reminders(desk, actor(desk, login))]
        for login in ("sf-super", "szsf-super", "xcsf-super")
    }
    assert case.case_id in seen["sf-super"]
    assert seen["szsf-super"] == seen["xcsf-super"] == []
    assert supervision.reminders(desk, actor(desk, "hb-officer1")) == []
    assert supervision.reminders(desk, actor(desk, "sf-admin")) == []
