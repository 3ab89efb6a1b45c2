"""The lists of the studio: steps with suggestions that the platform itself accepts, and what a draft declares."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from callers import Caller
from cases.town import Town
from sqlalchemy import select

from app.diagrams import bundle
from app.diagrams.models import ProcedureVersion
from app.kernel.actions import ACTIONS
from app.kernel.settings import ROOT
from app.people import service as people
from app.studio import vocabulary as words
from app.verify.rules import steps as known
from app.verify.rules.general import CITES

JSON = {"Accept": "application/json"}
OFFERED = {step["tag"]: step for group in words.step_groups() for step in group["steps"]}
LIMIT = re.compile(r"[1-9][0-9]*(wd|d|h)")
RAW = yaml.safe_load(words.STEPS.read_text(encoding="utf-8"))
POSITIONS = {
    each["key"]: each["name"]
    for each in yaml.safe_load((ROOT / "app/people/data/positions.yaml").read_text(encoding="utf-8"))[
        "positions"
    ]
}


def shipped() -> dict[str, str]:
    """The parts of the shipped procedure as a draft holds them."""
    found = bundle.from_folder("penalty/ordinary")
    parts = {
        "rules.yaml": (ROOT / "bpmn/penalty/ordinary/rules.yaml").read_text(encoding="utf-8"),
        **{f"forms/{key}.json": json.dumps(form, ensure_ascii=False) for key, form in found.forms.items()},
    }
    for folder in (ROOT / "documents").iterdir():
        parts[f"documents/{folder.name}.yaml"] = (folder / "template.yaml").read_text(encoding="utf-8")
    return parts


def test_every_step_the_rules_know_is_offered_with_a_suggestion():
    tags = list(OFFERED)
    assert sorted(tags) == sorted(tag for group in known.STEPS.values() for tag in group)
    assert set(RAW["steps"]) == set(tags)


@pytest.mark.parametrize("tag", RAW["steps"])
def test_a_suggestion_is_one_the_platform_accepts(tag: str):
    step = OFFERED[tag]
    assert step["position"] in POSITIONS
    assert step["element"] in ("user", "message", "timer", "service")
    assert step["duty"]
    for key in ("limit", "statutory"):
        assert key not in step or LIMIT.fullmatch(step[key])
    if step["element"] == "user":
        assert step["limit"], "a task without time is refused"
        assert step["verb"], "the button says what is done"
    if step["element"] == "timer":
        assert "limit" in step
        assert known.name(step["from"]) != step["from"]
    if step["element"] == "service":
        assert step["action"] in ACTIONS
    if "basis" in step:
        assert CITES.search(step["basis"]), step["basis"]


def test_what_a_procedure_declares_is_offered_in_words():
    found = words.vocabulary(shipped(), POSITIONS)
    assert found["unread"] == []
    attributes = found["attributes"]
    assert attributes["fine"] == {
        "type": "number",
        "label": "罚款金额（元）",
        "options": [],
        "derived": False,
    }
    assert attributes["major"]["derived"] is True
    assert {"value": "penalty", "label": "给予行政处罚"} in attributes["outcome"]["options"]
    assert {"value": "person", "label": "自然人"} in attributes["party_kind"]["options"]
    for name, attribute in attributes.items():
        for option in attribute["options"]:
            assert re.search("[\u4e00-\u9fff]", option["label"]), (name, option)
    assert {"code": "LA-06", "title": "立案审批表"} in found["documents"]
    assert {"key": "penalty_check", "title": "线索核查"} in found["forms"]
    assert [each["key"] for each in found["positions"]] == list(POSITIONS)
    assert all(re.search("[\u4e00-\u9fff]", each["name"]) for each in found["actions"])


def test_half_written_parts_are_named_and_the_rest_is_offered():
    parts = {
        "rules.yaml": "attributes: {fine: {type: number, default: 0}, odd: 3, kind: {type: text}}\nderived: [1]",
        "forms/a.json": "{",
        "forms/b.json": "[]",
        "documents/X-1.yaml": "code: [",
        "documents/X-2.yaml": "- a",
    }
    found = words.vocabulary(parts, {})
    assert found["unread"] == ["forms/a.json", "forms/b.json", "documents/X-1.yaml"]
    assert list(found["attributes"]) == ["fine"]
    assert found["documents"] == [{"code": "X-1", "title": "X-1"}, {"code": "X-2", "title": "X-2"}]
    assert words.vocabulary({"rules.yaml": "]"}, {})["unread"] == ["rules.yaml"]
    assert words.vocabulary({}, {})["attributes"] == {}


@pytest.fixture
def analyst(town: Town) -> Caller:
    return town.caller("sf-analyst")


@pytest.fixture
def draft(town: Town, analyst: Caller) -> int:
    with town.read() as session:
        source = session.scalar(select(ProcedureVersion.id).where(ProcedureVersion.key == "penalty/ordinary"))
    answer = analyst.post("/studio/drafts", {"source": str(source), "key": "", "name": ""}, page="/studio")
    return int(answer.location.rsplit("/", 1)[1])


@pytest.fixture
def send(analyst: Caller, draft: int) -> Callable[[dict[str, Any]], Any]:
    def post(body: dict[str, Any]) -> Any:
        return analyst.bare_post(
            f"/studio/drafts/{draft}/foreign",
            json.dumps(body).encode(),
            headers={**JSON, "X-CSRF-Token": analyst.token("/studio")},
            content_type="application/json",
        )

    return post


def test_the_page_gets_the_lists_of_its_draft(town: Town, analyst: Caller, draft: int):
    found = analyst.get(f"/studio/drafts/{draft}/vocabulary", headers=JSON).get_json()
    with town.read() as session:
        assert [each["key"] for each in found["positions"]] == list(people.position_names(session))
    assert found["attributes"]["major"]["label"] == "重大执法决定"
    assert len(found["forms"]) > 20
    assert {"code": "GZ-02", "title": "行政处罚听证告知书"} in found["documents"]


def test_templates_of_the_draft_stand_before_those_that_came_with_the_platform():
    parts = {"documents/A-1.yaml": "title: 本草稿的文书"}
    found = words.vocabulary(parts, {}, {"A-1": "平台的文书", "A-2": "另一种文书"})
    assert found["documents"] == [
        {"code": "A-1", "title": "本草稿的文书"},
        {"code": "A-2", "title": "另一种文书"},
    ]


def test_others_do_not_get_them(town: Town, draft: int):
    for login in ("hb-officer1", "sf-admin"):
        assert town.caller(login).get(f"/studio/drafts/{draft}/vocabulary", headers=JSON).status_code in (
            403,
            404,
        )


def test_a_file_sent_by_the_page_is_reported_on(send: Callable[[dict[str, Any]], Any]):
    content = (ROOT / "bpmn/penalty/ordinary/internal.bpmn").read_bytes()
    report = send({"which": "internal", "file": base64.b64encode(content).decode()}).get_json()
    assert (report["refused"], report["lacking"], report["drawn"]) == ([], [], True)
    assert report["nodes"] > 50


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"which": "internal", "file": "*"}, "body"),
        ({"which": "other", "file": ""}, "body"),
        ({"which": "internal", "file": 3}, "body"),
        ({"which": "internal", "file": "", "more": 1}, "unknown_field"),
        ({"which": "internal", "file": ""}, "malformed"),
    ],
)
def test_a_wrong_request_is_refused_in_chinese(
    send: Callable[[dict[str, Any]], Any], body: dict[str, Any], code: str
):
    answer = send(body)
    assert answer.status_code == 422
    assert answer.get_json()["code"] == code
