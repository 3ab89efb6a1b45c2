"""An allowance as its people live it: surveyed by two, objected to, confirmed, paid, stopped half a year later."""

from desk import Desk, Journey
from papers import papers
from playwright.sync_api import expect

from app.cases import demo_content

PARTY = "演示·申某"
SAYS = {
    "JF-01": ["2025年6月4日受理", "三十个工作日内完成审核确认"],
    "JF-05": ["2025年6月10日9时30分", "没有存款、车辆", "转移净收入"],
    "JF-06": ["演示村村务公开栏", "880.00", "公示期为七天"],
    "JF-07": ["陆佰捌拾元整", "2025年7月1日", "六十日内向市中区人民政府申请行政复议"],
    "JF-11": ["家庭成员数量", "680.00"],
    "JF-09": ["《最低生活保障确认通知书》", "陆佰捌拾元整"],
    "JF-10": ["自2026年2月1日起停发你家庭的最低生活保障金", "超过当地最低生活保障标准"],
    "JF-12": ["直接送达"],
}
SECRET = ("993719195811072415", "0000555566667777")
"""What a notice on the village's board does not say."""


def test_an_allowance_from_the_application_to_the_archive(desk: Desk):
    case = Journey(desk, demo_content.case_of("village-couple"), "sgz")
    case.open()
    case.run(until="propose")
    assert case.numbered("accept", "《最低生活保障申请受理通知书》市中税郭救受〔2025〕")
    page = case.page("officer1")
    expect(page.locator("li", has_text="审核确认期限")).to_contain_text("7月16日")
    case.run(until="periodic")
    page = case.page("officer1")
    expect(page.locator("li", has_text="等待：家庭情况发生变化")).to_be_visible()
    case.run()
    assert case.numbered("adjust", "《最低生活保障金停发决定书》市中税郭救调〔2026〕")
    page = case.page("officer1")
    expect(page.get_by_role("heading", level=1)).to_contain_text("已办结归档")
    found = papers(page)
    assert SAYS.keys() == found.keys()
    for code, lines in SAYS.items():
        for words in (found[code].title, PARTY, *lines):
            assert words in found[code].text, f"{code} does not say {words}"
    for code in ("JF-06", "JF-11"):
        assert not any(words in found[code].text for words in SECRET), code
