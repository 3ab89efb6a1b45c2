"""The studio's forms for the rule set in real Chromium: every section, conditions, faults at their entry, no YAML."""

import pytest
import yaml
from analysts import Analyst
from playwright.sync_api import Page, expect

from app.kernel.settings import ROOT
from app.studio.rule_schema import schema

SHIPPED = (ROOT / "bpmn/penalty/ordinary/rules.yaml").read_text(encoding="utf-8")


@pytest.fixture
def analyst(new_page) -> Analyst:
    found = Analyst(new_page)
    found.start()
    found.put({"rules.yaml": SHIPPED})
    return found


def opened(analyst: Analyst, section: str) -> Page:
    analyst.page.goto(f"{analyst.draft}/rules#{section}")
    expect(analyst.page.locator(".rules-state")).to_have_text("规则没有问题")
    return analyst.page


def rules(analyst: Analyst) -> dict:
    return yaml.safe_load(analyst.saved()["rules.yaml"])


def test_every_section_is_shown_in_chinese_and_accessible(analyst, axe, shot):
    page = opened(analyst, "basics")
    for section in schema()["sections"]:
        page.locator(".rules-side").get_by_role("link", name=section["title"]).first.click()
        expect(page.locator("#section-title")).to_have_text(section["title"])
        if (heads := page.locator(".rule-head")).count():
            heads.first.click()
            expect(page.locator(".rule-body")).to_be_visible()
        axe(page)
        assert analyst.untranslated() == [], section["name"]
        if section["name"] in ("", "derived", "required_before", "clocks", "bands", "voids", "attributes"):
            shot(f"studio-rules-{section['name'] or 'basics'}", page)
    page.locator(".rules-side").get_by_role("link", name="文本").click()
    expect(page.locator("pre.source")).to_contain_text("# 行政处罚普通程序")
    expect(page.get_by_text("照原样保留的内容")).to_contain_text("budget")
    axe(page)
    assert analyst.content()["parts"]["rules.yaml"] == SHIPPED, "looking changes nothing"


def test_a_gate_is_made_without_a_line_of_yaml(analyst):
    page = opened(analyst, "required_before")
    before = yaml.safe_load(SHIPPED)["required_before"]
    page.get_by_role("button", name="＋ 加一项").click()
    entry = page.locator(".rule-entries > li").last
    expect(entry.locator(".rule-problems")).to_contain_text("请填写“依据条文”")
    entry.get_by_label("办理哪些环节以前：加一个环节").select_option("decide")
    entry.get_by_label("必须已经办理的环节，必须为“是”的属性：加环节或者属性").select_option("legal.review")
    entry.get_by_label("必须已经办理的环节，必须为“是”的属性：加环节或者属性").select_option("legal_passed")
    entry.get_by_role("button", name="＋ 加条件").click()
    entry.get_by_label("条件：属性").select_option("fine")
    entry.get_by_label("条件：值的来源").select_option("major_fine_person")
    entry.get_by_role("button", name="把条件改为一组").click()
    entry.get_by_label("条件的组合方式").select_option("any")
    entry.get_by_label("条件 2：属性").select_option("party_kind")
    entry.get_by_label("条件 2：值").select_option("organisation")
    expect(entry.locator(".condition-words")).to_have_text(
        "“罚款金额（元）”大于等于公民较大数额罚款（10,000），或者“当事人类型”是“法人或者其他组织”"
    )
    entry.get_by_label("依据条文").fill("《中华人民共和国行政处罚法》第五十八条")
    entry.get_by_label("不满足时怎样提示").fill("请先办理法制审核。")
    expect(page.locator(".rules-state")).to_have_text("规则没有问题")
    found = rules(analyst)["required_before"]
    assert found[:-1] == before
    assert found[-1] == {
        "before": ["decide"],
        "needs": ["legal.review", "legal_passed"],
        "when": {
            "any": [
                {"field": "fine", "op": "gte", "value": {"param": "major_fine_person"}},
                {"field": "party_kind", "op": "eq", "value": "organisation"},
            ]
        },
        "article": "《中华人民共和国行政处罚法》第五十八条",
        "message": "请先办理法制审核。",
    }
    text = analyst.saved()["rules.yaml"]
    assert text.count("#") == SHIPPED.count("#"), "comments stay"
    assert text.startswith(SHIPPED[: SHIPPED.index("attributes:")]), (
        "what stood before stays as it was written"
    )


