"""送审发布: the pages, and who may open them."""

import io
import re

import pytest
from callers import Caller
from cases.town import Town
from journeys.publication import ANALYST, GIVEN, REVIEW, Way
from sqlalchemy import select

from app.diagrams import package
from app.diagrams import service as diagrams
from app.diagrams.models import Publication
from app.kernel.errors import Invalid


@pytest.fixture
def way(town: Town) -> Way:
    made = Way(town)
    made.draft()
    return made


@pytest.fixture
def analyst(town: Town) -> Caller:
    return town.caller(ANALYST)


def page(browser: Caller, address: str, status: int = 200) -> str:
    answer = browser.get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    return answer.get_data(as_text=True)


def sent(browser: Caller, way: Way, **changes: str):
    """Send the draft in at its page, as it was found there."""
    address = f"/studio/drafts/{way.draft_id}/publish"
    hidden = dict(re.findall(r'type="hidden" name="(_key|revision)" value="([^"]+)"', page(browser, address)))
    given = {"basis": GIVEN.basis, "reason": GIVEN.reason, "effective_on": GIVEN.effective_on}
    return browser.post(address, {**hidden, **given, **changes}, page=address)


def test_the_check_list_says_what_stands(analyst, way):
    shown = page(analyst, f"/studio/drafts/{way.draft_id}/publish")
    assert "可以送审" in shown
    assert "内部流程图" in shown
    assert "部门会审" in shown
    assert "10个工作日" in shown
    assert "法制审核岗" in shown


def test_a_draft_that_breaks_the_law_is_told_why_and_has_no_button(analyst, way):
    drawn = way.texts()["internal.bpmn"]
    way.save(
        {
            "internal.bpmn": drawn.replace(
                ">review_required == True<", ">review_required == True and fine &gt; 900000<"
            )
        }
    )
    shown = page(analyst, f"/studio/drafts/{way.draft_id}/publish")
    assert "还不能送审" in shown
    assert "［P17］" in shown
    assert ">送审</button>" not in shown


def test_a_draft_that_is_no_procedure_is_told_so(analyst, way):
    way.save({"rules.yaml": "key: [", "forms/penalty_lead.json": "{"})
    shown = page(analyst, f"/studio/drafts/{way.draft_id}/publish")
    assert "rules.yaml" in shown
    assert "还不能送审" in shown


def test_what_is_missing_is_asked_for_and_nothing_typed_is_lost(analyst, way):
    answer = sent(analyst, way, basis="", reason="只有理由")
    assert answer.status_code == 422
    shown = answer.get_data(as_text=True)
    assert 'href="#send-basis"' in shown
    assert "只有理由" in shown
    assert way.status() == "editing"


def test_a_draft_that_changed_meanwhile_is_not_sent_in(analyst, way):
    answer = sent(analyst, way, revision="1")
    assert answer.status_code == 409
    assert "又有修改" in answer.get_data(as_text=True)


def test_sent_in_it_is_seen_by_those_who_examine_it(town, analyst, way):
    assert sent(analyst, way).status_code == 303
    assert way.status() == "review"
    with town.read() as session:
        way.case_id = session.scalar(select(Publication.case_id).where(Publication.draft_id == way.draft_id))
    shown = page(analyst, f"/studio/drafts/{way.draft_id}/publish")
    assert "审核中" in shown
    assert "撤回送审" in shown
    assert ">送审</button>" not in shown
    review = town.caller(REVIEW)
    work_id, _ = way.waiting("initial")
    task = page(review, f"/work/{work_id}")
    assert "送审内容" in task
    assert f"/studio/publications/{way.case_id}" in task
    whole = page(review, f"/studio/publications/{way.case_id}")
    assert way.row().digest in whole
    assert "证明报告" in whole
    drawn = review.get(f"/studio/publications/{way.case_id}/internal.bpmn")
    assert drawn.get_data(as_text=True) == way.texts()["internal.bpmn"]
    rules = review.get(f"/studio/publications/{way.case_id}/text?path=rules.yaml")
    assert (rules.mimetype, rules.get_data(as_text=True)) == ("text/plain", way.texts()["rules.yaml"])
    whole = package.read(review.get(f"/studio/publications/{way.case_id}/package.zip").get_data())
    assert (whole.digest, dict(whole.tree)) == (way.row().digest, way.texts())


