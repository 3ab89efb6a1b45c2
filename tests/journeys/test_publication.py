"""A draft becomes a version only by the case that approved exactly its content."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from callers import cheap_hashes
from cases.conftest import town
from cases.town import Town, actor, post_to
from journeys.publication import ANALYST, GOOD, LEGAL, Way, key, stated
from sqlalchemy import func, select, text

from app.cases import acts, finding
from app.cases.models import Case, CaseStatus
from app.diagrams import service as diagrams
from app.diagrams.models import ProcedureVersion, Publication
from app.documents import service as documents
from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from app.studio import publish, publish_checks

__all__ = ["cheap_hashes", "town"]

KEY = "penalty/ordinary"


@pytest.fixture
def way(town) -> Way:
    made = Way(town)
    made.draft()
    return made


def versions(town: Town, procedure: str = KEY) -> int:
    with town.read() as session:
        chosen = select(func.count()).where(ProcedureVersion.key == procedure)
        return session.scalar(chosen.select_from(ProcedureVersion))


@contextmanager
def nothing_published(town: Town) -> Iterator[None]:
    before = versions(town)
    yield
    assert versions(town) == before


def opened_today(town: Town) -> int:
    """The version on which an officer opens a case now."""
    with town.read() as session:
        item = acts.openable(session, actor(session, "hb-intake"))[0].id
    case_id = town.do(acts.open_case, "hb-intake", item, key()).case_id
    with town.read() as session:
        return session.get_one(Case, case_id).procedure_id


def test_the_whole_way(town, way):
    before = versions(town)
    answer = way.send()
    assert {d["title"] for d in answer.documents} == {
        "行政权力运行流程变动送审表",
        "行政权力运行流程证明报告",
    }
    assert (way.status(), way.nodes()) == ("review", {"initial"})
    way.initial()
    way.collective()
    assert way.nodes() == {"submit"}
    way.submit()
    assert versions(town) == before
    answer = way.audit()
    assert [d["title"] for d in answer.documents] == ["行政权力运行流程合法性审核意见书"]
    assert (way.status(), versions(town)) == ("published", before + 1)
    row = way.row()
    with town.read() as session:
        version = diagrams.current(session, KEY)
        no = session.get_one(Case, way.case_id).no
        assert (version.id, version.digest) == (row.version_id, row.digest)
        assert version.provenance == diagrams.approved(way.case_id, no)
        assert version.effective_on == clock.today()
        assert diagrams.to_tree(diagrams.bundle_of(session, version.id)) == way.texts()
        papers = documents.of_case(session, way.case_id)
        printed = {paper.code: str(documents.by_id(session, paper.id).data) for paper in papers}
        assert row.digest in printed["LC-01"]
        assert row.digest in printed["LC-02"]
        assert "已证明" in printed["LC-03"]
        assert next(p.number for p in papers if p.code == "LC-02").startswith("枣司流审〔")
    way.archive()
    with town.read() as session:
        assert session.get_one(Case, way.case_id).status == CaseStatus.CLOSED


def test_officers_open_cases_on_the_version_that_was_approved(town, way):
    way.to_audit()
    way.audit()
    assert opened_today(town) == way.row().version_id


def test_a_version_waits_for_its_day(town, way):
    way.to_audit()
    with town.read() as session:
        before = diagrams.current(session, KEY).id
    day = clock.today() + timedelta(days=30)
    way.audit(effective_on=day.isoformat())
    approved = way.row().version_id
    with town.read() as session:
        assert diagrams.current(session, KEY).id == before
        with clock.at(clock.now() + timedelta(days=30)):
            assert diagrams.current(session, KEY).id == approved
    assert opened_today(town) == before


@pytest.mark.parametrize("day", ["2020-01-01", "not a day", ""])
def test_a_day_that_is_past_or_none_is_refused(town, way, day):
    way.to_audit()
    with nothing_published(town), pytest.raises(Invalid) as caught:
        way.audit(effective_on=day)
    assert "effective_on" in caught.value.errors
    assert way.nodes() == {"audit"}


# sending in


def test_a_draft_under_review_takes_no_change(way):
    way.send()
    with pytest.raises(Conflict) as caught:
        way.save({"forms/new.json": "{}"})
    assert caught.value.code == "draft_review"
    with pytest.raises(Conflict):
        way.save({"forms/new.json": "{}"}, login="sf-analyst2")


def test_sending_in_twice_is_sending_in_once(town, way):
    same = key()
    first = way.send(key=same)
    assert way.send(key=same) == first
    with town.read() as session:
        chosen = select(func.count()).select_from(Publication).where(Publication.draft_id == way.draft_id)
        assert session.scalar(chosen) == 1
    with pytest.raises(Conflict) as caught:
        way.send()
    assert caught.value.code == "draft_review"


def test_what_was_changed_meanwhile_is_not_sent_in(way):
    with pytest.raises(Conflict) as caught:
        way.send(revision=1)
    assert caught.value.code == "draft_changed"
    assert way.status() == "editing"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (publish.Given(" ", "理由", "2099-01-01"), "basis"),
        (publish.Given("依据", "", "2099-01-01"), "reason"),
        (publish.Given("依据", "理由", "2020-01-01"), "effective_on"),
        (publish.Given("依据", "理由", "next week"), "effective_on"),
        (publish.Given("依" * 4001, "理由", "2099-01-01"), "basis"),
    ],
)
def test_what_the_analyst_must_say_is_asked_for_at_the_field(way, given, field):
    with pytest.raises(Invalid) as caught:
        way.send(given)
    assert list(caught.value.errors) == [field]
    assert way.status() == "editing"


def test_what_is_not_proven_is_not_sent_in(way):
    drawn = way.texts()["internal.bpmn"]
    assert ">major == True<" in drawn
    way.save({"internal.bpmn": drawn.replace(">major == True<", ">major == True and fine &gt; 900000<")})
    with pytest.raises(Refused) as caught:
        way.send()
    assert "［P17］" in caught.value.message
    assert way.status() == "editing"


def test_what_is_no_procedure_is_not_sent_in(way):
    way.save({"rules.yaml": "key: penalty/ordinary\nkey: twice\n"})
    with pytest.raises(Refused, match="写了两次"):
        way.send()


def test_what_changes_nothing_is_not_sent_in(town):
    way = Way(town)
    way.draft()
    with town.read() as session:
        shipped = diagrams.versions(session, KEY)[-1].id
        texts = diagrams.to_tree(diagrams.bundle_of(session, shipped))
    way.save({"internal.bpmn": texts["internal.bpmn"]})
    with pytest.raises(Refused, match="第 1 版完全相同"):
        way.send()


def test_an_agency_without_the_item_is_told(town):
    with town.read() as session, pytest.raises(Refused, match="items load"):
        publish.item_of(session, actor(session, "hb-head").agency_id)


def test_another_agencys_draft_cannot_be_sent_in(way):
    with pytest.raises(NotFound):
        way.send(login="szsf-analyst")


# what was stated is what is


FORGED = {
    "a better verdict": {"verdict": "已证明：9 个状态，没有阻断问题"},
    "fewer findings": {"findings": []},
    "fewer changes": {"changes": []},
    "another digest": {"digest": "0" * 64},
    "another revision": {"revision": 1},
    "another draft": {"draft": 987654321},
    "no draft": {"draft": 0.5},
    "another name": {"name": "行政许可一般程序"},
}


@pytest.mark.parametrize("name", FORGED)
def test_no_other_door_takes_what_is_not_so(town, way, name):
    """The form handed in by hand, past the studio's page."""
    data = stated(town, ANALYST, way.draft_id)
    assert data["changes"]
    with town.read() as session:
        item = publish.item_of(session, actor(session, ANALYST).agency_id)
    opened = town.do(acts.open_case, ANALYST, item.id, key())
    forged = data | FORGED[name]
    if forged == data:
        pytest.skip("the shipped procedure has no findings to leave out")
    way.case_id = opened.case_id
    with pytest.raises((Refused, Invalid)):
        way.hand_in("draft", ANALYST, forged)
    assert way.status() == "editing"
    way.hand_in("draft", ANALYST, data)
    assert way.status() == "review"


