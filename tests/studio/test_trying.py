"""Tries belong to one person and one draft of the own agency; what is asked wrongly is told and changes nothing."""

import json
import re
from collections.abc import Callable

import pytest
from callers import Caller
from cases.town import Town
from sqlalchemy import select

from app.diagrams.models import ProcedureVersion


@pytest.fixture
def source(town: Town) -> int:
    with town.read() as session:
        chosen = select(ProcedureVersion.id).where(ProcedureVersion.key == "penalty/ordinary")
        return session.scalar(chosen)


@pytest.fixture
def draft(town: Town, source: int) -> str:
    """The address of a new draft."""
    analyst = town.caller("sf-analyst")
    answer = analyst.post("/studio/drafts", {"source": str(source), "key": "", "name": ""}, page="/studio")
    return answer.location


@pytest.fixture
def trying(town: Town, draft: str) -> Callable[[str], tuple[Caller, str]]:
    def begin(login: str) -> tuple[Caller, str]:
        browser = town.caller(login)
        browser.post(f"{draft}/try/begin", {"item": "", "opened": "2026-03-02"}, page="/studio")
        return browser, f"{draft}/try"

    return begin


def text(browser: Caller, path: str) -> str:
    return browser.get(path).get_data(as_text=True)


def saved(browser: Caller, path: str) -> list[str]:
    """The saved runs that the page lists."""
    return re.findall(r'aria-label="打开用例“([^”]+)”"', text(browser, path))


def test_two_analysts_try_one_draft_each_on_their_own(trying):
    one, path = trying("sf-analyst")
    two, _ = trying("sf-analyst2")
    one.post(f"{path}/auto", {}, page="/studio")
    assert "线索核查" in text(one, path)
    assert "文书：LA-01" in text(one, path)
    assert "文书：LA-01" not in text(two, path)


def test_another_agencys_draft_cannot_be_tried(town: Town, trying):
    _, path = trying("sf-analyst")
    stranger = town.caller("szsf-analyst")
    assert stranger.get(path).status_code == 404
    for act in ("begin", "auto", "wait", "back", "end", "save", "runs", "act/register", "runs/x/record"):
        assert stranger.post(f"{path}/{act}", {}, page="/studio").status_code == 404, act


@pytest.mark.parametrize("opened", ["", "gestern", "1800-01-01", "2026-02-30", "9999-01-01"])
def test_a_day_on_which_no_try_can_begin_is_refused(town: Town, draft: str, opened: str):
    browser = town.caller("sf-analyst")
    answer = browser.post(f"{draft}/try/begin", {"item": "", "opened": opened}, page="/studio")
    assert answer.status_code == 422


@pytest.mark.parametrize("until", ["", "gestern", "2026-03-01T09:00", "2200-01-01T00:00"])
def test_time_goes_forward_only_and_the_page_says_so(trying, until: str):
    browser, path = trying("sf-analyst")
    answer = browser.post(f"{path}/wait", {"until": until}, page="/studio")
    assert answer.status_code == 422
    assert "2026年3月2日 09:00" in text(browser, path)


@pytest.mark.parametrize("name", ["", "../x", "a/b", "x" * 41, "a\0b"])
def test_a_run_needs_a_name_that_can_be_one(trying, name: str):
    browser, path = trying("sf-analyst")
    before = saved(browser, path)
    assert browser.post(f"{path}/save", {"name": name, "note": ""}, page="/studio").status_code == 422
    assert saved(browser, path) == before


def test_a_saved_run_can_be_taken_up_and_removed(trying):
    browser, path = trying("sf-analyst")
    browser.post(f"{path}/auto", {}, page="/studio")
    assert browser.post(f"{path}/save", {"name": "登记", "note": "一步"}, page="/studio").status_code == 303
    browser.post(f"{path}/end", {}, page="/studio")
    assert "开始试运行" in text(browser, path)
    browser.post(f"{path}/runs/登记/open", {}, page="/studio")
    assert "线索核查" in text(browser, path)
    assert "登记" in saved(browser, path)
    browser.post(f"{path}/runs/登记/remove", {}, page="/studio")
    assert "登记" not in saved(browser, path)
    assert browser.post(f"{path}/runs/登记/open", {}, page="/studio").status_code == 404


def test_a_form_of_a_try_takes_nothing_it_does_not_ask_for(trying):
    browser, path = trying("sf-analyst")
    answer = browser.post(f"{path}/act/register", {"legal_passed": "yes", "_by": "0"}, page="/studio")
    assert answer.status_code == 422
    assert browser.post(f"{path}/act/no_such_node", {}, page="/studio").status_code == 404


def test_a_draft_that_cannot_be_read_says_so_and_keeps_the_try(trying, town: Town):
    browser, path = trying("sf-analyst")
    draft_id = int(path.split("/")[-2])

    def spoil(session, actor):
        from app.diagrams import service as diagrams

        found = diagrams.drafts.draft(session, actor, draft_id)
        diagrams.drafts.save(session, actor, draft_id, found.revision, {"rules.yaml": "key: [unclosed"})

    town.do(spoil, "sf-analyst")
    answer = browser.get(path)
    assert answer.status_code == 200
    assert "rules.yaml" in answer.get_data(as_text=True) or "规则" in answer.get_data(as_text=True)


def test_a_copy_brings_the_runs_of_its_model_and_they_are_recorded_anew_or_dropped(town: Town):
    """A shipped procedure is copied and lawfully changed: its runs come out otherwise, until they are recorded anew."""
    from app.diagrams import service as diagrams

    analyst = town.caller("sf-analyst")
    with town.read() as session:
        version = diagrams.current(session, "transfer/lead").id
    answer = analyst.post("/studio/drafts", {"source": str(version), "key": "", "name": ""}, page="/studio")
    path = f"{answer.location}/try"
    draft_id = int(path.split("/")[-2])
    assert {"ordinary", "outside", "refused"} <= set(saved(analyst, path))

    def change(session, actor):
        found = diagrams.drafts.draft(session, actor, draft_id)
        drawn = diagrams.drafts.texts(session, found.tree, ["internal.bpmn"])["internal.bpmn"]
        drawn = drawn.replace('"transfer.send"', '"transfer.sent"')
        diagrams.drafts.save(session, actor, draft_id, found.revision, {"internal.bpmn": drawn})

    town.do(change, "sf-analyst")

    def checked() -> str:
        return analyst.post(f"{path}/runs", {}, page="/studio").get_data(as_text=True)

    page = checked()
    assert page.count("✕ 不一致") == 1
    assert page.count("按现在的结果重新记录用例“ordinary”") == 1
    assert analyst.post(f"{path}/runs/ordinary/record", {}, page="/studio").status_code == 303
    assert "✕ 不一致" not in checked()

    def kept(session, actor):
        found = diagrams.drafts.draft(session, actor, draft_id)
        return json.loads(diagrams.drafts.texts(session, found.tree)["runs/ordinary.json"])

    run = town.do(kept, "sf-analyst")
    assert "transfer.sent" in run["expected"][-1]["passed"]
    assert run["note"].startswith("本机关没有管辖权的线索")
    stranger = town.caller("szsf-analyst")
    assert stranger.post(f"{path}/runs/ordinary/record", {}, page="/studio").status_code == 404
    assert analyst.post(f"{path}/runs/none/record", {}, page="/studio").status_code == 404
