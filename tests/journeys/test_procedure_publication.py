"""A draft becomes a version only by the case that approved exactly its content."""

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from callers import cheap_hashes
from cases.conftest import town
from cases.town import Town, actor
from journeys.publication import ANALYST, Way, key
from sqlalchemy import func, select

from app.archive import export
from app.archive.package import verify as script
from app.cases import acts
from app.cases.models import Case, CaseStatus
from app.diagrams import package
from app.diagrams import service as diagrams
from app.diagrams.models import ProcedureVersion, Publication
from app.documents import service as documents
from app.kernel import clock
from app.kernel.errors import Conflict, Invalid, NotFound, Refused
from app.studio import publish

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


@pytest.mark.requirement("S4-8")
@pytest.mark.requirement("S2-31", part="流程调整")
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
    assert ">review_required == True<" in drawn
    way.save(
        {
            "internal.bpmn": drawn.replace(
                ">review_required == True<", ">review_required == True and fine &gt; 900000<"
            )
        }
    )
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
    way.save(texts)
    with pytest.raises(Refused, match="第 1 版完全相同"):
        way.send()


def test_an_agency_without_the_item_is_told(town):
    with town.read() as session, pytest.raises(Refused, match="items load"):
        publish.item_of(session, actor(session, "hb-head").agency_id)


def test_another_agencys_draft_cannot_be_sent_in(way):
    with pytest.raises(NotFound):
        way.send(login="szsf-analyst")


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


def test_the_file_of_the_case_holds_the_proof_the_runs_and_the_content(town, way, tmp_path):
    """And a stranger with Python alone still finds it whole."""
    way.to_audit()
    way.audit()
    file = tmp_path / "case.zip"
    with town.act() as session:
        export.enter(session, way.case_id)
    with town.act() as session, file.open("wb") as target:
        export.write(session, way.case_id, target)
    check = script.Check(script.Source(file))
    check.run()
    assert check.wrong == []
    with zipfile.ZipFile(file) as archive:
        account = json.loads(archive.read("publication/account.json"))
        content = package.read(archive.read("publication/content.zip"))
    row = way.row()
    assert (account["digest"], content.digest) == (row.digest, row.digest)
    assert account["proof"]["publishable"]
    assert account["proof"]["states"] > 100
    assert dict(content.tree) == way.texts()
