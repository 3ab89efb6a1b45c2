"""A work injury as its people live it: asked for, supplemented, disputed, looked into, recognised, served."""

from desk import Desk, Journey
from papers import papers
from playwright.sync_api import expect

from app.cases import demo_content

WORKER = "演示·申"
SAYS = {
    "QR-01": ["劳动、聘用合同文本复印件", "补正全部材料后，本机关将予以受理"],
    "QR-02": ["受理日期：2026年8月11日", "自受理之日起六十日内作出决定"],
    "QR-04": ["某机械有限公司", "自收到本通知书之日起10日内"],
    "QR-05": ["2026年8月21日9时00分至2026年8月21日11时30分", "用人单位认为职工违反操作规程"],
    "QR-10": ["用人单位的意见已经听取和回应，同意"],
    "QR-07": [
        "右手食指、中指",
        "第十四条第一项的规定，本机关决定予以认定为工伤",
        "六十日内向枣庄市人民政府申请行政复议",
    ],
    "QR-09": ["认定工伤决定书", "某机械有限公司"],
}


def test_a_work_injury_from_the_counter_to_the_archive(desk: Desk, new_page):
    case = Journey(desk, demo_content.case_of("lathe-hand"), "rs")
    case.open()
    case.run(until="invest")
    assert case.numbered("accept", "《工伤认定申请受理决定书》枣人社工受〔2026〕")
    page = case.page("officer1")
    expect(page.locator("li", has_text="认定期限").first).to_contain_text("10月10日")
    case.run()
    page = case.page("officer1")
    expect(page.get_by_role("heading", level=1)).to_contain_text("已办结归档")
    found = papers(page)
    assert SAYS.keys() == found.keys()
    for code, lines in SAYS.items():
        for words in (found[code].title, WORKER, *lines):
            assert words in found[code].text, f"{code} does not say {words}"
    verification = new_page()
    verification.goto(found["QR-07"].link())
    expect(verification.get_by_role("heading", name="本平台签发了这份文书，现行有效")).to_be_visible()
