"""What a draft calls: offered by name, pinned in the draft, proven with it, and told where a newer edition exists."""

import pytest
from cases.town import Town
from studio_calls import Analyst

from app.diagrams import service as diagrams
from app.studio import called, form_uses, vocabulary

INTERNAL, HEARING = "internal.bpmn", "called/hearing.bpmn"
OLDER = ('name="听证报告"', 'name="听证报告（旧）"')


@pytest.fixture
def analyst(town: Town) -> Analyst:
    return Analyst(town)


@pytest.fixture(scope="module")
def parts() -> dict[str, str]:
    return diagrams.to_tree(diagrams.from_folder("penalty/ordinary"))


def proof(analyst: Analyst, draft_id: int, changes: dict) -> dict:
    answer = analyst.send(f"drafts/{draft_id}/proof", {"changes": changes})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def test_what_can_be_called_is_offered_by_its_name(parts):
    offered = {each["key"]: each for each in vocabulary.vocabulary(parts, {})["called"]}
    assert {key: each["name"] for key, each in offered.items()} == {
        "deliberation": "集体讨论",
        "hearing": "听证",
        "legality_review": "法制审核",
    }
    assert offered["hearing"]["text"] == parts[HEARING]
    assert [task["node"] for task in offered["hearing"]["tasks"]] == [
        "hearing_notice",
        "hearing_hold",
        "hearing_report",
    ]
    assert offered["hearing"]["tasks"][1]["form"] == "penalty_hearing_hold"


def test_what_only_the_draft_has_is_offered_too_and_has_no_newer_edition(parts):
    own = parts[HEARING].replace('"hearing"', '"our_hearing"')
    offered = {each["key"]: each for each in called.offered({**parts, "called/our_hearing.bpmn": own})}
    assert offered["our_hearing"]["text"] is None
    assert offered["our_hearing"]["name"] == "听证"


def test_a_newer_edition_is_told_and_taken_over_in_the_draft(analyst, parts):
    draft_id = analyst.start()
    page = analyst.get(f"drafts/{draft_id}/publish").get_data(as_text=True)
    assert "有新版本" not in page
    older = parts[HEARING].replace(*OLDER)
    assert analyst.save(draft_id, 1, {HEARING: older}).status_code == 200
    assert called.behind(analyst.content(draft_id)) == {HEARING: "听证"}
    page = analyst.get(f"drafts/{draft_id}/publish").get_data(as_text=True)
    assert "被调用流程“听证”已经更新，本草稿仍用原来的版本" in page
    assert "被调用流程“听证”" in page
    assert analyst.save(draft_id, 2, {HEARING: parts[HEARING]}).status_code == 200
    assert called.behind(analyst.content(draft_id)) == {}


def test_the_proof_looks_into_what_is_called(analyst, parts):
    draft_id = analyst.start()
    assert proof(analyst, draft_id, {})["proven"] is True
    silent = parts[HEARING].replace('<xq:document code="GZ-08" when="complete" />', "")
    found = proof(analyst, draft_id, {HEARING: silent})
    assert found["publishable"] is False
    finding = next(f for f in found["findings"] if f["rule"] == "P16")
    assert finding["elements"] == ["hearing_call"], "drawn where the internal diagram shows it"
    realised = next(each for each in found["external"] if each["step"] == "hear.hold")
    assert realised["tasks"] == ["hearing_call"]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({HEARING: None}, "调用的流程“hearing”不存在"),
        ({HEARING: "<"}, "不能读取"),
        ({INTERNAL: ('calledElement="hearing"', 'calledElement=""')}, "没有选择被调用流程"),
    ],
)
def test_a_call_that_cannot_be_carried_out_is_told(analyst, parts, change, word):
    draft_id = analyst.start()
    changes = {path: parts[path].replace(*to) if isinstance(to, tuple) else to for path, to in change.items()}
    found = proof(analyst, draft_id, changes)
    assert found["publishable"] is False
    assert any(word in finding["message"] for finding in found["findings"])
    page = analyst.save(draft_id, 1, changes)
    assert page.status_code == 200, "a draft is saved whatever state it is in"
    assert word in analyst.get(f"drafts/{draft_id}/publish").get_data(as_text=True)


def test_a_form_in_a_called_process_counts_as_used(parts):
    uses = form_uses.of_form(parts, "penalty_hearing_hold")
    assert any(use.kind == "node" and "举行听证" in use.where for use in uses)
