"""送审发布: the pages, and who may open them."""

import pytest
from callers import Caller
from cases.town import Town
from journeys.publication import ANALYST, GIVEN, Way


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
    address = f"/studio/drafts/{way.draft_id}/publish"
    given = {"basis": GIVEN.basis, "reason": GIVEN.reason, "effective_on": GIVEN.effective_on, **changes}
    return browser.post(address, given, page=address)


def test_the_check_list_says_what_stands(analyst, way):
    shown = page(analyst, f"/studio/drafts/{way.draft_id}/publish")
    assert "可以送审" in shown
    assert "内部流程图" in shown
    assert "部门会审" in shown
    assert "10 个工作日" in shown
    assert "法制审核岗" in shown


def test_a_draft_that_breaks_the_law_is_told_why_and_has_no_button(analyst, way):
    drawn = way.texts()["internal.bpmn"]
    way.save({"internal.bpmn": drawn.replace(">major == True<", ">major == True and fine &gt; 900000<")})
    shown = page(analyst, f"/studio/drafts/{way.draft_id}/publish")
    assert "还不能送审" in shown
    assert "［P17］" in shown
    assert ">送审</button>" not in shown


def test_a_draft_that_is_no_procedure_is_told_so(analyst, way):
    way.save({"rules.yaml": "key: [", "forms/penalty_lead.json": "{"})
    shown = page(analyst, f"/studio/drafts/{way.draft_id}/publish")
    assert "rules.yaml" in shown
    assert "还不能送审" in shown
