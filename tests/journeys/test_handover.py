"""A lead that another agency must handle, as both live it: handed over by the city, taken by the district, filed by
both, a lead again at the district."""

from collections.abc import Callable

from desk import CASE_NO, Desk, Journey, form, submit
from filling import fill
from papers import papers
from playwright.sync_api import Page, expect

from app.cases import demo_content
from app.kernel import clock

PARTY = "某副食店"
SAYS = [
    "市中区综合行政执法局：",
    "案情摘要：市局巡查时发现当事人在市中区擅自占用人行道摆放货架，面积六平方米，当场拍照取证。",
    "《中华人民共和国行政处罚法》第二十二条、第二十三条的规定",
    "现场检查照片4张",
    "1份2页",
    "联系电话：0632-0000001",
    "2026年6月8日",
    "本文书一式二份，一份送受文机关，一份归档。",
]
SIGNED = {
    "complete": "一致",
    "decision": "accept",
    "target": "ZZ-02-ZHZF-004　对擅自在街道两侧和公共场地堆放物料、搭建建筑物构筑物的处罚",
}


def beside(page: Page, label: str) -> str:
    """The number of the case that this one leads to, or came from."""
    told = page.locator("dt", has_text=label).locator("+ dd").last
    expect(told).to_contain_text("〔")
    return CASE_NO.search(told.inner_text())[0]


def filed(desk: Desk, login: str, number: str, key: str, plan: dict) -> None:
    """The archivist files a case."""
    page = desk.find(login, number, "立卷归档")
    fill(page, form(key), demo_content.answers(plan, "transfer_archive", 0, {}, clock.now()))
    submit(page)


def test_a_lead_goes_to_the_district_and_both_file_it(desk: Desk, shot: Callable):
    case = Journey(desk, demo_content.case_of("stall-lead"), "cg")
    case.open()
    case.run(until="archive")
    assert case.numbered("approve", "《案件移送函》枣城管移〔2026〕")
    page = case.page("officer1")
    shot("journey-handover-sender", page)
    (letter,) = papers(page).values()
    for words in ("案件移送函", letter.number, PARTY, *SAYS):
        assert words in letter.text, f"the letter does not say {words}"
    number = beside(page, "线索移交")

    desk.on("2026-06-09T15:00")
    there = desk.find("szzf-intake", number, "签收移送案件")
    expect(there.locator('[name="party.name"]')).to_have_value(PARTY)
    expect(there.locator('[name="from_no"]')).to_have_value(case.case_no)
    shot("journey-handover-receiver", there)
    fill(there, form("reception_sign"), SIGNED)
    submit(there)
    assert (
        desk.page("cg-officer1", there.url.partition("?")[0]).locator("main").inner_text().count(PARTY) == 0
    )

    desk.on("2026-06-16T10:00")
    filed(desk, "szzf-archive", number, "reception_archive", case.plan)
    case.run()
    taken = Journey(desk, case.plan, "szzf", case_no=number).page("intake")
    expect(taken.get_by_role("heading", level=1)).to_contain_text("已办结归档")
    assert beside(taken, "线索来自") == case.case_no
    shot("journey-handover-taken", taken)
    lead = beside(taken, "线索移交")
    registering = desk.find("szzf-intake", lead, "案源登记")
    expect(registering.locator('[name="source"]')).to_have_value("其他机关移送")
    expect(registering.locator('[name="cause"]')).to_have_value("擅自占用城市道路经营")
    expect(case.page("officer1").get_by_role("heading", level=1)).to_contain_text("已办结归档")
