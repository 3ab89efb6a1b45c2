"""The proof while one draws: of the draft with what is not saved yet, whatever shape its files are in."""

import json
import threading
from typing import Any

import pytest
from cases.town import Town
from diagrams.test_published_tables import TABLES, with_tables
from studio_calls import Analyst

from app.cases import draft_proving
from app.cases import service as cases
from app.diagrams import service as diagrams
from app.verify.rules import RULES

INTERNAL, EXTERNAL, RULE_SET = "internal.bpmn", "external.bpmn", "rules.yaml"
PASSED = "legal_passed == True"


@pytest.fixture
def analyst(town: Town) -> Analyst:
    return Analyst(town)


def proof(analyst: Analyst, draft_id: int, changes: dict[str, Any]) -> dict[str, Any]:
    answer = analyst.send(f"drafts/{draft_id}/proof", {"changes": changes})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def test_a_draft_as_shipped_is_proven(analyst):
    found = proof(analyst, analyst.start(), {})
    assert (found["proven"], found["publishable"]) == (True, True)
    assert {f["severity"] for f in found["findings"]} == {"warn"}


def test_what_is_not_saved_yet_is_proven_and_kept_nowhere(analyst):
    draft_id = analyst.start()
    before = analyst.content(draft_id)
    broken = before[INTERNAL].replace(PASSED, "True == True")
    found = proof(analyst, draft_id, {INTERNAL: broken})
    assert found["publishable"] is False
    [finding] = [f for f in found["findings"] if f["rule"] == "P18"]
    assert (finding["page"], finding["path"], finding["diagram"]) == ("P18", INTERNAL, "internal")
    assert finding["title"] == "审核未通过不得到达决定"
    said = [word for step in finding["trace"] for word in step["words"]]
    assert "法制审核通过：否" in said
    assert all(step["element"] for step in finding["trace"])
    assert analyst.content(draft_id) == before
    assert proof(analyst, draft_id, {})["proven"] is True


def test_the_second_proof_says_what_a_first_one_says(town):
    bundle = diagrams.from_folder("penalty/ordinary")
    with town.read():
        parts = {
            INTERNAL: bundle.internal.decode(), EXTERNAL: bundle.external.decode(),
            RULE_SET: diagrams.drafts.rule_text(bundle.rules),
            **{f"forms/{key}.json": json.dumps(form) for key, form in bundle.forms.items()},
        }  # fmt: skip
        desks = draft_proving.Desks()
        for old, new in (
            ("", ""),
            ('xq:limit="23wd"', 'xq:limit="50wd"'),
            (PASSED, "True == True"),
            ("", ""),
        ):
            edited = {**parts, INTERNAL: parts[INTERNAL].replace(old, new, 1)}
            assert desks.prove("desk", edited) == cases.proof_of_parts(edited)


