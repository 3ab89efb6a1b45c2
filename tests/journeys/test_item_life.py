"""A power item as its people live it: drawn up, examined at two agencies, in force on its day, changed under way."""

import re
from collections.abc import Mapping
from typing import Any

from desk import CASE_NO, Desk, form, officers, submit
from filling import fill
from playwright.sync_api import Page, expect

from app.forms import service as forms
from app.items import steps

CODE, NAME = "ZZ-02-STHJ-990", "对未按规定保存自动监测原始记录的处罚"
DRAWER, LAWYER, HEAD = "hb-review", "hb-legal", "hb-head"
EXAMINER, CHECKER, SIGNER = "sf-legal", "sf-review", "sf-deputy"
POINTS = ("subject", "authority", "power", "procedure", "limits", "discretion", "publicity")
ELEMENTS: Mapping[str, Mapping[str, Any]] = {
    "basics": {"level": "3", "field": "生态环境", "classified": "no", "trial": "no"},
    "basis": {"basis": [{"citation": "《排污许可管理条例》第三十七条第（一）项"}]},
    "subject": {
        "subject": "organ",
        "duty": "对排污单位保存监测记录的情况进行监督检查，查处违法行为（演示）。",
        "authority": "责令改正，处以罚款（演示）。",
    },
    "running": {
        "procedure": "penalty/ordinary",
        "statutory": 90,
        "statutory_unit": "d",
        "promised": 60,
        "promised_unit": "d",
        "office": "法规科（演示）",
        "place": "枣庄市演示路1号（虚构）",
        "phone": "0632-0000001",
        "supervision_phone": "0632-0000990",
        "supervision": "向本机关纪检监察机构反映（演示）。",
        "remedy": "自收到决定之日起六十日内申请行政复议（演示）。",
    },
    "discretion": {
        "fee": "no",
        "discretion": "none",
        "discretion_note": "按法定幅度裁量（演示）。",
        "kinds": ["罚款"],
        "fines": [{"min": 5000, "max": 20000, "unit": "元"}],
    },
}


def page_form(step: str) -> forms.Form:
    """A page of the drawing-up; what may be chosen stands in the page itself."""
    return forms.load(dict(steps.definitions()[step]))


def save(page: Page, step: str, answers: Mapping[str, Any]) -> None:
    fill(page, page_form(step), answers)
    with page.expect_navigation():
        page.get_by_role("button", name="保存并继续").click()


def send(page: Page, reason: str, day: str) -> str:
    """Send in; the number of its case."""
    page.get_by_label("调整理由").fill(reason)
    page.get_by_label("拟生效日期").fill(day)
    page.get_by_role("button", name="送审", exact=True).click()
    page.wait_for_url("**/cases/*")
    return CASE_NO.search(page.locator("main").inner_text())[0]


def examined_at_home(desk: Desk, number: str, day: str) -> None:
    """The department, the collective, the application."""
    page = desk.find(LAWYER, number, "部门初审")
    expect(page.locator("main")).to_contain_text("送审内容")
    fill(
        page, form("item_change_initial"), {"checked": ["法律依据和职权来源"], "opinion": {"stance": "agree"}}
    )
    submit(page)
    page = desk.find(HEAD, number, "集体研究")
    answers = {
        "held_at": "2026-03-02T08:00",
        "place": "三楼会议室（演示）",
        "host": officers("hb")["head"][0][1],
        "attendees": "领导班子成员（演示）",
        "discussion": "一致同意。",
        "conclusion": "通过",
    }
    fill(page, form("publication_collective"), answers)
    submit(page)
    page = desk.find(DRAWER, number, "申报审核")
    fill(page, form("item_change_submit"), {"effective_on": day, "urgent": "no"})
    assert "《权力事项动态调整申报表》" in submit(page)


def examined_by_the_office(desk: Desk, conclusion: str, day: str, opinion: str = "") -> str:
    """The legal office examines, checks and signs; what the signing page said."""
    said = {"conclusion": conclusion} | (
        {"effective_on": day} if conclusion == "同意" else {"opinion": opinion}
    )
    page = desk.find(EXAMINER, NAME, "合法性审查")
    fill(page, form("item_review_examine"), {**dict.fromkeys(POINTS, "符合"), **said})
    submit(page)
    page = desk.find(CHECKER, NAME, "复核")
    fill(page, form("item_review_check"), {"opinion": {"stance": "agree"}})
    submit(page)
    page = desk.find(SIGNER, NAME, "签发审核意见")
    if conclusion == "同意":
        expect(page.locator('[name="effective_on"]')).to_have_value(day)
    return submit(page)


def until_it_says(page: Page, words: str) -> None:
    """Wait for what the worker does."""
    for attempt in range(30):
        if words in page.locator("main").inner_text():
            return
        page.wait_for_timeout(100 * attempt)
        page.reload()
    raise AssertionError(f"the page never says {words}: {page.locator('main').inner_text()[:2000]}")