@pytest.mark.parametrize("path", ["", "../../etc/passwd", "forms/none.json", "/etc/passwd"])
def test_only_what_was_sent_in_is_read(town, way, path):
    way.send()
    page(town.caller(REVIEW), f"/studio/publications/{way.case_id}/text?path={path}", 404)


@pytest.mark.parametrize("login", ["hb-head", "szsf-head", "szsf-analyst", "hb-officer1"])
def test_for_others_there_is_nothing_to_examine(town, way, login):
    way.send()
    browser = town.caller(login)
    for part in ("", "/internal.bpmn", "/text?path=rules.yaml", "/package.zip"):
        page(browser, f"/studio/publications/{way.case_id}{part}", 404)


def test_an_officer_has_no_business_in_the_studio(town, way):
    review = town.caller(REVIEW)
    for address in ("publish", "package.zip"):
        page(review, f"/studio/drafts/{way.draft_id}/{address}", 403)


def test_the_analyst_finds_the_case_in_the_ordinary_inbox(town, analyst, way):
    way.send()
    with pytest.raises(Invalid):
        way.initial("disagree")
    way.initial("disagree", "岗位不应变动。")
    assert "流程变动审核" in page(analyst, "/inbox?box=positions") + page(analyst, "/inbox")
    work_id, _ = way.waiting("draft")
    assert "填报送审" in page(analyst, f"/work/{work_id}")
    assert "岗位不应变动" in page(analyst, f"/studio/drafts/{way.draft_id}/publish")
    assert page(analyst, f"/cases/{way.case_id}")
    assert sent(analyst, way).status_code == 303
    assert way.nodes() == {"initial"}


def test_a_paper_of_the_case_opens_for_its_people_only(town, analyst, way):
    answer = way.send()
    number = answer.documents[0]["id"]
    assert analyst.get(f"/documents/{number}.pdf").get_data().startswith(b"%PDF")
    assert town.caller("szsf-analyst").get(f"/documents/{number}.pdf").status_code == 404


@pytest.mark.requirement("S4-22", part="流程旧版本可查")
def test_published_versions_say_whence_they_came(analyst, way):
    way.to_audit()
    way.audit()
    shown = page(analyst, "/studio")
    assert "现行" in shown
    assert f"/cases/{way.case_id}" in shown
    assert "平台 0.1.0 随附" in shown
    assert "草稿已经结束" not in page(analyst, f"/studio/drafts/{way.draft_id}/publish")


def test_files_go_out_and_come_in(town, analyst, way):
    out = analyst.get(f"/studio/drafts/{way.draft_id}/package.zip")
    assert out.headers["Content-Disposition"].startswith('attachment; filename="penalty-ordinary-draft')
    assert dict(package.read(out.get_data()).tree) == way.texts()
    other = town.caller("szsf-analyst")
    file = (io.BytesIO(out.get_data()), "penalty.zip")
    came = other.post("/studio/import", {"file": file}, page="/studio", content_type="multipart/form-data")
    assert came.status_code == 303
    assert other.get(f"{came.location}/content").get_json()["parts"] == way.texts()
    with town.read() as session:
        version = diagrams.versions(session, "penalty/ordinary")[-1]
    zipped = analyst.get(f"/studio/versions/{version.id}/package.zip").get_data()
    assert package.read(zipped).digest == version.digest
    page(analyst, "/studio/versions/987654321/package.zip", 404)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 but not really"])
def test_a_wrong_file_is_told_so_on_the_page(analyst, content):
    file = (io.BytesIO(content), "x.zip")
    answer = analyst.post(
        "/studio/import", {"file": file}, page="/studio", content_type="multipart/form-data"
    )
    assert answer.status_code == 422
    shown = answer.get_data(as_text=True)
    assert "不能导入" in shown or "请选择要导入的 ZIP 文件" in shown
    assert "流程草稿" in shown
