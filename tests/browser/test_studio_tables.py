"""The studio's decision tables in real Chromium: made, filled in, checked, tried, used and taken away."""

import pytest
import yaml
from analysts import Analyst
from playwright.sync_api import Page, expect

from app.diagrams.tables import read


@pytest.fixture
def analyst(new_page) -> Analyst:
    found = Analyst(new_page)
    found.start()
    return found


def new_table(page: Page, kind: str, code: str) -> None:
    page.get_by_label("从哪种骨架开始").select_option(kind)
    page.locator("#new-name").fill(code)
    page.get_by_role("button", name="新建", exact=True).click()
    expect(page.locator(".decision")).to_be_visible()


def cell(page: Page, row: int, column: str):
    return page.get_by_role("row").locator(f"[aria-label^='第 {row} 行，{column}']")


def test_tiers_of_discretion_are_made_mended_and_tried(analyst, axe, shot):
    page = analyst.page
    page.goto(f"{analyst.draft}/tables")
    expect(page.get_by_text("这个流程还没有决策表")).to_be_visible()
    page.evaluate("scrollTo(0, 0)")
    axe(page)
    new_table(page, "裁量档次", "tiers")
    expect(page.get_by_role("button", name="情形“罚款金额（元）”，修改这一列")).to_be_visible()
    # ask another attribute: what the skeleton chose is only a beginning
    page.get_by_role("button", name="情形“罚款金额（元）”，修改这一列").click()
    page.get_by_label("读取哪个属性").select_option("confiscated")
    page.get_by_label("列名").fill("违法所得")
    page.get_by_role("button", name="保存").click()
    for row, (condition, low, high) in enumerate(
        [("＜１万", "2000", "8,000"), ("[10000..50000]", "8000", "14000"), ("≥5万", "14000", "20000")], 1
    ):
        cell(page, row, "违法所得").fill(condition)
        cell(page, row, "下限").fill(low)
        cell(page, row, "上限").fill(high)
        cell(page, row, "上限").press("Tab")
    problems = page.locator(".problems")
    expect(problems).to_contain_text("第 2、3 行重叠")
    expect(problems).to_contain_text("没收金额（元） 50,000，两行同时命中")
    page.evaluate("scrollTo(0, 0)")
    axe(page)
    shot("studio-tables-overlap", page)
    problems.get_by_role("button", name="转到第 2 行").first.click()
    focused = page.locator(":focus")
    expect(focused).to_have_attribute("aria-label", "第 2 行，违法所得")
    focused.fill("[10000..30000)")
    focused.press("Tab")
    expect(problems).to_contain_text("有空档")
    expect(problems).not_to_contain_text("重叠（")
    problems.get_by_role("button", name="用这个例子试算").click()
    expect(page.locator(".trying")).to_contain_text("没有一行命中：这是空档")
    cell(page, 2, "违法所得").fill("[10000..50000)")
    cell(page, 2, "违法所得").press("Tab")
    expect(problems.get_by_text("须改正")).to_have_count(0)
    page.locator(".trying").get_by_label("违法所得").fill("49,999.99")
    expect(page.locator(".trying")).to_contain_text(
        "命中第 2 行 档次：一般，下限（元）：8,000，上限（元）：14,000"
    )
    expect(page.locator("tr.hit")).to_have_count(1)
    parts = analyst.saved()
    table = read("tiers", parts["tables/tiers.dmn"])
    assert [row.cells for row in table.rows] == [("< 10000",), ("[10000..50000)",), (">= 50000",)]
    assert table.rows[0].results == ('"从轻"', "2000", "8000")
    assert yaml.safe_load(parts["rules.yaml"])["tables"] == {"tiers": {}}
    page.evaluate("scrollTo(0, 0)")
    axe(page)
    shot("studio-tables-tiers", page)
    assert analyst.untranslated() == []