def at(url: str) -> str:
    """The address of a page without its server's name."""
    return "/" + url.split("/", 3)[3]


def test_an_item_from_its_first_draft_to_its_change(desk: Desk):
    desk.on("2026-03-02T09:00")
    page = desk.page(DRAWER, "/items")
    page.get_by_role("link", name="新增事项").click()
    page.get_by_label("事项代码").fill(CODE)
    page.get_by_label("权力名称").fill(NAME)
    page.get_by_label("权力类型").select_option("penalty")
    page.get_by_role("button", name="开始编制").click()
    page.wait_for_url("**/draw/basics")
    save(page, "basics", ELEMENTS["basics"])

    # a wrong telephone number is kept, and told at its field
    page.get_by_role("link", name=re.compile("流程和时限")).click()
    save(page, "running", {**ELEMENTS["running"], "phone": "电话"})
    expect(page.locator("main")).to_contain_text("填写的内容已保存，没有丢失")
    expect(page.locator('[name="place"]')).to_have_value("枣庄市演示路1号（虚构）")
    save(page, "running", {"phone": "0632-0000001"})
    page.wait_for_url("**/draw/discretion")
    save(page, "discretion", ELEMENTS["discretion"])
    page.wait_for_url("**/send")
    expect(page.locator("main")).to_contain_text("还没有填写法律依据")
    page.locator("main").get_by_role("link", name=re.compile("法律依据")).first.click()
    save(page, "basis", ELEMENTS["basis"])
    page.wait_for_url("**/draw/subject")
    save(page, "subject", ELEMENTS["subject"])
    page.get_by_role("link", name=re.compile("检查和送审")).click()
    expect(page.get_by_text("缺项", exact=True)).to_have_count(0)
    number = send(page, "《排污许可管理条例》设定的处罚，本机关实施（演示）。", "2026-04-01")

    examined_at_home(desk, number, "2026-04-01")
    examined_by_the_office(desk, "退回修改", "", "请写明裁量的依据（演示）。")
    page = desk.page(DRAWER, "/items")
    page.get_by_role("searchbox").fill("监测 原始记录")
    page.get_by_role("button", name="查找事项").click()
    page.get_by_role("link", name=NAME).click()
    until_it_says(page, "新增：退回修改")
    item = at(page.url)
    page.get_by_role("link", name="继续编制").click()
    page.get_by_role("link", name=re.compile("收费和裁量")).click()
    save(page, "discretion", {"discretion_note": "幅度在五千元至二万元之间，按情节裁量（演示）。"})
    page.wait_for_url("**/send")
    assert send(page, "按审核意见补充（演示）。", "2026-04-01") == number

    examined_at_home(desk, number, "2026-04-01")
    assert "《权力事项合法性审核意见书》" in examined_by_the_office(desk, "同意", "2026-04-01")
    page = desk.page(DRAWER, item)
    until_it_says(page, "第 1 版")
    expect(page.locator("main")).to_contain_text("未施行")

    # not before its day
    page = desk.page("hb-intake", "/cases/new")
    expect(page.locator("main")).not_to_contain_text(NAME)
    desk.on("2026-04-01T08:30")
    page = desk.page(DRAWER, item)
    until_it_says(page, "现行")
    until_it_says(desk.page("hb-intake", "/cases/new"), NAME)  # the worker brings the list to the day
    case = desk.open_case("hb-intake", NAME)

    # changed while that case goes on
    page = desk.page(DRAWER, item)
    page.get_by_role("link", name="变更要素").click()
    page.get_by_role("button", name="建立变更草稿").click()
    page.get_by_role("link", name=re.compile("流程和时限")).click()
    save(page, "running", {"promised": 45})
    page.wait_for_url("**/draw/discretion")
    page.get_by_role("link", name=re.compile("检查和送审")).click()
    expect(page.get_by_role("row", name=re.compile("承诺时限"))).to_contain_text("45")
    second = send(page, "压缩承诺时限（演示）。", "2026-04-28")
    assert second != number
    examined_at_home(desk, second, "2026-04-28")
    examined_by_the_office(desk, "同意", "2026-04-28")
    until_it_says(desk.page(DRAWER, item), "第 2 版")
    desk.on("2026-04-28T08:30")
    page = desk.page(DRAWER, item)
    expect(page.locator("li", has_text="第 2 版")).to_contain_text("现行")
    expect(page.locator("li", has_text="第 1 版")).to_contain_text("旧版")
    page = desk.page("hb-intake", "/cases")
    expect(page.locator("main")).to_contain_text(case)
    page.get_by_role("link", name=NAME).first.click()
    expect(page.get_by_role("main")).to_contain_text("第 1 版")