def test_a_rule_set_that_cannot_be_read_is_a_finding_at_its_file_and_hides_no_other(analyst):
    draft_id = analyst.start()
    proof(analyst, draft_id, {})
    broken = analyst.content(draft_id)[INTERNAL].replace(PASSED, "True == True")
    found = proof(analyst, draft_id, {RULE_SET: "key: [", INTERNAL: broken})
    assert found["proven"] is found["publishable"] is found["conclusive"] is False
    assert [f["path"] for f in found["findings"] if f["rule"] == "file"] == [RULE_SET]
    assert "P18" in {f["rule"] for f in found["findings"]}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (INTERNAL, "<broken"), (INTERNAL, None), (EXTERNAL, "<broken"), (EXTERNAL, None), (RULE_SET, None),
        (RULE_SET, "[]"), (RULE_SET, "key: 3\nname: x\nkind: y\nattributes: {a: 1}"), ("forms/penalty_lead.json", "{"),
        ("forms/penalty_lead.json", "[]"), ("documents/JD-01.yaml", "blocks: ["), ("documents/JD-01.yaml", "- 1"),
        (RULE_SET, "a: &x 1\nb: *x"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_a_finding(analyst, path, text):
    found = proof(analyst, analyst.start(), {path: text})
    assert found["publishable"] is False
    assert path in {f["path"] for f in found["findings"] if f["rule"] == "file"}
    assert all(f["message"] for f in found["findings"])


@pytest.mark.parametrize("items", ["3", '[{"key": 1, "options": 2, "columns": 3}]', '{"a": 1}', "null"])
def test_a_form_of_any_shape_crashes_nothing(analyst, items):
    text = f'{{"items": {items}, "writes": {{"fine": 3}}}}'
    proof(analyst, analyst.start(), {"forms/penalty_lead.json": text})


def test_the_drafts_own_template_is_proven(analyst):
    draft_id = analyst.start()
    silent = (
        "code: JD-01\ntitle: 行政处罚决定书\ntype: 罚\nseal: true\ncopies: 3\nblocks: [{p: 没有告知救济}]\n"
    )
    found = proof(analyst, draft_id, {"documents/JD-01.yaml": silent})
    assert "G15" in {f["rule"] for f in found["findings"] if f["severity"] == "block"}


def test_external_steps_with_the_tasks_that_realise_them(analyst):
    draft_id = analyst.start()
    parts = analyst.content(draft_id)
    found = {entry["step"]: entry for entry in proof(analyst, draft_id, {})["external"]}
    assert found["file.approve"]["tasks"] == ["check", "file_review", "file_approve", "reject_inform"]
    assert found["invest.end"]["tasks"] == [
        "report",
        "lead_review",
        "pre_review",
        "crime_report",
    ]  # the longest prefix decides
    assert (found["legal.review"]["limit"], found["legal.review"]["days"]) == ("10wd", 10)
    assert found[""]["tasks"] == []

    moved = parts[INTERNAL].replace('xq:step="archive"', 'xq:step="strange"')
    found = {entry["step"]: entry for entry in proof(analyst, draft_id, {INTERNAL: moved})["external"]}
    assert found[""]["tasks"] == ["archive"]


def test_the_budget_is_told_with_the_slack_of_every_step(analyst):
    budgets = {b["id"]: b for b in proof(analyst, analyst.start(), {})["budgets"]}
    decision = budgets["decision"]
    assert (decision["days"], decision["longest"]) == (56, 54)
    assert sum(link["days"] for link in decision["chain"]) == 54
    assert decision["slack"]["investigate"] == 2


def test_the_draft_of_another_agency_is_not_proven(town, analyst):
    draft_id = analyst.start()
    other = Analyst(town, "szsf-analyst")
    assert other.send(f"drafts/{draft_id}/proof", {"changes": {}}).status_code == 404


@pytest.mark.parametrize("changes", [3, [1], {"a": 1}, {"../x": "y"}, {"forms/\0.json": "{}"}])
def test_a_wrong_question_is_refused(analyst, changes):
    assert analyst.send(f"drafts/{analyst.start()}/proof", {"changes": changes}).status_code == 422


def test_many_threads_at_one_desk_and_more_desks_than_are_kept(town):
    bundle = diagrams.from_folder("penalty/ordinary")
    parts = {INTERNAL: bundle.internal.decode(), RULE_SET: diagrams.drafts.rule_text(bundle.rules)}
    desks, answers = draft_proving.Desks(2), []

    def ask(n: int) -> None:
        answers.append(desks.prove(n % 3, parts)["findings"])

    with town.read():
        threads = [threading.Thread(target=ask, args=(n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(answers) == 6
    assert all(found == answers[0] for found in answers)


def test_every_rule_has_its_page(analyst):
    index = analyst.get("rules-of-law").get_data(as_text=True)
    for rule in RULES:
        assert f"/studio/rules-of-law/{rule.id}" in index
        page = analyst.get(f"rules-of-law/{rule.id}")
        assert page.status_code == 200
        text = page.get_data(as_text=True)
        assert rule.name in text
        assert ("违反的例子" in text) is bool(rule.breaks)
    assert analyst.get("rules-of-law/XX").status_code == 404
    licence = analyst.get("rules-of-law?scope=licence").get_data(as_text=True)
    assert "/studio/rules-of-law/P17" not in licence


def test_a_draft_with_decision_tables_is_proven_with_them_compiled_in(analyst):
    draft_id = analyst.start()
    rules = json.dumps(with_tables().rules, ensure_ascii=False)  # JSON is YAML
    tables = {f"tables/{name}.dmn": text for name, text in TABLES.items()}
    found = proof(analyst, draft_id, {RULE_SET: rules, **tables})
    assert (found["proven"], found["publishable"]) == (True, True)
    spoilt = {**tables, "tables/major.dmn": tables["tables/major.dmn"].replace("true", "false")}
    found = proof(analyst, draft_id, {RULE_SET: rules, **spoilt})
    assert not found["publishable"], "major cases would pass without review"
    unread = {**tables, "tables/major.dmn": "<x/>"}
    found = proof(analyst, draft_id, {RULE_SET: rules, **unread})
    assert [f["path"] for f in found["findings"]] == ["tables/major.dmn"]
