"""No door but the approved way: what is forged, changed, unproven, or done by the wrong person is refused."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from callers import cheap_hashes
from cases.conftest import town
from cases.town import Town, actor, post_to
from journeys.publication import ANALYST, GOOD, LEGAL, Way, key, stated
from sqlalchemy import func, select, text

from app.cases import acts, finding
from app.diagrams import service as diagrams
from app.diagrams.models import ProcedureVersion
from app.documents import service as documents
from app.kernel import clock
from app.kernel.errors import Forbidden, Invalid, NotFound, Refused
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


# what was stated is what is


FORGED = {
    "a better verdict": {"verdict": "已证明：9 个状态，没有阻断问题"},
    "fewer findings": {"findings": []},
    "fewer changes": {"changes": []},
    "another digest": {"fingerprint": "0" * 64},
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
    wrong = stated(town, ANALYST, other.draft_id)["fingerprint"]
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