def test_a_fault_stands_at_its_entry_and_undo_takes_it_back(analyst):
    page = opened(analyst, "clocks")
    entry = page.locator(".rule-entries > li").nth(1)
    entry.locator(".rule-head").click()
    entry.get_by_label("期限 *").or_(entry.locator("#clocks-1-limit")).first.fill("")
    expect(entry.locator(".rule-problems")).to_contain_text("请填写“期限”")
    expect(page.locator(".rules-side").get_by_role("link", name="法定期限")).to_contain_text("1 处")
    page.get_by_role("button", name="撤销").click()
    expect(page.locator(".rules-state")).to_have_text("规则没有问题")
    # a name that is gone is missed wherever it is used
    page.goto(f"{analyst.draft}/rules#attributes")
    page.locator(".rule-head", has_text="fine").first.click()
    page.get_by_label("代码", exact=True).fill("penalty_sum")
    page.get_by_label("代码", exact=True).press("Tab")
    expect(page.locator(".rules-side").get_by_role("link", name="处罚幅度")).to_contain_text("处")
    expect(page.locator(".rules-side").get_by_role("link", name="推导属性")).to_contain_text("处")
    page.get_by_role("button", name="撤销").click()
    expect(page.locator(".rules-state")).to_have_text("规则没有问题")
    assert rules(analyst) == yaml.safe_load(SHIPPED)


def test_sections_of_every_shape_are_edited(analyst):
    page = opened(analyst, "attributes")
    page.locator("#new-attributes").fill("times")
    page.get_by_role("button", name="＋ 加一项").click()
    page.get_by_label("名称", exact=False).last.fill("一年内被处罚次数")
    page.get_by_label("类型", exact=False).last.select_option("number")
    page.locator("#attributes-times-default").fill("一次")
    page.locator("#attributes-times-default").press("Tab")
    expect(page.locator(".rule-problems")).to_contain_text("缺少类型正确的默认值")
    page.locator("#attributes-times-default").fill("1")
    page.locator("#attributes-times-default").press("Tab")
    page.goto(f"{analyst.draft}/rules#voids")
    page.locator("#new-voids").select_option("check")
    row = page.locator(".rule-entries > li").last
    row.locator("select").select_option("src.register")
    page.goto(f"{analyst.draft}/rules#resets")
    row = page.locator(".rule-entries > li").first
    row.get_by_label("加一个属性").select_option("times")
    page.goto(f"{analyst.draft}/rules#freeze_after")
    page.locator("#freeze_after").select_option("serve")
    page.goto(f"{analyst.draft}/rules#rounds")
    page.get_by_role("button", name="＋ 加一项").click()
    page.locator("#rounds-0-step").select_option("legal.review")
    page.locator("#rounds-0-most").fill("3")
    page.locator("#rounds-0-article").fill("本机关规定")
    page.locator("#rounds-0-message").fill("审核不得超过三次。")
    expect(page.locator(".rules-state")).to_have_text("规则没有问题")
    found, shipped = rules(analyst), yaml.safe_load(SHIPPED)
    assert found["attributes"]["times"] == {"type": "number", "default": 1, "label": "一年内被处罚次数"}
    assert found["voids"]["check"] == ["src.register"]
    assert found["resets"]["invest.plan"] == {**shipped["resets"]["invest.plan"], "times": 0}
    assert found["freeze_after"] == ["decide", "serve"]
    step = {"step": "legal.review", "most": 3, "article": "本机关规定", "message": "审核不得超过三次。"}
    assert found["rounds"] == [step]
    assert list(found)[: len(shipped)] == list(shipped), "keys keep their order"


def test_what_no_form_can_show_is_said_with_its_line_and_left_alone(analyst):
    broken = "key: penalty/x\nname: 甲\nname: 乙\n"
    analyst.put({"rules.yaml": broken})
    page = analyst.page
    page.goto(f"{analyst.draft}/rules")
    expect(page.get_by_role("alert").filter(has_text="第 3 行同一名称写了两次")).to_be_visible()
    assert analyst.content()["parts"]["rules.yaml"] == broken


def test_a_colleague_s_rules_arrive_and_a_conflict_asks(analyst, new_page):
    page = opened(analyst, "freeze_after")
    other = Analyst(new_page, "sf-analyst2")
    other.draft = analyst.draft
    other.put({"rules.yaml": SHIPPED.replace("name: 行政处罚普通程序", "name: 同事改的名称")})
    page.locator("#freeze_after").select_option("serve")
    expect(page.get_by_role("alertdialog")).to_contain_text("另一位分析人员同时修改了同一内容")
    page.get_by_label("采用对方的").check()
    page.get_by_role("button", name="采用所选内容").click()
    page.locator(".rules-side").get_by_role("link", name="基本信息").click()
    expect(page.get_by_label("流程名称")).to_have_value("同事改的名称")
    assert rules(analyst)["freeze_after"] == ["decide"]