# going back


def test_the_departments_send_it_back_with_reasons_and_it_comes_again(town, way):
    way.send()
    with pytest.raises(Invalid):
        way.initial("disagree")
    way.initial("disagree", "归档岗位不应变动。")
    assert (way.status(), way.nodes(), way.row().status) == ("editing", {"draft"}, "returned")
    first = way.row()
    way.save(
        {
            "forms/penalty_archive.json": way.texts()["forms/penalty_archive.json"].replace(
                '"version": 1', '"version": 2'
            )
        }
    )
    case_id = way.case_id
    way.send()
    assert (way.case_id, way.row().id, way.nodes()) == (case_id, first.id, {"initial"})
    assert way.row().digest != first.digest
    way.initial(text="已按会审意见修改。")
    way.collective()
    way.submit()
    way.audit()
    with town.read() as session:
        assert diagrams.procedure(session, way.row().version_id).digest == way.row().digest


def test_the_collective_sends_it_back(way):
    way.send()
    way.initial()
    with pytest.raises((Refused, Invalid)):
        way.collective("退回修改")
    way.collective("退回修改", reason="时限没有依据。")
    assert (way.status(), way.nodes()) == ("editing", {"draft"})


def test_the_legal_office_sends_it_back(town, way):
    way.to_audit()
    with nothing_published(town):
        way.audit("退回修改")
    assert (way.status(), way.nodes(), way.row().status) == ("editing", {"draft"}, "returned")


