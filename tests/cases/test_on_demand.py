"""制作文书: a task lets its officer make a document when it is needed. It counts like every document, and moves nothing."""

import itertools

import pytest
from sqlalchemy import select

from app.audit import service as audit
from app.cases import acts, on_demand
from app.cases.models import Handler, WorkItem, WorkStatus
from app.documents import service as documents
from app.documents.models import Document
from app.documents.template import DocumentError, sample_of, texts_of
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from app.people.models import Account, Certificate

from .town import actor, waiting
from .untouched import everything, unchanged

CODE, FORM = "DC-12", "paper_sampling"
SAID = sample_of(CODE)["forms"][FORM]
keys = itertools.count()


def key() -> str:
    return f"made{next(keys):028d}"


@pytest.fixture(scope="module")
def case_id(town) -> int:
    return town.open("dust-heap", "investigate")


@pytest.fixture(scope="module")
def logins(town, case_id) -> tuple[str, str]:
    """The lead handler, who has the task, and the second one."""
    with town.read() as session:
        found = select(Account.login, Handler.role).join(Handler, Handler.officer_id == Account.officer_id)
        by_role = {role: login for login, role in session.execute(found.where(Handler.case_id == case_id))}
    return by_role["lead"], by_role["second"]


@pytest.fixture(scope="module")
def lead(logins) -> str:
    return logins[0]


def make(town, login, case_id, used="", node="investigate", code=CODE, **changes):
    work, _ = town.work(case_id, node)
    told = {**SAID, **changes}
    return town.do(on_demand.make, login, work, used or key(), code, lambda *_: told)


def papers(town, case_id, code=CODE):
    with town.read() as session:
        chosen = select(Document).where(Document.case_id == case_id, Document.code == code)
        return [
            (d.number, texts_of(d.data["blocks"]), d.step)
            for d in session.scalars(chosen.order_by(Document.id))
        ]


@pytest.fixture(scope="module")
def work_id(town, case_id) -> int:
    return town.work(case_id, "investigate")[0]


@pytest.fixture(autouse=True)
def taken(town, work_id, lead):
    """The task is the lead handler's."""
    with town.act() as session:
        work = session.get_one(WorkItem, work_id)
        me = session.scalars(select(Account).where(Account.login == lead)).one()
        work.assignee_id, work.status = me.officer_id, WorkStatus.OPEN


def test_it_is_made_as_often_as_it_is_needed_and_moves_nothing(town, case_id, lead):
    before, had = everything(town, case_id), len(papers(town, case_id))
    first = make(town, lead, case_id)
    second = make(town, lead, case_id, keeping="全部送检。")
    assert (first.outcome, first.next) == (f"made.{CODE}", [])
    assert first.documents[0]["number"] != second.documents[0]["number"]
    assert second.message == f"已制作《抽样记录》{second.documents[0]['number']}。"
    found = papers(town, case_id)[had:]
    assert [step for _, _, step in found] == ["invest", "invest"]
    assert "全部送检。" in found[1][1]
    after = everything(town, case_id)
    moved = {name for name in before if before[name] != after[name]}
    assert moved <= {
        "case",
        "document",
        "document_series",
        "job",
        "record_entry",
        "act_done",
        "word",
        "files",
    }
    with town.read() as session:
        work = waiting(session, case_id, "investigate")
        assert work.status == WorkStatus.OPEN


def test_the_case_itself_changes_by_its_record_alone(town, case_id, lead):
    from app.cases.models import Case

    told = ("state", "attributes", "passed", "next_due", "status", "held")
    with town.read() as session:
        before = [getattr(session.get_one(Case, case_id), name) for name in told]
    make(town, lead, case_id)
    with town.read() as session:
        case = session.get_one(Case, case_id)
        assert [getattr(case, name) for name in told] == before
        entry = audit.of_case(session, case_id)[-1]
        assert entry.seq == case.record_seq
    assert (entry.kind, entry.content["node"], entry.content["form"]) == (
        "document.made",
        "investigate",
        FORM,
    )
    assert [d["code"] for d in entry.documents] == [CODE]


def test_one_key_makes_one_document(town, case_id, lead):
    used = key()
    first = make(town, lead, case_id, used)
    with unchanged(town, case_id):
        assert make(town, lead, case_id, used, keeping="另有说明。") == first


def test_a_key_of_one_kind_does_not_serve_another_and_no_other_act(town, case_id, lead):
    used = key()
    make(town, lead, case_id, used)
    work, version = town.work(case_id, "investigate")
    with unchanged(town, case_id):
        with pytest.raises(Conflict) as caught:
            make(town, lead, case_id, used, code="DC-01")
        assert caught.value.code == "key_reused"
        with pytest.raises(Conflict):
            town.do(acts.hand_in, lead, work, version, used, lambda *_: {})


@pytest.mark.parametrize("login", ["hb-intake", "hb-legal", "hb-head", "sj-officer1", "szzf-officer1"])
def test_who_has_nothing_to_do_with_the_task_finds_nothing(town, case_id, login):
    with unchanged(town, case_id), pytest.raises((NotFound, Forbidden)):
        make(town, login, case_id)


def test_who_holds_the_position_but_not_the_task_cannot_make_it(town, case_id, logins):
    with unchanged(town, case_id), pytest.raises(Conflict):
        make(town, logins[1], case_id)


def test_a_task_that_nobody_has_taken_lets_nobody_make_it(town, case_id, lead):
    with town.act() as session:
        waiting(session, case_id, "investigate").assignee_id = None
    with unchanged(town, case_id), pytest.raises(Conflict):
        make(town, lead, case_id)


