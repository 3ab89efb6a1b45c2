"""A seizure as its people live it: approved, carried out by two, tested, ended and given back."""

from desk import Desk, Journey
from papers import papers
from playwright.sync_api import expect

from app.cases import demo_content

PARTY = "某食品有限公司"
SAYS = {
    "QC-01": ["扣押，30日", "批准扣押"],
    "QC-12": ["2026年5月11日9时40分至2026年5月11日11时00分", "对扣押的物品和数量没有异议"],
    "QC-02": ["面粉增白剂", "36袋", "期限30日", "六十日内向枣庄市人民政府申请行政复议"],
    "QC-03": ["成品挂面", "420包"],
    "QC-13": ["演示食品检验中心", "所需期间为15日"],
    "QC-06": ["对违法行为已经作出处理决定", "立即退还", "成品挂面"],
}


def test_a_seizure_from_the_report_to_the_archive(desk: Desk):
    case = Journey(desk, demo_content.case_of("flour-bags"), "sj")
    case.open()
    case.run(until="appraised")
    assert case.numbered("deliver", "《实施行政强制措施决定书》枣市监强制〔2026〕")
    page = case.page("officer1")
    expect(page.locator("li", has_text="查封、扣押期限")).to_contain_text("暂停")
    case.run()
    page = case.page("officer1")
    expect(page.get_by_role("heading", level=1)).to_contain_text("已办结归档")
    found = papers(page)
    assert SAYS.keys() == found.keys()
    for code, lines in SAYS.items():
        for words in (found[code].title, PARTY, *lines):
            assert words in found[code].text, f"{code} does not say {words}"
