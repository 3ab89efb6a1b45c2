"""A dispute over a yard as its people live it: answered, heard, mediated in vain, decided, served on both, in force."""

from desk import Desk, Journey
from papers import papers
from playwright.sync_api import expect

from app.cases import demo_content

BOTH = ("演示·吴某", "演示·郑某")
SAYS = {
    "CJ-01": ["六个月内提出调查处理意见", "任何一方不得改变土地利用现状"],
    "CJ-03": ["三十日内提交答辩书", "不影响案件的处理"],
    "CJ-04": ["2025年10月13日9时00分", "宅基地登记档案", "查证属实"],
    "CJ-05": ["对附图真实性没有异议"],
    "CJ-07": ["四、拟定的处理结论"],
    "CJ-08": ["同意"],
    "CJ-09": [
        "争议空地24平方米的宅基地使用权归申请人",
        "应当先自收到本决定书之日起六十日内向市中区人民政府申请行政复议",
    ],
    "CJ-10": ["送达被申请人", "土地权属争议处理决定书"],
    "CJ-11": ["自2026年1月6日起发生法律效力"],
}


def test_a_dispute_from_the_application_to_the_archive(desk: Desk):
    case = Journey(desk, demo_content.case_of("yard-between"), "sgz")
    case.open()
    case.run(until="answer")
    assert case.numbered("accept", "《土地权属争议案件受理通知书》市中税郭裁受〔2025〕")
    page = case.page("officer1")
    expect(page.locator("li", has_text="等待：收到答辩书")).to_be_visible()
    case.run()
    assert case.numbered("award", "《土地权属争议处理决定书》市中税郭裁决〔2025〕")
    assert len(case.seen) >= 6, case.seen
    page = case.page("officer1")
    expect(page.get_by_role("heading", level=1)).to_contain_text("已办结归档")
    found = papers(page)
    assert SAYS.keys() == found.keys()
    for code, lines in SAYS.items():
        for words in (found[code].title, *BOTH, *lines):
            assert words in found[code].text, f"{code} does not say {words}"
