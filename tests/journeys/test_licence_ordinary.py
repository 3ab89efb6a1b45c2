"""A licence as its people live it: an applicant's sign, a neighbour's objection, a hearing, a licence with a condition."""

from desk import Desk, Journey
from papers import papers
from playwright.sync_api import expect

from app.cases import demo_content

PARTY = "某文化传媒有限公司"
SAYS = {
    "XK-01": ["2026年6月1日9时20分", "五个工作日内"],
    "XK-02": ["受理日期：2026年6月3日", "承诺在15个工作日内办结"],
    "XK-07": ["演示小区业主委员会", "自收到本告知书之日起五个工作日内提出申请"],
    "XK-08": ["2026年6月29日9时00分", "本机关二楼听证室", "听证所需时间为10个工作日"],
    "XK-09": ["同意"],
    "XK-10": ["2026年6月29日9时00分至2026年6月29日10时40分", "申请人承诺二十二时以后关闭照明"],
    "XK-04": ["户外广告设施设置许可证", "2026年7月7日至2029年7月6日", "六十日内向枣庄市人民政府申请行政复议"],
    "XK-11": ["直接送达", "准予行政许可决定书"],
}


def test_a_licence_from_the_counter_to_the_archive(desk: Desk, new_page):
    case = Journey(desk, demo_content.case_of("rooftop-sign"), "cg")
    case.open()
    case.run(until="review")
    assert case.numbered("accept", "《行政许可申请受理通知书》枣城管受〔2026〕")
    page = case.page("officer2")
    expect(page.locator("li", has_text="许可期限")).to_contain_text("7月2日")

    case.run(until="hearing_hold")
    page = case.page("officer2")
    limit = page.locator("li", has_text="许可期限")
    expect(limit).to_contain_text("暂停")

    case.run()
    assert case.numbered("grant", "《准予行政许可决定书》枣城管许准〔2026〕")
    assert len(case.seen) >= 7, case.seen
    page = case.page("officer2")
    expect(page.get_by_role("heading", level=1)).to_contain_text("已办结归档")
    found = papers(page)
    assert SAYS.keys() == found.keys()
    for code, lines in SAYS.items():
        for words in (found[code].title, PARTY, *lines):
            assert words in found[code].text, f"{code} does not say {words}"
    verification = new_page()
    verification.goto(found["XK-04"].link())
    expect(verification.get_by_role("heading", name="本平台签发了这份文书，现行有效")).to_be_visible()
