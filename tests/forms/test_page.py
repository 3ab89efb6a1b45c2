"""The page of a form: labelled, described, usable without JavaScript."""

from collections import Counter

import lxml.html
import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.forms.service import partial, render, summary
from app.kernel.errors import Invalid

from .conftest import context_with, make, text

FORM = make(
    {"type": "section", "label": "事实", "help": "说明"},
    {"type": "note", "label": "提示", "visibleWhen": {"field": "big", "op": "eq", "value": "yes"}},
    text("a", required=True, help="写全称"),
    {"type": "textarea", "key": "long", "label": "长文"},
    {"type": "money", "key": "sum", "label": "罚款", "width": 6},
    {"type": "number", "key": "n", "label": "浓度", "unit": "mg/m³"},
    {"type": "date", "key": "d", "label": "日期"},
    {"type": "datetime", "key": "t", "label": "时间"},
    {"type": "yesno", "key": "big", "label": "重大"},
    {
        "type": "textarea",
        "key": "why",
        "label": "重大理由",
        "required": True,
        "visibleWhen": {"field": "big", "op": "eq", "value": "yes"},
    },
    {"type": "radio", "key": "r", "label": "单选", "required": True, "options": ["甲", "乙"]},
    {"type": "select", "key": "s", "label": "下拉", "options": ["甲", "乙"]},
    {"type": "checkboxes", "key": "c", "label": "多选", "required": True, "options": ["甲", "乙"]},
    {"type": "person", "key": "p", "label": "协办", "required": True},
    {"type": "person", "key": "ps", "label": "参加人", "multiple": True},
    {"type": "party", "key": "party", "label": "当事人", "required": True, "help": "说明"},
    {"type": "file", "key": "f", "label": "附件"},
    {"type": "evidence", "key": "e", "label": "证据", "required": True},
    {
        "type": "list",
        "key": "l",
        "label": "明细",
        "help": "说明",
        "columns": [
            text("name", required=True),
            {"type": "money", "key": "sum", "label": "金额"},
            {"type": "person", "key": "who", "label": "人员"},
            {"type": "yesno", "key": "y", "label": "是否"},
        ],
    },
    {"type": "opinion", "key": "o", "label": "意见", "required": True},
    {"type": "law", "key": "law", "label": "依据", "laws": ["行政处罚法"]},
)


@pytest.fixture(autouse=True)
def _in_app(app: Flask):
    with app.app_context():
        yield


def page(answers=None, errors=None, context=None):
    return lxml.html.fromstring(render(FORM, answers or {}, errors, context or context_with()))


def failed(post):
    answers = FORM.parse(MultiDict(post))
    with pytest.raises(Invalid) as caught:
        FORM.validate(answers, context_with())
    return page(answers, caught.value.errors), caught.value.errors


def outside_templates(tree):
    for template in tree.iter("template"):
        template.clear()
    return tree


@pytest.mark.parametrize(
    "post",
    [{}, {"e.0.pages": "x", "l.0.sum": "y", "big": "yes", "party.kind": "person", "o.stance": "amend"}],
)
def test_every_control_has_a_name_and_every_reference_a_target(post):
    tree = outside_templates(failed(post)[0])
    ids = Counter(element.get("id") for element in tree.iter() if element.get("id"))
    assert [each for each, count in ids.items() if count > 1] == []
    labels = {label.get("for") for label in tree.iter("label")}
    for control in tree.iter("input", "select", "textarea"):
        if control.get("type") == "hidden":
            continue
        wrapped = any(parent.tag == "label" for parent in control.iterancestors())
        assert control.get("aria-label") or control.get("id") in labels or wrapped, control.get("name")
    for element in tree.iter():
        for target in (element.get("aria-describedby") or "").split():
            assert target in ids, (element.get("name"), target)
    for fieldset in tree.iter("fieldset"):
        assert fieldset.find("legend") is not None or fieldset.get("aria-label")


def test_the_summary_takes_focus_and_leads_to_every_error():
    tree, errors = failed({"e.0.pages": "x", "o.stance": "amend"})
    summary_box = tree.find_class("error-summary")[0]
    assert (summary_box.get("role"), summary_box.get("tabindex")) == ("alert", "-1")
    links = summary_box.xpath(".//a")
    assert len(links) == sum(len(messages) for messages in errors.values())
    ids = {element.get("id") for element in tree.iter()}
    for link in links:
        assert link.get("href")[1:] in ids
    texts = [link.text_content() for link in links]
    assert "证据 第 1 行 证据名称：请填写此项。" in texts
    assert any(each.startswith("意见 理由：") for each in texts)


def test_invalid_controls_say_so():
    tree, _ = failed({"sum": "x"})
    control = tree.get_element_by_id("f-sum")
    assert control.get("aria-invalid") == "true"
    assert "f-sum-error" in control.get("aria-describedby").split()
    assert tree.get_element_by_id("f-sum-error").text_content().startswith("错误：")


