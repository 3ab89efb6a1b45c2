"""The forms of a draft: what the server says of them, where they are used, and what it refuses."""

import json
from typing import Any

import pytest
from callers import Caller
from cases.town import Town
from studio_design import Designer, post

REPORT = "forms/penalty_report"


@pytest.fixture(scope="module")
def designer(town: Town) -> Designer:
    return Designer(town)


def form_of(designer: Designer, key: str) -> dict[str, Any]:
    return json.loads(designer.part(f"forms/{key}.json") or "")


def look(designer: Designer, key: str, raw: Any, **more: Any) -> dict[str, Any]:
    text = raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False)
    return designer.answer(f"forms/{key}/look", text=text, step="", node="", act=False, answers=None, **more)


def test_a_form_is_rendered_as_officers_will_see_it(designer):
    found = look(designer, "penalty_report", form_of(designer, "penalty_report"))
    assert found["problems"] == {}
    assert 'name="fine_amount"' in found["html"]
    assert "data-when" in found["html"]


def test_mistakes_come_by_place_and_there_is_no_page_of_them(designer):
    raw = form_of(designer, "penalty_report")
    raw["items"][1]["requried"] = True
    raw["items"][2]["label"] = ""
    raw["items"].append(
        {
            "type": "text",
            "key": "facts",
            "label": "再次",
            "visibleWhen": {"field": "x", "op": "eq", "value": 1},
        }
    )
    found = look(designer, "penalty_report", raw)
    last = len(raw["items"]) - 1
    assert found["html"] is None
    assert set(found["problems"]) == {
        "items[1].requried", "items[2].label", f"items[{last}].key", f"items[{last}].visibleWhen"
    }  # fmt: skip
    assert look(designer, "penalty_report", "{")["problems"][""] == ["表单定义不是正常的 JSON。"]


def test_mistakes_that_only_the_draft_knows(designer):
    raw = form_of(designer, "penalty_decide")
    raw["prefill"] |= {"kinds": "forms.nobody.x", "outcome": "forms.penalty_report.nothing"}
    raw["writes"]["undeclared"] = {"field": "outcome"}
    raw["rights"] = [{"step": "nowhere", "fields": {"outcome": "read"}}]
    found = look(designer, "penalty_decide", raw)
    assert set(found["problems"]) == {"prefill.kinds", "prefill.outcome", "writes.undeclared", "rights[0]"}
    assert found["html"]
    assert set(look(designer, "other_key", form_of(designer, "penalty_decide"))["problems"]) >= {"key"}


def test_unsaved_changes_of_other_parts_count(designer):
    raw = form_of(designer, "penalty_decide")
    raw["prefill"]["kinds"] = "forms.extra.kinds"
    extra = {
        "key": "extra",
        "title": "另表",
        "version": 1,
        "items": [{"type": "text", "key": "kinds", "label": "种类"}],
    }
    found = designer.answer(
        "forms/penalty_decide/look", text=json.dumps(raw), changes={"forms/extra.json": json.dumps(extra)}
    )
    assert found["problems"] == {}


def test_answers_in_the_preview_are_kept_and_checked_when_asked(designer):
    needed = {"field": "y", "op": "eq", "value": "yes"}
    asked = {"type": "yesno", "key": "y", "label": "复杂"}
    why = {"type": "text", "key": "why", "label": "理由", "requiredWhen": needed}
    raw = {"key": "t", "title": "表", "version": 1, "items": [asked, why]}
    path = "forms/t/look"
    kept = designer.answer(path, text=json.dumps(raw), answers={"y": ["no"], "why": ["手写的理由"]})
    assert "手写的理由" in kept["html"]
    assert kept["said"] == ""
    wrong = designer.answer(path, text=json.dumps(raw), answers={"y": ["yes"]}, act=True)
    assert "请填写此项。" in wrong["html"]
    right = designer.answer(path, text=json.dumps(raw), answers={"y": ["no"]}, act=True)
    assert right["said"] == "填写的内容符合要求，可以提交。"
    stale = designer.answer(path, text=json.dumps(raw), answers={"gone": ["x"]})
    assert 'name="y"' in stale["html"]


def test_a_step_sees_the_form_with_its_own_rights(designer):
    raw = form_of(designer, "penalty_decide")
    raw["rights"] = [{"step": "decide", "fields": {"outcome": "read", "deviation": "hide"}}]
    text = json.dumps(raw)
    free = designer.answer("forms/penalty_decide/look", text=text)["html"]
    bound = designer.answer("forms/penalty_decide/look", text=text, step="decide", node="decide")["html"]
    assert 'name="outcome"' in free
    assert 'name="outcome"' not in bound
    assert "（只读）" in bound
    assert "deviation" not in bound


def test_where_a_form_is_used(designer):
    found = designer.answer("forms/penalty_report/surroundings")
    uses = {(use["kind"], use["where"], use["field"]) for use in found["uses"]}
    assert ("node", "内部流程图“调查终结报告”", "") in uses
    assert ("form", "表单“作出决定”", "fine_amount") in uses
    assert ("document", "文书“行政处罚决定书”（JD-01，平台模板）", "facts") in uses
    assert ("rule", "幅度规则“罚款”", "tier") in uses
    assert ("derived", "推导属性“重大执法决定”", "complex") in uses
    assert ("flow", "内部流程图的流向“拟予处罚”", "outcome") in uses
    assert found["steps"] == [{"node": "report", "name": "调查终结报告", "step": "invest.end"}]
    assert found["attributes"]["fine"] == {"label": "罚款金额（元）", "type": "number"}
    assert found["values"]["forms"]["fields"]["penalty_report"]["fields"]["facts"]["label"] == "违法事实"
    assert found["positions"]["investigator"] == "执法办案岗"


