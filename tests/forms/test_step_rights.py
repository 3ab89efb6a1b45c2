"""Field rights per step: what a step may only read comes from the case, what is hidden never reaches it."""

import json
from typing import Any

import pytest
from lxml import html
from werkzeug.datastructures import MultiDict

from app.forms.service import FormContext, from_json, json_schema, render, summary, to_json
from app.kernel.errors import Invalid

from .conftest import TODAY, context_with, make, text

ITEMS = (
    text("facts", required=True),
    text("remark", visibleWhen={"field": "facts", "op": "contains", "value": "复杂"}),
    text("secret"),
    {"type": "money", "key": "fine", "label": "罚款金额", "required": True},
)
RIGHTS = [
    {"step": "notice.approve", "fields": {"facts": "read", "fine": "read", "secret": "hide"}},
    {"node": "second_look", "fields": {"facts": "write"}},
]
PREFILL = {"facts": "forms.report.facts", "fine": "forms.report.fine"}
CASE = {"forms": {"report": {"facts": "情节复杂", "fine": "5000.00"}}}


def form(**more: Any):
    return make(
        *ITEMS, **{"rights": RIGHTS, "prefill": PREFILL, "writes": {"fine": {"field": "fine"}}} | more
    )


@pytest.fixture
def restricted():
    return form().at("notice.approve", "approve")


def context(case: dict[str, Any] = CASE) -> FormContext:
    return FormContext((), None, TODAY, case=lambda: case)


def refusals(**more: Any) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        form(**more)
    return caught.value.errors


@pytest.mark.parametrize("name", ["facts", "fine", "secret"])
def test_a_post_with_a_field_this_step_may_not_write_is_refused(restricted, name: str):
    with pytest.raises(Invalid) as caught:
        restricted.parse(MultiDict({name: "1", "remark": "x"}))
    assert caught.value.code == "read_only_field"
    assert caught.value.field == name
    with pytest.raises(Invalid) as caught:
        from_json(restricted, {name: "1"}, "")
    assert caught.value.code == "read_only_field"


def test_what_is_read_only_is_taken_from_the_case_whatever_the_draft_says(restricted):
    data = restricted.validate(
        {"facts": "改过的", "fine": "1.00", "secret": "泄露", "remark": "好"}, context()
    )
    assert data == {"facts": "情节复杂", "remark": "好", "secret": "", "fine": "5000.00"}
    assert restricted.routing(data) == {"fine": 5000}


def test_a_required_field_that_the_step_may_not_write_is_not_asked_of_it(restricted):
    assert restricted.validate({}, context({}))["facts"] == ""
    with pytest.raises(Invalid):
        form().at("other.step", "other").validate({}, context())


def test_conditions_see_what_is_read_only(restricted):
    assert restricted.hidden(restricted.settled({}, context())) == {"secret"}
    assert restricted.hidden(restricted.settled({}, context({}))) == {"secret", "remark"}


def test_the_right_of_a_node_goes_before_that_of_its_step():
    used = form().at("notice.approve", "second_look")
    assert set(used.restricted) == {"fine", "secret"}
    assert form().at("invest", "investigate").restricted == {}


def test_the_case_is_not_asked_by_a_form_without_rights():
    def never() -> dict[str, Any]:
        raise AssertionError("the case was asked")

    free = form().at("invest", "investigate")
    assert free.validate({"facts": "x", "fine": "2"}, FormContext((), None, TODAY, case=never))["fine"] == "2"


def test_the_page_shows_it_without_a_control_and_hides_the_rest(restricted):
    page = html.fromstring(str(render(restricted, {"facts": "伪造"}, None, context())))
    assert [name for name in page.xpath("//@name") if name in ("facts", "fine", "secret")] == []
    assert page.xpath("//*[@data-item='secret']") == []
    assert "文字secret" not in page.text_content()
    (told,) = page.xpath("//*[@data-item='facts']")
    assert "情节复杂" in told.text_content()
    assert "只读" in told.text_content()
    assert json.loads(told.get("data-facts")) == {"facts": "情节复杂"}
    assert page.xpath("//*[@data-item='remark']")[0].get("hidden") is None


def test_programs_are_not_offered_what_the_step_may_not_write(restricted):
    assert set(json_schema(restricted, context())["properties"]) == {"remark"}
    assert to_json(restricted, {"facts": "a", "remark": "b"}, "") == {"remark": "b"}
    data = restricted.validate({"remark": "好"}, context())
    assert [answer.key for answer in summary(restricted, data)] == ["facts", "remark", "fine"]


def test_an_officer_of_the_case_stays_who_he_was():
    person = {"type": "person", "key": "who", "label": "主办人员"}
    rights = [{"step": "s", "fields": {"who": "read"}}]
    used = make(person, rights=rights, prefill={"who": "forms.plan.who"}).at("s", "n")
    gone = {"id": 77, "name": "甲子077(演示)", "certificate": "演示A077"}
    case = {"forms": {"plan": {"who": gone}}}
    officers = context_with().officers
    assert used.validate({}, FormContext(officers, None, TODAY, case=lambda: case)) == {"who": gone}


@pytest.mark.parametrize(
    ("fields", "place", "said"),
    [
        ({"nobody": "read"}, "rights[0].fields.nobody", "没有这个字段"),
        ({"facts": "look"}, "rights[0].fields.facts", "权限只能是"),
        ({"fine": "hide"}, "rights[0].fields.fine", "流转属性"),
        ({"secret": "read"}, "rights[0].fields.secret", "取自案件"),
    ],
)
def test_rights_that_cannot_hold_are_named_where_they_stand(fields, place: str, said: str):
    assert said in refusals(rights=[{"step": "s", "fields": fields}])[place][0]


def test_rights_name_one_step_or_one_node_once():
    assert "rights[0]" in refusals(rights=[{"fields": {}}])
    assert "rights[0]" in refusals(rights=[{"step": "a", "node": "b", "fields": {}}])
    assert (
        "两遍" in refusals(rights=[{"step": "a", "fields": {}}, {"step": "a", "fields": {}}])["rights[1]"][0]
    )
    assert "rights" in refusals(rights={"step": "a"})
