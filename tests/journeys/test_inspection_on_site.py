"""An inspection as its people live it: planned, approved, carried out by two, told, its finding handed over, published."""

import re

from desk import Desk, Journey
from papers import papers
from playwright.sync_api import expect

from app.cases import demo_content

PARTY = "某服装有限公司"
SAYS = {
    "JC-01": ["年度检查计划（双随机抽查）", "此前已检查0次", "同意按计划检查"],
    "JC-02": ["决定于2026年9月15日至2026年9月17日", "《中华人民共和国安全生产法》第六十五条第一款第（一）项"],
    "JC-03": [
        "2026年9月16日9时00分至2026年9月16日10时40分",
        "二层缝纫车间东侧安全出口用挂锁锁闭",
        "核对无误并签名",
    ],
    "JC-04": ["涉嫌违反《中华人民共和国安全生产法》第四十二条第二款的规定"],
    "JC-07": ["锁闭生产经营场所出口", "现场检查笔录（3页）"],
}


def test_an_inspection_from_the_plan_to_the_archive(desk: Desk):
    case = Journey(desk, demo_content.case_of("exit-locked"), "yj")
    case.open()
    case.run(until="result")
    assert case.numbered("approve", "《行政检查通知书》枣应急检通〔2026〕")
    case.run(until="publish")
    the_lead_is_where_leads_are_registered(desk, case)

    case.run()
    page = case.page("officer1")
    expect(page.get_by_role("heading", level=1)).to_contain_text("已办结归档")
    found = papers(page)
    assert SAYS.keys() == found.keys()
    for code, lines in SAYS.items():
        for words in (found[code].title, PARTY, *lines):
            assert words in found[code].text, f"{code} does not say {words}"


def the_lead_is_where_leads_are_registered(desk: Desk, case: Journey):
    """The intake finds it, with what was found on site, and both cases lead to each other."""
    old = case.page("officer1")
    link = old.locator("dt", has_text="线索移交").locator("+ dd").get_by_role("link")
    number = link.inner_text()
    link.click()
    expect(old.get_by_role("heading", level=1)).to_contain_text("出口")
    expect(old.locator("dt", has_text="线索来自").locator("+ dd")).to_contain_text(case.case_no)

    page = desk.find("yj-intake", number, "案源登记")
    expect(page.locator('[name="party.name"]')).to_have_value(PARTY)
    expect(page.locator('[name="cause"]')).to_have_value("锁闭生产经营场所出口")
    expect(page.locator('[name="summary"]')).to_have_value(re.compile("东侧安全出口用挂锁锁闭"))
    expect(page.locator('[name="source"]')).to_have_value("监督检查")
