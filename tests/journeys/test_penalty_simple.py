"""The penalty on the spot as its people live it: two officers on a square in the evening, the office the next day."""

from datetime import datetime

from desk import Desk, Journey
from papers import papers
from playwright.sync_api import Page, expect

from app.cases import demo_content

PARTY = "某商贸有限公司"
SAYS = {
    "JD-04": ["2026年9月8日19时00分", "现场测得声级82分贝", "已出示执法证件"],
    "JD-03": [
        "罚款人民币贰仟元整（￥2,000.00）",
        "警告",
        "应当自收到本决定书之日起六十日内先申请行政复议",
        "自收到复议决定书之日起十五日内依法向枣庄市市中区人民法院提起行政诉讼",
    ],
    "JD-05": ["警告、罚款", "￥2,000.00", "2026年9月8日20时05分"],
}


def told(page: Page, *lines: str) -> None:
    for line in lines:
        expect(page.locator(".consequence").first).to_contain_text(line)


def test_a_penalty_on_the_spot_from_the_square_to_the_archive(desk: Desk, new_page):
    case = Journey(
        desk,
        demo_content.case_of("loud-square"),
        "szzf",
        looks={
            "onsite:second": lambda p: expect(p.locator("main")).to_contain_text("现场测得声级82分贝"),
            "decide": lambda p: told(p, "签发《当场行政处罚决定书》", "开始计时：当场交付期限（24小时）"),
            "deliver": lambda p: told(p, "开始计时：缴款期限（15日）", "停止计时：当场交付期限"),
        },
    )
    case.open()
    case.run(until="register")
    assert case.numbered("decide", "《当场行政处罚决定书》市中综执当罚〔2026〕")
    page = case.page("officer1")
    expect(page.locator("li", has_text="缴款期限")).to_contain_text("9月23日")
    expect(page.locator("li", has_text="录入期限")).to_contain_text("9月9日")

    case.run()
    page = case.page("officer1")
    expect(page.get_by_role("heading", level=1)).to_contain_text("已办结归档")
    found = papers(page)
    assert SAYS.keys() == found.keys()
    for code, lines in SAYS.items():
        for words in (found[code].title, PARTY, *lines):
            assert words in found[code].text, f"{code} does not say {words}"
    assert found["JD-05"].number.startswith("市中综执当备〔2026〕")
    day = datetime.fromisoformat(demo_content.path_of(case.plan)[1]["at"])
    assert found["JD-03"].issued == f"{day.year}年{day.month}月{day.day}日"

    verification = new_page()
    verification.goto(found["JD-03"].link())
    expect(verification.get_by_role("heading", name="本平台签发了这份文书，现行有效")).to_be_visible()
