"""Who was recused sees nothing of the case any more, by whatever door; what they did they still know by number and step."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.cases import finding, handover, recusals, sight
from app.cases import service as cases
from app.cases.models import Case, Submission, WorkItem, WorkStatus
from app.documents.models import Document
from app.inbox import queries
from app.inbox.boxes import Box
from app.inbox.searching import Asked
from app.kernel import clock
from app.kernel.errors import Forbidden
from app.review import legal_home

from .test_recusal import ask, key, out
from .town import Town, actor, waiting

REVIEWER = "hb-review"


@pytest.fixture(scope="module")
def case_id(town: Town) -> int:
    """A case that the reviewer has reviewed and is recused from; the head decided it over HTTP."""
    number = town.open("stone-mill", "legal_review")
    with town.act() as session:
        asked = ask(session, number, "hb-officer1", REVIEWER, "party")
    head = town.caller("hb-head")
    assert head.get(f"/cases/{number}").status_code == 200
    before = town.caller(REVIEWER)
    assert before.get(f"/cases/{number}").status_code == 200
    given = {"_key": key(), "decision": "approve", "reason": "情况属实。"}
    assert head.post(f"/cases/{number}/recusals/{asked}", given).status_code == 303
    return number


def doors(town: Town, case_id: int) -> list[str]:
    """Every page and file of the case that its people read."""
    with town.read() as session:
        papers = session.scalars(select(Document.id).where(Document.case_id == case_id)).all()
        works = session.scalars(select(WorkItem.id).where(WorkItem.case_id == case_id)).all()
        digests = _digests(session, case_id)
    assert min(len(papers), len(works), len(digests)) > 0
    found = [f"/cases/{case_id}", f"/cases/{case_id}/recusals", f"/review/legal/cases/{case_id}/remarks"]
    found += [f"/documents/{number}.{kind}" for number in papers[:2] for kind in ("pdf", "docx")]
    found += [f"/work/{number}" for number in works]
    found += [
        f"/cases/{case_id}/files/{digest}/{part}" for digest in digests[:1] for part in ("view", "content")
    ]
    found += [f"/api/v1/cases/{case_id}", f"/api/v1/cases/{case_id}/record"]
    found += [f"/api/v1/work-items/{works[0]}"]
    with town.app.test_request_context():
        adapter = town.app.url_map.bind("localhost")
        for rule in town.app.url_map.iter_rules():
            if rule.arguments == {"case_id"} and "GET" in (rule.methods or ()):
                found.append(adapter.build(rule.endpoint, {"case_id": case_id}))
    return list(dict.fromkeys(found))


def _digests(session, case_id: int) -> list[str]:
    data = session.scalars(select(Submission.data).where(Submission.case_id == case_id)).all()
    return sorted(set(re.findall(r'"digest": "([0-9a-f]{64})"', json.dumps(list(data)))))


def test_every_door_is_closed_and_says_why(town, case_id):
    browser = town.caller(REVIEWER)
    open_to_head = town.caller("hb-deputy")
    shown = 0
    for door in doors(town, case_id):
        answer = browser.get(door)
        assert answer.status_code in (403, 404), door
        text = answer.get_data(as_text=True)
        assert "某建材有限公司" not in text, door
        if not door.startswith("/api"):
            assert "已被决定回避" in text or answer.status_code == 404, door
        shown += open_to_head.get(door).status_code == 200
    assert shown > 8


def test_the_programs_door_is_closed_too(town, case_id):
    browser = town.caller(REVIEWER)
    answer = browser.get(f"/api/v1/cases/{case_id}")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "recused")


def test_what_they_did_is_listed_by_number_and_step_alone(town, case_id):
    with town.read() as session:
        no = session.get_one(Case, case_id).no
        me = actor(session, REVIEWER)
        row = next(r for r in queries.page(session, me, Box.DONE).rows if r.case_id == case_id)
    assert (row.kept_out, row.title, row.name) == (True, "", "业务审核")
    text = town.caller(REVIEWER).get("/inbox?box=done").get_data(as_text=True)
    for word in (no, "业务审核", "已回避"):
        assert word in text
    assert "某建材有限公司" not in text
    assert f"/cases/{case_id}" not in text
    listed = town.caller(REVIEWER).get("/api/v1/inbox?box=done").get_json()["tasks"]
    assert {one["case"]["title"] for one in listed if one["case"]["id"] == case_id} == {""}


@pytest.mark.parametrize("box", sorted(Box))
def test_nothing_of_it_is_found_or_listed(town, case_id, box):
    with town.read() as session:
        me = actor(session, REVIEWER)
        for asked in (Asked(("某建材",)), Asked((), ("颗粒物",))):
            assert case_id not in {r.case_id for r in queries.page(session, me, box, (), None, asked).rows}
        if box is not Box.DONE:
            assert case_id not in {r.case_id for r in queries.page(session, me, box).rows}
        assert case_id not in {c.id for c in finding.page(session, me).cases}
        assert case_id not in {c.id for c in finding.page(session, me, ("某建材",)).cases}
        other = actor(session, "hb-head")
        assert case_id in {c.id for c in finding.page(session, other, ("某建材",)).cases}


def test_what_is_copied_opened_watched_or_in_the_pool_is_closed(stage, desk):
    """Each way by which somebody sees a case."""
    case = stage("dust-heap", until="pre_review")
    work = waiting(desk, case.case_id, "pre_review")
    row = desk.get_one(Case, case.case_id)
    opener = next(
        login for login in ("hb-intake", "hb-officer1", "hb-lead")
        if _officer(desk, login) == row.opened_by
    )  # fmt: skip
    person = actor(desk, opener)
    listed = {box: _cases_in(desk, person, box) for box in (Box.INITIATED,)}
    assert case.case_id in listed[Box.INITIATED]
    reviewer = actor(desk, REVIEWER)
    assert case.case_id in _cases_in(desk, reviewer, Box.POSITIONS)
    with clock.at(case.moment):
        cases.desk_act(
            desk, actor(desk, "hb-head"), work.id, work.version, case.key(), "copy",
            {"to": [str(_officer(desk, "hb-finance"))]},
        )  # fmt: skip
    assert case.case_id in _cases_in(desk, actor(desk, "hb-finance"), Box.COPIED)
    for login in {opener, REVIEWER, "hb-finance"}:
        handler = login in ("hb-officer1", "hb-officer2")
        out(desk, case.case_id, login, **({"successor": "hb-officer3"} if handler else {}))
        who = actor(desk, login)
        for box in Box:
            if box is not Box.DONE:
                assert case.case_id not in _cases_in(desk, who, box), (login, box)
        with pytest.raises(Forbidden) as caught:
            cases.case(desk, who, case.case_id)
        assert caught.value.code == "recused"


def _officer(session, login):
    return actor(session, login).officer_id


def _cases_in(session, person, box):
    return {row.case_id for row in queries.page(session, person, box).rows}


def test_a_recused_deputy_has_it_in_no_list_of_a_head(stage, desk):
    case = stage("stone-mill", until="legal_review")
    other = ask(desk, case.case_id, "hb-officer1", "hb-legal", "party")
    deputy = actor(desk, "hb-deputy")
    since = case.moment.date() - timedelta(days=300)
    asked = sight.filter_of(
        desk, deputy, desk.get_one(Case, case.case_id).procedure_id, since=since, until=case.moment.date()
    )
    assert case.case_id in {row.id for row in sight.slowest(desk, deputy, asked, "check")}
    assert case.case_id in {c.id for c in finding.page(desk, deputy).cases}
    out(desk, case.case_id, "hb-deputy")
    assert case.case_id not in {row.id for row in sight.slowest(desk, deputy, asked, "check")}
    assert case.case_id not in {c.id for c in finding.page(desk, deputy).cases}
    assert case.case_id not in _cases_in(desk, deputy, Box.AGENCY)
    assert other not in {one.id for one in recusals.waiting(desk, deputy)}
    held = {one.case_id for login in ("hb-officer1", "hb-lead") for one in
            handover.held(desk, deputy, _officer(desk, login))[1]}  # fmt: skip
    assert case.case_id not in held
    assert case.case_id not in {one.case_id for one in handover.to_replace(desk, deputy)}


def test_the_legal_reviewers_list_leaves_it_out(stage, desk):
    case = stage("stone-mill", until="legal_review")
    legal = actor(desk, "hb-legal")
    work = waiting(desk, case.case_id, "legal_review")
    assert work.id in {one.work_item_id for one in legal_home.waiting(desk, legal)}
    out(desk, case.case_id, "hb-legal")
    assert work.id not in {one.work_item_id for one in legal_home.waiting(desk, legal)}


def test_a_recusal_that_is_lifted_opens_the_case_again(stage, desk):
    case = stage("stone-mill", until="legal_review")
    number = out(desk, case.case_id, REVIEWER)
    me = actor(desk, REVIEWER)
    with pytest.raises(Forbidden):
        cases.case(desk, me, case.case_id)
    recusals.lift(desk, actor(desk, "hb-head"), case.case_id, number, key(), "核查后没有。")
    assert cases.case(desk, me, case.case_id)
    row = next(r for r in queries.page(desk, me, Box.DONE).rows if r.case_id == case.case_id)
    assert (row.kept_out, bool(row.title)) == (False, True)
    assert row.status == WorkStatus.DONE