def test_decision_tables_that_ask_what_a_form_decides(designer):
    table = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="t" namespace="n">
      <decision id="tiers" name="裁量阶次"><decisionTable id="x"><input id="i"><inputExpression id="e" typeRef="number">
      <text>fine</text></inputExpression></input><output id="o" name="tier"/></decisionTable></decision></definitions>"""
    found = designer.answer("forms/penalty_report/surroundings", changes={"tables/tiers.dmn": table})
    uses = [use for use in found["uses"] if use["kind"] == "table"]
    assert [(use["where"], use["field"]) for use in uses] == [("决策表“裁量阶次”", "fine_amount")]
    broken = designer.answer("forms/penalty_report/surroundings", changes={"tables/tiers.dmn": "<not xml"})
    assert not [use for use in broken["uses"] if use["kind"] == "table"]


def test_a_renamed_field_is_renamed_in_forms_own_documents_and_rules(designer):
    own = designer.answer("documents/DC-19/surroundings")["shipped"]
    changes = {"documents/DC-19.yaml": own}
    found = designer.answer(
        "forms/penalty_report/rename", changes=changes, **{"from": "facts", "to": "findings"}
    )
    assert "forms.penalty_report.findings" in found["changes"]["forms/penalty_decision_doc.json"]
    adapted = found["changes"]["documents/DC-19.yaml"]
    assert ".findings" in adapted
    assert "report.facts" not in adapted
    assert any("JD-01" in use["where"] for use in found["left"])
    assert not any("DC-19" in use["where"] for use in found["left"])
    tier = designer.answer("forms/penalty_report/rename", **{"from": "tier", "to": "grade"})
    assert "tier: penalty_report.grade" in tier["changes"]["rules.yaml"]
    served = designer.answer("forms/penalty_serve/rename", **{"from": "served_at", "to": "delivered_at"})
    assert "serve: delivered_at" in served["changes"]["rules.yaml"]
    refused = designer.ask("forms/penalty_report/rename", changes={}, **{"from": "facts", "to": "违法事实"})
    assert refused.status_code == 422


def test_a_new_form_a_copy_and_their_removal(designer):
    wrong = designer.send("forms", key="Bad Key", title="现场检查", source="")
    assert wrong.status_code == 422
    assert 'value="现场检查"' in wrong.get_data(as_text=True)
    assert designer.send("forms", key="penalty_lead", title="重名", source="").status_code == 422
    made = designer.send("forms", key="site_check", title="现场检查", source="")
    assert made.location.endswith("/forms/site_check")
    assert form_of(designer, "site_check")["title"] == "现场检查"
    designer.send("forms", key="site_copy", title="副本", source="penalty_report")
    copy = form_of(designer, "site_copy")
    assert (copy["key"], copy["title"]) == ("site_copy", "副本")
    assert copy["items"] == form_of(designer, "penalty_report")["items"]
    assert designer.send("forms/site_copy/delete").status_code == 303
    assert designer.part("forms/site_copy.json") is None
    rules = designer.part("rules.yaml") or ""
    designer.put("forms/site_copy.json", designer.part("forms/penalty_lead.json"))
    designer.put("rules.yaml", rules.replace("party: penalty_lead.party", "party: site_copy.party", 1))
    assert designer.send("forms/site_copy/delete").status_code == 409
    designer.put("rules.yaml", rules)
    assert designer.send("forms/site_copy/delete").status_code == 303
    used = designer.send("forms/penalty_report/delete")
    assert used.status_code == 409
    assert designer.part("forms/penalty_report.json")
    assert designer.send("forms/site_copy/delete").status_code == 404


def test_an_unreadable_form_is_listed_and_opened(designer):
    designer.put("forms/broken.json", "{ not json")
    page = designer.page("forms").get_data(as_text=True)
    assert "broken" in page
    assert "1 处错误" in page
    assert designer.page("forms/broken").status_code == 200
    assert designer.page("forms/nothing").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"changes": [], "text": ""},
        {"text": 5},
        {"text": "{}", "answers": {"a": "b"}},
        {"text": "{}", "more": 1},
    ],
)
def test_hostile_bodies_are_refused(designer, body):
    assert post(designer.browser, f"{designer.address}/forms/x/look", body).status_code == 422


@pytest.mark.parametrize("path", ["forms", "forms/penalty_report", "documents", "documents/JD-01"])
@pytest.mark.parametrize("login", ["hb-officer1", "sf-admin"])
def test_nobody_but_analysts_comes_in(town: Town, designer, path: str, login: str):
    assert Caller.get(town.caller(login), f"{designer.address}/{path}").status_code == 403


def test_rules_that_would_grow_without_end_are_read_as_none(designer):
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )
    found = designer.answer("forms/penalty_report/surroundings", changes={"rules.yaml": bomb})
    assert found["attributes"] == {}