def test_a_catalogue_becomes_an_attribute_and_cannot_be_deleted_while_it_is_used(analyst, axe):
    page = analyst.page
    page.goto(f"{analyst.draft}/tables")
    new_table(page, "重大执法决定目录", "catalogue")
    page.get_by_role("button", name="结论“重大执法决定”，修改这一列").click()
    page.get_by_label("代码", exact=False).last.fill("major")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert").filter(has_text="已经是规则中的属性")).to_be_visible()
    page.get_by_label("代码", exact=False).last.fill("grave")
    page.get_by_role("button", name="保存").click()
    # choices by their Chinese names, several at once
    choice = cell(page, 1, "当事人类型")
    choice.click()
    page.get_by_role("checkbox", name="法人或者其他组织").check()
    page.evaluate("scrollTo(0, 0)")
    axe(page)
    page.keyboard.press("Escape")
    expect(choice).to_have_text("法人或者其他组织")
    cell(page, 1, "重大执法决定").select_option("true")
    # keyboard: another row beneath, with the focus in it
    cell(page, 1, "说明").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".decision tbody tr")).to_have_count(2)
    expect(page.locator(":focus")).to_have_attribute("aria-label", "第 2 行，说明")
    page.keyboard.press("Control+z")
    expect(page.locator(".decision tbody tr")).to_have_count(1)
    parts = analyst.saved()
    table = read("catalogue", parts["tables/catalogue.dmn"])
    assert table.policy == "COLLECT"
    assert table.rows[0].cells[0] == '"organisation"'
    rules = yaml.safe_load(parts["rules.yaml"])
    rules["required_before"][0]["when"] = {"field": "grave", "op": "eq", "value": True}
    analyst.put({"rules.yaml": yaml.safe_dump(rules, allow_unicode=True, sort_keys=False)})
    page.reload()
    expect(page.get_by_text("有 1 处使用，不能删除")).to_be_visible()
    rules["required_before"][0].pop("when")
    analyst.put({"rules.yaml": yaml.safe_dump(rules, allow_unicode=True, sort_keys=False)})
    page.reload()
    page.get_by_role("button", name="删除这张表").click()
    page.get_by_role("button", name="删除", exact=True).click()
    expect(page.get_by_text("这个流程还没有决策表")).to_be_visible()
    parts = analyst.saved()
    assert "tables/catalogue.dmn" not in parts
    assert "tables" not in yaml.safe_load(parts["rules.yaml"])


FOREIGN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:tool="urn:some-tool"
 xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" id="d" name="外来" namespace="urn:x">
  <decision id="x" name="外来的表" tool:colour="blue">
    <decisionTable id="t">
      <input id="a" label="罚款" tool:width="120">
        <inputExpression id="e" typeRef="number"><text>fine</text></inputExpression>
      </input>
      <output id="o" name="heavy" label="重" typeRef="boolean"/>
      <annotation name="备注"/>
      <rule id="r1">
        <inputEntry id="c1"><text>&lt; 5</text></inputEntry>
        <outputEntry id="c2"><text>false</text></outputEntry>
        <annotationEntry><text>旧注</text></annotationEntry>
      </rule>
      <rule id="r2">
        <inputEntry id="c3"><text>大于五</text></inputEntry>
        <outputEntry id="c4"><text>true</text></outputEntry>
        <annotationEntry><text/></annotationEntry>
      </rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI><dmndi:DMNDiagram id="drawn"/></dmndi:DMNDI>
</definitions>"""


def test_a_table_of_another_tool_keeps_what_the_platform_does_not_know(analyst):
    page = analyst.page
    analyst.put({"tables/foreign.dmn": FOREIGN})
    page.goto(f"{analyst.draft}/tables/foreign")
    expect(page.locator(".problems")).to_contain_text("第 2 行“罚款”：“大于五”看不懂")
    expect(page.get_by_text("规则还没有引用这张表")).to_be_visible()
    cell(page, 2, "罚款").fill(">= 5")
    cell(page, 2, "罚款").press("Tab")
    page.get_by_role("button", name="在规则中引用").click()
    expect(page.locator(".problems")).to_contain_text("没有空档和重叠")
    text = analyst.saved()["tables/foreign.dmn"]
    for kept in (
        'tool:colour="blue"',
        'tool:width="120"',
        "dmndi:DMNDiagram",
        "旧注",
        'id="c3"',
        "<annotation ",
    ):
        assert kept in text
    assert read("foreign", text).rows[1].cells == (">= 5",)


def test_what_cannot_be_read_is_said_and_not_overwritten(analyst):
    page = analyst.page
    broken = FOREIGN.replace("https://www.omg.org/spec/DMN/20191111/MODEL/", "urn:not-dmn")
    analyst.put({"tables/broken.dmn": broken})
    page.goto(f"{analyst.draft}/tables/broken")
    expect(page.get_by_text("文件不是 DMN 1.3 的决策表")).to_be_visible()
    assert analyst.content()["parts"]["tables/broken.dmn"] == broken


def test_a_colleague_s_change_arrives(analyst, new_page):
    page = analyst.page
    analyst.put({"tables/foreign.dmn": FOREIGN.replace("大于五", "&gt;= 5")})
    page.goto(f"{analyst.draft}/tables/foreign")
    expect(page.locator(".decision tbody tr")).to_have_count(2)
    other = Analyst(new_page, "sf-analyst2")
    other.draft = analyst.draft
    other.put(
        {"tables/foreign.dmn": FOREIGN.replace("大于五", "&gt;= 5").replace("外来的表", "同事改名的表")}
    )
    new_table(page, "空白决策表", "mine")
    expect(page.get_by_label("名称", exact=True)).to_have_value("mine")
    analyst.saved()
    page.get_by_role("link", name="外来").or_(page.get_by_role("link", name="同事改名的表")).click()
    expect(page.get_by_label("名称", exact=True)).to_have_value("同事改名的表")
