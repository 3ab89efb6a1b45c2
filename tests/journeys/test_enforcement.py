"""An enforcement as its people live it: a fine that was not paid, surcharged, urged, brought to the court, paid, filed."""

from desk import Desk, Journey
from papers import papers
from playwright.sync_api import expect

from app.cases import demo_content

PARTY = "某食品经营部"
SAYS = {
    "ZX-03": ["未缴罚没款人民币叁仟陆佰元整", "加处罚款人民币叁佰贰拾肆元整", "送达十个工作日后仍未履行义务"],
    "ZX-04": [
        "逾期9日",
        "玖佰柒拾贰元整",
        "加处罚款的数额不超出罚款的数额",
        "六十日内向枣庄市人民政府申请行政复议",
    ],
    "ZX-07": [
        "枣庄市薛城区人民法院",
        "期限于2026年2月4日届满",
        "罚没款本金人民币叁仟元整",
        "加处罚款人民币叁仟陆佰元整",
    ],
    "JA-01": ["人民法院执行完毕", "枣市监罚〔2025〕演示31号"],
}


def test_an_enforcement_from_the_unpaid_fine_to_the_archive(desk: Desk):
    case = Journey(desk, demo_content.case_of("late-fine"), "sj")
    case.open()
    case.run(until="propose")
    page = case.page("officer1")
    expect(page.locator(".now")).to_contain_text("提出执行方式")
    account = page.get_by_role("region", name="应缴款项账户")
    expect(account).to_contain_text("按日计算到2025年9月12日；缴款期限2025年8月19日届满")
    expect(account.get_by_role("row", name="罚款", exact=False).first).to_contain_text("3,600")
    expect(account.get_by_role("row", name="余额")).to_contain_text("5,556")
    account.get_by_text("加处罚款怎样计算（共 24 日）").click()
    expect(account.get_by_role("row", name="2025年9月11日至2025年9月12日")).to_contain_text("3,000")
    case.run(until="court_apply")
    page = case.page("officer1")
    expect(page.locator("li", has_text="申请法院强制执行期限")).to_contain_text("2026")
    case.run()
    page = case.page("officer1")
    expect(page.get_by_role("heading", level=1)).to_contain_text("已办结归档")
    found = papers(page)
    assert SAYS.keys() == found.keys()
    for code, lines in SAYS.items():
        for words in (found[code].title, PARTY, *lines):
            assert words in found[code].text, f"{code} does not say {words}"