@pytest.mark.parametrize("status", [WorkStatus.COSIGN, WorkStatus.SIGNING])
def test_what_was_handed_in_is_past_it(town, case_id, lead, status):
    work, _ = town.work(case_id, "investigate")
    with town.act() as session:
        session.get_one(WorkItem, work).status = status
    with unchanged(town, case_id), pytest.raises(Conflict):
        town.do(on_demand.make, lead, work, key(), CODE, lambda *_: SAID)


def test_a_task_that_is_done_is_past_it(town, case_id, lead):
    with town.read() as session:
        chosen = select(WorkItem.id).where(WorkItem.case_id == case_id, WorkItem.status == WorkStatus.DONE)
        done = session.scalars(chosen.where(WorkItem.node == "invest_plan")).one()
    with unchanged(town, case_id), pytest.raises((Conflict, NotFound)):
        town.do(on_demand.make, lead, done, key(), CODE, lambda *_: SAID)


@pytest.mark.parametrize("code", ["JD-01", "LA-06", "ZZ-99", "no such", "", "DC-19"])
def test_no_other_document_comes_through_this_door(town, case_id, lead, code):
    work, _ = town.work(case_id, "investigate")
    with unchanged(town, case_id):
        with pytest.raises(NotFound):
            town.do(on_demand.make, lead, work, key(), code, lambda *_: SAID)
        with pytest.raises(NotFound):
            town.do(on_demand.preview, lead, work, code, lambda *_: SAID)


def test_not_at_another_task(town, lead):
    other = town.open("dust-heap", "check")
    with town.act() as session:
        work = waiting(session, other, "check")
        work.assignee_id = session.scalars(
            select(Account.officer_id).where(Account.login == "hb-officer1")
        ).one()
        where = work.id
    with unchanged(town, other), pytest.raises(NotFound):
        town.do(on_demand.make, "hb-officer1", where, key(), CODE, lambda *_: SAID)


def test_answers_that_are_not_acceptable_make_nothing(town, case_id, lead):
    with unchanged(town, case_id):
        with pytest.raises(Invalid) as caught:
            make(town, lead, case_id, sealing="", samples=[])
        assert set(caught.value.errors) >= {"sealing", "samples"}
        with pytest.raises(Invalid):
            make(town, lead, case_id, outcome="transfer")
        with pytest.raises(DocumentError):
            make(town, lead, case_id, sealing="\U0001f600")


def test_two_officers_must_be_able_to_act(town, case_id, logins):
    with town.act() as session:
        second = session.scalars(select(Account.officer_id).where(Account.login == logins[1])).one()
        held = select(Certificate).where(Certificate.officer_id == second, Certificate.kind == "enforcement")
        certificate = session.scalars(held).one()
        kept, where = certificate.valid_to, certificate.id
        certificate.valid_to = certificate.valid_from
    try:
        with unchanged(town, case_id), pytest.raises(Refused) as caught:
            make(town, logins[0], case_id)
        assert caught.value.code == "certified_officers"
    finally:
        with town.act() as session:
            session.get_one(Certificate, where).valid_to = kept


def test_a_look_at_it_keeps_nothing(town, case_id, lead):
    work, _ = town.work(case_id, "investigate")
    with unchanged(town, case_id):
        seen = town.do(on_demand.preview, lead, work, CODE, lambda *_: {"place": "演示仓库"})
    assert seen.startswith(b"%PDF")


def test_it_is_void_only_by_itself(town, case_id, lead):
    """It stands in the register like every other, gapless."""
    made = make(town, lead, case_id)
    with town.act() as session:
        document = session.get_one(Document, int(made.documents[0]["id"]))
        documents.void(session, document, "样品信息有误", actor(session, lead).officer_id)
    assert make(town, lead, case_id).documents[0]["number"] != made.documents[0]["number"]


class TestPages:
    def test_the_page_asks_and_makes(self, town, case_id, lead):
        browser = town.caller(lead)
        work, _ = town.work(case_id, "investigate")
        assert f"/work/{work}/documents/{CODE}" in browser.get(f"/work/{work}").get_data(as_text=True)
        place, had = f"/work/{work}/documents/{CODE}", len(papers(town, case_id))
        wrong = browser.post(place, {"_key": key(), "place": "演示仓库二"})
        assert wrong.status_code == 422
        assert "演示仓库二" in wrong.get_data(as_text=True)
        samples = {f"samples.0.{name}": value for name, value in SAID["samples"][0].items()}
        given = {k: v for k, v in SAID.items() if k != "samples"} | samples
        answer = browser.post(place, {"_key": key(), **given})
        assert answer.status_code == 303
        told = browser.get(answer.location).get_data(as_text=True)
        assert "已制作《抽样记录》" in told
        assert len(papers(town, case_id)) == had + 1
        assert papers(town, case_id)[-1][0] in browser.get(f"/cases/{case_id}").get_data(as_text=True)
        look = browser.post(f"{place}/preview", {"_key": key(), "place": "演示仓库"})
        assert look.mimetype == "application/pdf"
        assert len(papers(town, case_id)) == had + 1

    def test_somebody_else_gets_neither_page_nor_link(self, town, case_id, logins):
        browser = town.caller(logins[1])
        work, _ = town.work(case_id, "investigate")
        assert f"/work/{work}/documents/{CODE}" not in browser.get(f"/work/{work}").get_data(as_text=True)
        assert browser.get(f"/work/{work}/documents/{CODE}").status_code == 409
        assert town.caller("hb-legal").get(f"/work/{work}/documents/{CODE}").status_code == 404