def test_the_legal_office_rejects_it_with_reasons(town, way):
    way.to_audit()
    with pytest.raises((Refused, Invalid)):
        way.audit("不予通过", reason="")
    with nothing_published(town):
        answer = way.audit("不予通过")
    assert [d["title"] for d in answer.documents] == ["行政权力运行流程合法性审核意见书"]
    assert (way.status(), way.nodes(), way.row().status) == ("editing", {"archive"}, "ended")
    way.archive()
    old = way.case_id
    way.save({"runs/none.json": None})
    way.send()
    assert way.case_id != old
    assert way.status() == "review"


@pytest.mark.parametrize("until", ["initial", "collective", "submit", "audit"])
def test_the_analyst_takes_it_back_at_any_time(town, way, until):
    way.send()
    for node, act in (("initial", way.initial), ("collective", way.collective), ("submit", way.submit)):
        if node == until:
            break
        act()
    work_id, version = way.waiting(f"withdraw_{until}")
    with nothing_published(town):
        town.do(acts.hand_in, ANALYST, work_id, version, key(), lambda *_: {"reason": "发现文书有误。"})
    assert (way.status(), way.nodes(), way.row().status) == ("editing", {"archive"}, "ended")
    way.archive()
    way.send()


# the end


def tampered(town: Town, statement: str, **values: object) -> None:
    with town.act() as session:
        session.execute(text(statement), values)


def test_content_changed_after_the_review_is_not_published(town, way):
    way.to_audit()
    row = way.row()
    name = row.tree["rules.yaml"]
    with town.read() as session:
        before = diagrams.drafts.texts(session, {"rules.yaml": name})["rules.yaml"]
    worse = before.replace("limit: 15wd", "limit: 60wd", 1)
    tampered(town, "update draft_text set content = :new where digest = :name", new=worse, name=name)
    try:
        with nothing_published(town), pytest.raises(Refused) as caught:
            way.audit()
        assert caught.value.code == "publication_changed"
    finally:
        tampered(town, "update draft_text set content = :old where digest = :name", old=before, name=name)
    way.audit()
    assert way.status() == "published"


def test_another_tree_put_in_its_place_is_not_published(town, way):
    other = Way(town)
    other.draft()
    way.to_audit()
    wrong = stated(town, ANALYST, other.draft_id)["digest"]
    change = "update publication set tree = (select tree from draft where id = :other) where case_id = :case"
    tampered(town, change, other=other.draft_id, case=way.case_id)
    with nothing_published(town), pytest.raises(Refused) as caught:
        way.audit()
    assert caught.value.code == "publication_changed"
    tampered(
        town, "update publication set digest = :wrong where case_id = :case", wrong=wrong, case=way.case_id
    )
    with nothing_published(town), pytest.raises(Refused) as caught:
        way.audit()
    assert caught.value.code == "publication_changed", "what was handed in is sealed with the case"


def test_a_proof_that_fails_at_the_end_refuses_the_approval(town, way, monkeypatch):
    way.to_audit()
    real = publish_checks.cases.examined
    monkeypatch.setattr(
        publish_checks.cases,
        "examined",
        lambda *given: (["［P99］新施行的规定要求另行告知"], real(*given)[1]),
    )
    with nothing_published(town), pytest.raises(Refused) as caught:
        way.audit()
    assert caught.value.code == "publication_unproven"
    assert "［P99］" in caught.value.message
    assert (way.status(), way.nodes()) == ("review", {"audit"})
    way.audit("退回修改")
    assert way.status() == "editing"


