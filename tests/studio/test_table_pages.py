"""The questions of the page of decision tables: checked as they stand in the page, of one's own agency only."""

import json

import pytest
import yaml
from cases.town import Town
from diagrams.tables.made import MAJOR, TIERS, dmn
from test_drafts import JSON, Studio

RULES = {
    "key": "penalty/tables",
    "name": "决策表试验",
    "kind": "penalty",
    "attributes": {
        "party": {
            "type": "choice",
            "options": ["person", "organisation"],
            "default": "person",
            "label": "当事人类型",
        },
        "fine": {"type": "number", "default": 0, "label": "罚款金额（元）"},
        "times": {"type": "number", "default": 1, "label": "一年内被处罚次数"},
        "harsh": {"type": "boolean", "default": False, "label": "吊销许可证件"},
    },
    "params": {"major_person": {"value": 10000}, "major_organisation": {"value": 100000}},
    "tables": {"major": {}},
}
PARTS = {
    "rules.yaml": yaml.safe_dump(RULES, allow_unicode=True, sort_keys=False),
    **{f"tables/{name}.dmn": text for name, text in dmn(MAJOR, TIERS).items()},
}


class Tables(Studio):
    """An analyst at the page of decision tables of a draft of her own."""

    def __init__(self, browser, key):
        super().__init__(browser)
        self.draft = self.start(key=key, name="决策表试验")

    def ask(self, what, draft=None, **body):
        headers = {**JSON, "X-CSRF-Token": self.browser.token("/studio")}
        return self.browser.bare_post(
            f"/studio/drafts/{draft or self.draft}/{what}",
            json.dumps({"changes": PARTS, **body}).encode(),
            headers=headers,
            content_type="application/json",
        )


@pytest.fixture(scope="module")
def desk(town: Town) -> Tables:
    return Tables(town.caller("sf-analyst"), "penalty/tables")


def test_tables_are_checked_with_what_is_not_saved_yet(desk):
    told = desk.ask("tables/check").get_json()
    assert told["tables"]["major"]["problems"] == []
    assert told["tables"]["major"]["named"] is True
    assert (
        told["tables"]["major"]["sentences"][0]
        == "当事人类型：“person”；罚款金额（元）：不低于 major_person（10,000）"
    )
    assert [p["code"] for p in told["tables"]["tiers"]["problems"]][-1] == "unused"
    assert desk.content(desk.draft)["parts"].get("tables/major.dmn") is None, "nothing is saved"
    gap = PARTS | {"tables/tiers.dmn": PARTS["tables/tiers.dmn"].replace("&gt;= 3", "&gt;= 4")}
    problems = desk.ask("tables/check", changes=gap).get_json()["tables"]["tiers"]["problems"]
    assert {"times": 3} in [problem["example"] for problem in problems]


def test_an_unreadable_table_is_told_and_the_others_are_checked(desk):
    told = desk.ask("tables/check", changes=PARTS | {"tables/bad.dmn": "<x/>"}).get_json()["tables"]
    assert not told["bad"]["readable"]
    assert "DMN 1.3" in told["bad"]["problems"][0]["message"]
    assert told["major"]["problems"] == []


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        ({"party": "person", "fine": 10000, "harsh": False}, [1]),
        ({"party": "person", "fine": 9999.99, "harsh": False}, []),
        ({"party": "organisation", "fine": 100000, "harsh": True}, [2, 3]),
    ],
)
def test_values_are_tried(desk, values, rows):
    answer = desk.ask("tables/try", table="major", values=values).get_json()
    assert answer["rows"] == rows
    assert answer["outputs"] == [{"major": True}] * len(rows)


@pytest.mark.parametrize(
    ("table", "values", "told"),
    [
        ("major", {}, "请填写“当事人类型”"),
        ("major", {"party": "nobody", "fine": 1, "harsh": False}, "请填写“当事人类型”"),
        ("major", {"party": "person", "fine": "1", "harsh": False}, "请填写“罚款金额（元）”"),
        ("major", {"party": "person", "fine": True, "harsh": False}, "请填写“罚款金额（元）”"),
        ("major", {"party": "person", "fine": 1e300, "harsh": False}, "请填写“罚款金额（元）”"),
        ("nothing", {}, "没有决策表“nothing”"),
    ],
)
def test_values_that_cannot_be_tried_are_told(desk, table, values, told):
    answer = desk.ask("tables/try", table=table, values=values)
    assert answer.status_code == 422
    assert told in answer.get_json()["message"]


@pytest.mark.parametrize("kind", ["major", "tiers", "blank"])
def test_a_skeleton_is_a_readable_table_that_decides_nothing_yet(desk, kind):
    text = desk.ask("tables/skeleton", kind=kind, name="new").get_json()["text"]
    told = desk.ask("tables/check", changes=PARTS | {"tables/new.dmn": text}).get_json()["tables"]["new"]
    assert told["readable"]
    assert "cell" not in [problem["code"] for problem in told["problems"]]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"kind": "other", "name": "new"}, "没有这种决策表"),
        ({"kind": "major", "name": "../x"}, "不能有文件"),
        ({"kind": "major", "name": "major"}, "已有名为“major”"),
        ({"kind": "major", "name": ""}, "不能有文件"),
        ({"kind": "blank", "name": "new", "changes": {"rules.yaml": "key: x"}}, "还没有属性"),
        ({"kind": 3, "name": "new"}, "格式不对"),
        ({"kind": "major", "name": "new", "more": 1}, "页面中没有的内容"),
    ],
)
def test_a_skeleton_that_cannot_be_made_is_told(desk, body, told):
    answer = desk.ask("tables/skeleton", **body)
    assert answer.status_code == 422
    assert told in answer.get_json()["message"]


def test_another_agency_s_draft_does_not_exist(desk, town):
    stranger = Tables(town.caller("szsf-analyst"), "penalty/elsewhere")
    officer = town.caller("hb-officer1")
    for path in ("tables", "rules", "tables/major"):
        assert officer.get(f"/studio/drafts/{desk.draft}/{path}").status_code == 403
        assert stranger.browser.get(f"/studio/drafts/{desk.draft}/{path}").status_code == 404
        assert desk.browser.get(f"/studio/drafts/{desk.draft}/{path}").status_code == 200
    bodies = {
        "tables/check": {},
        "tables/try": {"table": "x", "values": {}},
        "tables/skeleton": {"kind": "major", "name": "x"},
        "rules/check": {},
    }
    for what, body in bodies.items():
        assert stranger.ask(what, draft=desk.draft, **body).status_code == 404, what


def test_the_rules_page_is_told_what_there_is_to_choose_from(desk):
    told = desk.ask("rules/check", changes={}).get_json()
    kinds = {"attributes", "params", "steps", "external", "forms", "documents", "clocks", "groups", "tables"}
    assert kinds == set(told["names"])
    assert all(set(problem) == {"section", "entry", "field", "message"} for problem in told["problems"])
    schema = desk.browser.get("/studio/rules/schema", headers=JSON).get_json()
    assert schema["sections"][0]["name"] == ""
