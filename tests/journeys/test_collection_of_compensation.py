"""A levy as its people live it: assessed, told, objected to, decided, not paid, ordered, reminded, paid in full."""

from desk import Desk, Journey
from papers import papers
from playwright.sync_api import expect

from app.cases import demo_content

PARTY = "某矿业有限公司"
SAYS = {
    "ZS-01": ["12000平方米", "14,400.00元"],
    "ZS-02": ["征收水土保持补偿费14400元", "五个工作日内提出陈述、申辩"],
    "ZS-03": ["壹万肆仟肆佰元整", "十五日内缴纳", "万分之五的滞纳金", "六十日内向枣庄市人民政府申请行政复议"],
    "ZS-05": ["十日内缴纳", "征收决定书"],
    "ZS-06": ["共10日", "柒拾贰元整", "不得超出金钱给付义务的数额"],
    "ZS-07": ["十日内履行", "申请人民法院强制执行"],
    "ZS-09": ["直接送达", "征收决定书"],
}


def test_a_levy_from_the_declaration_to_the_archive(desk: Desk):
    case = Journey(desk, demo_content.case_of("quarry-road"), "sw")
    case.open()
    case.run(until="order")
    assert case.numbered("notice", "《水土保持补偿费征收决定书》枣水征决〔2025〕")
    page = case.page("officer1")
    expect(page.locator("li", has_text="缴费期限")).to_contain_text("4月2日")
    case.run()
    assert len(case.seen) >= 6, case.seen
    page = case.page("officer1")
    expect(page.get_by_role("heading", level=1)).to_contain_text("已办结归档")
    found = papers(page)
    assert SAYS.keys() == found.keys()
    for code, lines in SAYS.items():
        for words in (found[code].title, PARTY, *lines):
            assert words in found[code].text, f"{code} does not say {words}"