def test_conditions_hold_without_script():
    def hidden(answers):
        return page(answers).xpath("//*[@data-item='why']")[0].get("hidden") is not None

    assert hidden({})
    assert not hidden({"big": "yes"})
    assert partial(MultiDict({"_refresh": "1"}))
    assert not partial(MultiDict({"_csrf": "1"}))


def test_rows_can_be_added_without_script():
    def count(answers, key="l"):
        return len(page(answers).xpath(f"//*[@data-rows='{key}']//tbody/tr"))

    assert count({}) == 1
    post = MultiDict({"l.0.name": "甲", "_add_row": "l"})
    assert partial(post)
    assert count(FORM.parse(post)) == 5
    assert count(FORM.parse(post), "e") == 1
    assert count(FORM.parse(MultiDict({"l.0.name": "甲"}))) == 2
    assert count(FORM.parse(MultiDict({"_add_row": "a"}))) == 1
    full = {"l": [{"name": "甲"}] * 50}
    assert count(full) == 50


def test_what_was_typed_is_still_there():
    typed = {
        "a": "甲",
        "sum": "12x",
        "big": "yes",
        "why": "因为",
        "c": "乙",
        "p": "2",
        "party.name": "某某",
        "o.text": "文",
    }
    tree, _ = failed(typed)
    assert tree.get_element_by_id("f-a").get("value") == "甲"
    assert tree.get_element_by_id("f-sum").get("value") == "12x"
    assert tree.get_element_by_id("f-why").text.strip() == "因为"
    assert tree.xpath("//input[@name='c' and @checked]/@value") == ["乙"]
    assert tree.xpath("//select[@name='p']/option[@selected]/@value") == ["2"]
    assert tree.get_element_by_id("f-party-name").get("value") == "某某"


def test_amounts_are_spelled_and_the_previous_opinion_is_shown():
    tree = page(
        {"sum": "250000"}, None, context_with({"stance": "disagree", "text": "事实不清", "by": "演示·乙"})
    )
    assert tree.get_element_by_id("f-sum-upper").text_content() == "贰拾伍万元整"
    assert "前一环节意见：不同意：事实不清（演示·乙）" in tree.text_content()


def test_nothing_the_content_policy_forbids():
    markup = render(FORM, {"big": "yes"}, {"a": ["x"]}, context_with())
    tree = lxml.html.fromstring(markup)
    for element in tree.iter():
        assert element.tag not in ("script", "style")
        assert not [name for name in element.keys() if name == "style" or name.startswith("on")]  # noqa: SIM118


def test_summary_reads_like_a_form():
    data = {
        "a": "甲",
        "sum": "250000",
        "n": 3.5,
        "t": "2026-05-02T09:30",
        "big": "no",
        "why": "不显示",
        "r": "乙",
        "c": ["甲", "乙"],
        "p": {"id": 1, "name": "甲子001(演示)", "certificate": "演示A001"},
        "party": {"kind": "person", "name": "演示·甲", "id_code": "", "address": "某处"},
        "f": [{"name": "a.pdf"}],
        "e": [{"kind": "书证", "name": "报告", "pages": 3, "file": {"name": "b.pdf"}}],
        "l": [{"name": "甲", "sum": "5", "who": {"id": 3, "name": "甲子003(演示)"}, "y": "yes"}],
        "o": {"stance": "amend", "text": "补充证据"},
        "law": {"law": "行政处罚法", "article": "第五十七条"},
    }
    answers = {answer.label: answer for answer in summary(FORM, data)}
    lines = {label: answer.text for label, answer in answers.items()}
    assert lines["罚款"] == "250,000 元（大写：贰拾伍万元整）"
    assert lines["浓度"] == "3.5 mg/m³"
    assert lines["时间"] == "2026年5月2日 09:30"
    assert lines["协办"] == "甲子001(演示)（执法证 演示A001）"
    assert lines["当事人"] == "当事人类型：自然人；姓名（名称）：演示·甲；住址（住所）：某处"
    assert lines["证据"] == "1. 证据种类：书证；证据名称：报告；页数：3；文件：b.pdf"
    assert lines["明细"] == "1. 文字name：甲；金额：5 元（大写：伍元整）；人员：甲子003(演示)；是否：是"
    assert lines["意见"] == "修改后再报。补充证据"
    assert lines["依据"] == "《行政处罚法》第五十七条"
    assert "重大理由" not in lines
    assert "长文" not in lines
    evidence = answers["证据"]
    assert evidence.head == ["证据种类", "证据名称", "页数", "文件"], "a column nobody filled in is left out"
    assert evidence.rows[0][3].files == ({"name": "b.pdf"},)
    assert answers["当事人"].pairs[0] == ("当事人类型", "自然人")