@pytest.fixture
def runner(monkeypatch) -> dict[str, publish_checks.RunResult]:
    """Saved runs that come out as they are told to."""
    results: dict[str, publish_checks.RunResult] = {}

    def run(session, bundle):
        return [
            results.get(name, publish_checks.RunResult(name, True, "18 个环节"))
            for name in sorted(bundle.runs)
        ]

    monkeypatch.setattr(publish_checks, "_run_saved", run)
    return results


def test_saved_runs_are_part_of_the_file_and_run_again_at_the_end(town, way, runner):
    way.save({"runs/罚款.json": '{"steps": []}'})
    way.to_audit()
    assert way.row().runs == [{"name": "罚款", "passed": True, "detail": "18 个环节"}]
    with town.read() as session:
        (paper,) = [p for p in documents.of_case(session, way.case_id) if p.code == "LC-03"]
        assert "18 个环节" in str(documents.by_id(session, paper.id).data)
    runner["罚款"] = publish_checks.RunResult("罚款", False, "在“送达”停住")
    with nothing_published(town), pytest.raises(Refused) as caught:
        way.audit()
    assert caught.value.code == "publication_unproven"
    assert "试运行“罚款”没有通过：在“送达”停住" in caught.value.message
    del runner["罚款"]
    way.audit()
    with town.read() as session:
        assert dict(diagrams.procedure(session, way.row().version_id).runs) == {"罚款": '{"steps": []}'}


def test_a_saved_run_that_fails_keeps_a_draft_from_being_sent_in(way, runner):
    way.save({"runs/罚款.json": "{}"})
    runner["罚款"] = publish_checks.RunResult("罚款", False, "表单缺少内容")
    with pytest.raises(Refused, match="表单缺少内容"):
        way.send()


def test_runs_that_cannot_be_run_are_not_taken_for_passed(way, monkeypatch):
    monkeypatch.setattr(publish_checks, "_run_saved", publish_checks._no_runner)
    way.save({"runs/罚款.json": "{}"})
    with pytest.raises(Refused, match="没有安装试运行"):
        way.send()


def test_the_same_content_approved_twice_is_one_version(town, way):
    """Two agencies send the same change in; the second is told at the end."""
    other = Way(town)
    other.draft()
    other.save({"internal.bpmn": way.texts()["internal.bpmn"]})
    way.to_audit()
    other.to_audit()
    way.audit()
    with nothing_published(town), pytest.raises(Refused, match="完全相同"):
        other.audit()


# who


def test_nobody_examines_what_he_drew_or_approved(town, way):
    """Held by `separation`, whatever positions somebody holds."""
    with town.act() as session:
        post_to(session, "sf-review", "legal_review")
    way.to_audit()
    work_id, _ = way.waiting("audit")
    with pytest.raises(Refused) as caught:
        town.do(acts.claim, "sf-review", work_id, key())
    assert caught.value.code == "separation"


def test_the_legal_office_needs_its_qualification(town, way):
    with town.act() as session:
        post_to(session, "sf-hearing", "legal_review")
    way.to_audit()
    work_id, version = way.waiting("audit")
    given = {**GOOD, "conclusion": "审核通过", "effective_on": clock.today().isoformat()}
    with nothing_published(town), pytest.raises(Refused) as caught:
        town.do(acts.hand_in, "sf-hearing", work_id, version, key(), lambda *_: given)
    assert caught.value.code in ("certified_officers", "certificate")


def test_only_an_analyst_opens_a_publication(town):
    with town.read() as session:
        item = publish.item_of(session, actor(session, LEGAL).agency_id)
    for login in ("sf-head", LEGAL, "sf-review", "sf-intake"):
        with pytest.raises(Forbidden):
            town.do(acts.open_case, login, item.id, key())
        with town.read() as session:
            assert item.id not in {row.id for row in acts.openable(session, actor(session, login))}


def test_an_analyst_has_no_part_in_enforcement(town):
    case_id = town.open("shop-front", until="check")
    with town.act() as session:
        officer = actor(session, "hb-intake")
        foreign = acts.openable(session, officer)[0].id
        post_to(session, ANALYST, "investigator")
        post_to(session, ANALYST, "head")
    with town.read() as session:
        who = actor(session, ANALYST)
        assert "investigator" in who.positions
        assert case_id not in {case.id for case in finding.page(session, who).cases}
        assert acts.openable(session, who)
        assert {row.procedure for row in acts.openable(session, who)} == {publish.ITEM_PROCEDURE}
    with pytest.raises((Forbidden, NotFound)):
        town.do(acts.open_case, ANALYST, foreign, key())
