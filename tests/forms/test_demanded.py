"""Answers that are obligatory only where a condition holds, and answers to begin with."""

import json
from typing import Any

import pytest
from lxml import html

from app.forms.service import json_schema, render
from app.kernel.errors import Invalid

from .conftest import TODAY, make, text

YES = {"type": "yesno", "key": "y", "label": "是否复杂"}
WHEN = {"field": "y", "op": "eq", "value": "yes"}


def refused(*items: dict[str, Any]) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        make(*items)
    return caught.value.errors


def test_an_answer_is_demanded_only_where_the_condition_holds(check):
    form = make(YES, text("why", requiredWhen=WHEN))
    assert check(form, {"y": "no"})["why"] == ""
    with pytest.raises(Invalid) as caught:
        check(form, {"y": "yes"})
    assert caught.value.errors == {"why": ["请填写此项。"]}
    assert check(form, {"y": "yes", "why": "涉及多方"})["why"] == "涉及多方"


def test_parts_of_a_party_are_demanded_at_the_parts(check):
    form = make(YES, {"type": "party", "key": "p", "label": "第三人", "requiredWhen": WHEN})
    with pytest.raises(Invalid) as caught:
        check(form, {"y": "yes"})
    assert list(caught.value.errors) == ["p.kind", "p.name"]
    assert check(form, {"y": "no"})["p"] is None


def test_what_is_hidden_is_not_demanded(check):
    form = make(YES, text("why", requiredWhen=WHEN, visibleWhen={"field": "y", "op": "ne", "value": "yes"}))
    assert check(form, {"y": "yes"})["why"] == ""


def test_the_page_marks_it_and_carries_the_condition(form_context):
    form = make(YES, text("why", requiredWhen=WHEN))
    for answers, hidden in (({"y": "yes"}, False), ({}, True)):
        page = html.fromstring(str(render(form, answers, None, form_context)))
        (box,) = page.xpath("//*[@data-item='why']")
        assert json.loads(box.get("data-required-when")) == WHEN
        assert ("hidden" in box.xpath(".//*[@data-star]")[0].attrib) is hidden
        assert (box.xpath(".//*[@name='why']")[0].get("aria-required") == "true") is not hidden
    schema = json_schema(form, form_context)
    assert schema["required"] == []
    assert schema["properties"]["why"]["x-required-when"] == WHEN


def test_a_condition_that_says_nothing_is_refused():
    assert "items[1].requiredWhen" in refused(YES, text("a", required=True, requiredWhen=WHEN))
    assert "items[0].requiredWhen" in refused(text("a", requiredWhen={"field": "z", "op": "empty"}))
    column = {"type": "text", "key": "c", "label": "列", "requiredWhen": WHEN}
    assert refused(YES, {"type": "list", "key": "l", "label": "表", "columns": [column]})


def test_an_answer_to_begin_with():
    form = make(
        text("a", default="同意"),
        {"type": "date", "key": "d", "label": "日期", "default": "today"},
        {"type": "checkboxes", "key": "c", "label": "多选", "options": ["甲", "乙"], "default": ["乙"]},
        {"type": "money", "key": "m", "label": "金额", "default": 200},
        text("taken", default="无"),
        prefill={"taken": "case.cause"},
    )
    begun = form.prefilled({"today": TODAY.isoformat(), "case": {"cause": "案由"}})
    assert begun == {"a": "同意", "d": TODAY.isoformat(), "c": ["乙"], "m": "200", "taken": "案由"}
    assert form.prefilled({})["taken"] == "无"


@pytest.mark.parametrize(
    "item",
    [
        text("a", maxLength=2, default="太长了吧"),
        {"type": "number", "key": "n", "label": "数", "max": 3, "default": 9},
        {"type": "radio", "key": "r", "label": "选", "options": ["甲"], "default": "乙"},
        {"type": "yesno", "key": "y", "label": "是否", "default": True},
        {"type": "date", "key": "d", "label": "日", "default": "明天"},
        {"type": "datetime", "key": "t", "label": "时", "default": "today"},
        {"type": "person", "key": "p", "label": "人", "default": 1},
        {"type": "file", "key": "f", "label": "附件", "default": []},
    ],
)
def test_a_default_that_the_form_would_refuse_is_refused(item):
    assert refused(item)["items[0].default"]
