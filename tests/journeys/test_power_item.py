"""A power item the whole way: imported from a published list, completed, examined at two agencies, in force on its day, a
case opened on it, the law changed, the item adjusted while the case goes on as it was opened."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from desk import CASE_NO, Desk, form, officers, submit
from filling import fill
from playwright.sync_api import Page, expect

from app.forms import service as forms
from app.items import steps

LIST = Path(__file__).parent / "data" / "power_items.csv"
"""Items of published lists of two kinds of agency, as facts: codes, names, articles, ranges, limits."""
HEADS = {
    "item_id": "事项编码", "name": "事项名称", "type": "权力类型", "legal_basis": "法律依据", "penalty_kinds": "处罚种类",
    "fine_all": "罚款幅度", "statutory_limit": "法定期限", "fee": "收费依据和标准", "level": "行使层级",
    "agency_kind": "agency_kind",
}  # fmt: skip
CODE, NAME = "ZZ-02-SCJG-005", "对食品经营者未按规定建立并遵守进货查验记录制度的处罚"
LAW = "中华人民共和国食品安全法"
"""Amended on 1 December 2025."""
DRAWER, LAWYER, HEAD = "sj-review", "sj-legal", "sj-head"
EXAMINER, CHECKER, SIGNER = "sf-legal", "sf-review", "sf-deputy"
POINTS = ("subject", "authority", "power", "procedure", "limits", "discretion", "publicity")
ELEMENTS: Mapping[str, Mapping[str, Any]] = {
    "basics": {"level": "3", "field": "食品安全", "classified": "no", "trial": "no"},
    "subject": {
        "subject": "organ",
        "duty": "对食品经营者进货查验记录的情况进行监督检查，查处违法行为（演示）。",
        "authority": "责令改正，给予警告，拒不改正的处以罚款（演示）。",
    },
    "running": {
        "procedure": "penalty/ordinary",
        "statutory": 90,
        "statutory_unit": "d",
        "promised": 60,
        "promised_unit": "d",
        "office": "食品经营监管科（演示）",
        "place": "枣庄市演示路2号（虚构）",
        "phone": "0632-0000001",
        "supervision_phone": "0632-0000990",
        "supervision": "向本机关纪检监察机构反映（演示）。",
        "remedy": "自收到决定之日起六十日内申请行政复议（演示）。",
    },
    "discretion": {"fee": "no", "discretion": "none", "discretion_note": "按法定幅度裁量（演示）。"},
}
Look = Callable[[str, Page], None]


@pytest.fixture
def look(shot: Callable[..., None], axe: Callable[[Page], None]) -> Look:
    """A page as its reader sees it: pictures at both widths, and axe."""

    def check(name: str, page: Page) -> None:
        shot(f"power-item-{name}", page)
        axe(page)

    return check


def spreadsheet() -> bytes:
    """The list as an office would hand it in."""
    book = openpyxl.Workbook()
    book.active.append(list(HEADS.values()))
    for row in csv.DictReader(io.StringIO(LIST.read_text(encoding="utf-8"))):
        book.active.append([row[key] for key in HEADS])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


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


def examined_at_home(desk: Desk, number: str, day: str, held_at: str, look: Look | None = None) -> None:
    """The department, the collective, the signature, the application."""
    page = desk.find(LAWYER, number, "部门初审")
    expect(page.locator("main")).to_contain_text("送审内容")
    if look:
        look("initial", page)
    fill(
        page, form("item_change_initial"), {"checked": ["法律依据和职权来源"], "opinion": {"stance": "agree"}}
    )
    submit(page)
    page = desk.find(HEAD, number, "集体研究")
    answers = {
        "held_at": held_at,
        "place": "三楼会议室（演示）",
        "host": officers("sj")["head"][0][1],
        "attendees": "领导班子成员（演示）",
        "discussion": "一致同意。",
        "conclusion": "通过",
    }
    fill(page, form("publication_collective"), answers)
    submit(page)
    page = desk.find(HEAD, number, "责任人签核")
    expect(page.locator("main")).to_contain_text("校验结果")
    signed = {
        "conclusion": "签核，同意报送",
        "validated": ["校验结果没有缺项，提醒已经逐项核对"],
        "answers": ["所报信息真实、合法，由本人负责"],
    }
    fill(page, form("item_change_sign"), signed)
    submit(page)
    page = desk.find(DRAWER, number, "申报审核")
    fill(page, form("item_change_submit"), {"effective_on": day, "urgent": "no"})
    assert "《权力事项动态调整申报表》" in submit(page)


def examined_by_the_office(
    desk: Desk, conclusion: str, day: str, opinion: str = "", look: Look | None = None
) -> str:
    """The legal office examines, checks and signs; what the signing page said."""
    said = {"conclusion": conclusion} | (
        {"effective_on": day} if conclusion == "同意" else {"opinion": opinion}
    )
    page = desk.find(EXAMINER, NAME, "合法性审查")
    if look:
        look("examine", page)
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


def imported(desk: Desk, look: Look) -> None:
    """The keeper of the items takes the list over: drafts of what is right, the rest told row by row."""
    page = desk.page(DRAWER, "/items")
    page.get_by_role("link", name="从表格导入").click()
    page.wait_for_url("**/items/imports")
    look("imports", page)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.get_by_label("文件", exact=True).set_input_files(
        {"name": "权责清单.xlsx", "mimeType": kind, "buffer": spreadsheet()}
    )
    page.get_by_role("button", name="上传并检查").click()
    page.wait_for_url(re.compile(r"/items/imports/\d+$"))
    button = page.get_by_role("button", name=re.compile("写入没有错误的"))
    expect(button).to_be_visible(timeout=20_000)
    expect(page.locator("main")).to_contain_text("不属于本机关")
    look("import-checked", page)
    button.click()
    expect(page.get_by_role("heading", name="已写入")).to_be_visible(timeout=20_000)
    look("import-taken", page)
    page.get_by_role("link", name="查看未施行的事项").click()


def drawn_up(desk: Desk, page: Page, look: Look) -> None:
    """The draft is found in the list and completed page by page; a wrong number is kept, and told at its field."""
    page.get_by_role("searchbox").fill("进货查验")
    page.get_by_role("button", name="查找事项").click()
    look("list", page)
    page.get_by_role("link", name=NAME).click()
    look("draft", page)
    page.get_by_role("link", name="继续编制").click()
    page.wait_for_url("**/draw/basics")
    expect(page.locator('[name="name"]')).to_have_value(NAME)
    save(page, "basics", ELEMENTS["basics"])
    page.wait_for_url("**/draw/basis")
    expect(page.locator('[name="basis.0.citation"]')).to_have_value(
        f"《{LAW}》第一百二十六条第一款第（三）项"
    )
    save(page, "basis", {})
    page.wait_for_url("**/draw/subject")
    save(page, "subject", ELEMENTS["subject"])
    page.wait_for_url("**/draw/running")
    save(page, "running", {**ELEMENTS["running"], "phone": "电话"})
    expect(page.locator("main")).to_contain_text("填写的内容已保存，没有丢失")
    expect(page.locator('[name="place"]')).to_have_value("枣庄市演示路2号（虚构）")
    look("draw-errors", page)
    save(page, "running", {"phone": "0632-0000001"})
    page.wait_for_url("**/draw/discretion")
    page.get_by_role("link", name=re.compile("检查和送审")).click()
    expect(page.locator("main")).to_contain_text("还没有填写收费依据和标准")
    look("send-lacks", page)
    page.locator("main").get_by_role("link", name=re.compile("收费和裁量")).first.click()
    save(page, "discretion", ELEMENTS["discretion"])
    page.wait_for_url("**/send")
    expect(page.locator("main")).not_to_contain_text("■ 缺项")
    look("send", page)


def test_a_power_item_from_the_list_to_its_change_under_a_running_case(desk: Desk, look: Look):
    desk.on("2025-09-15T09:00")
    imported(desk, look)
    page = desk.windows[DRAWER]
    drawn_up(desk, page, look)
    number = send(page, "《食品安全法》设定的处罚，本机关实施（演示）。", "2025-10-20")
    look("sent", page)

    examined_at_home(desk, number, "2025-10-20", "2025-09-15T08:00", look)
    examined_by_the_office(desk, "退回修改", "", "请写明裁量的依据（演示）。", look)
    page = desk.page(DRAWER, "/items?q=进货查验")
    page.get_by_role("link", name=NAME).click()
    until_it_says(page, "新增：退回修改")
    expect(page.locator("main")).to_contain_text("请写明裁量的依据（演示）。")
    look("returned", page)
    item = at(page.url)
    page.get_by_role("link", name="继续编制").click()
    page.get_by_role("link", name=re.compile("收费和裁量")).click()
    save(page, "discretion", {"discretion_note": "拒不改正的，在五千元至五万元之间按情节裁量（演示）。"})
    page.wait_for_url("**/send")
    assert send(page, "按审核意见补充（演示）。", "2025-10-20") == number

    examined_at_home(desk, number, "2025-10-20", "2025-09-15T08:00")
    assert "《权力事项合法性审核意见书》" in examined_by_the_office(desk, "同意", "2025-10-20")
    page = desk.page(DRAWER, item)
    until_it_says(page, "第 1 版")
    expect(page.locator("main")).to_contain_text("自2025年10月20日起施行。在这以前不能据以办案")
    look("approved", page)

    # not before its day
    page = desk.page("sj-intake", "/cases/new")
    expect(page.locator("main")).not_to_contain_text(NAME)
    desk.on("2025-10-20T08:30")
    until_it_says(desk.page("sj-intake", "/cases/new"), NAME)  # the worker brings the list to the day
    case = desk.open_case("sj-intake", NAME)

    # the law will change: the item's page says so, and by when the agency has to answer
    page = desk.page(DRAWER, item)
    expect(page.locator("#law")).to_contain_text(f"《{LAW}》自2025年12月1日起修改")
    expect(page.locator("#law")).to_contain_text("2025年11月10日以前申报调整")
    look("law-change", page)
    page.get_by_role("link", name="变更要素").click()
    page.get_by_role("button", name="建立变更草稿").click()
    page.get_by_role("link", name=re.compile("收费和裁量")).click()
    save(page, "discretion", {"discretion_note": "按修正后的条文核对，拒不改正的按情节裁量（演示）。"})
    page.wait_for_url("**/send")
    expect(page.get_by_role("row", name=re.compile("裁量"))).to_contain_text("按修正后的条文核对")
    look("change-send", page)
    second = send(page, "上位法修正，按修正后的条文核对（演示）。", "2025-12-01")
    assert second != number
    examined_at_home(desk, second, "2025-12-01", "2025-10-20T08:00")
    examined_by_the_office(desk, "同意", "2025-12-01")
    page = desk.page(DRAWER, item)
    until_it_says(page, "第 2 版")
    page.locator("#law").get_by_role("link", name="登记处理结果").click()
    task = page.get_by_role("row", name=re.compile(NAME))
    task.get_by_text("登记处理结果").click()
    task.get_by_label("已申报调整").check()
    task.get_by_label("处理情况和理由").fill(f"已随{second}申报调整，自12月1日起施行（演示）。")
    look("law-task", page)
    task.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("row", name=re.compile(NAME))).to_contain_text("已申报调整")

    desk.on("2025-12-01T08:30")
    page = desk.page(DRAWER, item)
    expect(page.locator("li", has_text="第 2 版")).to_contain_text("现行")
    expect(page.locator("li", has_text="第 1 版")).to_contain_text("旧版")
    expect(page.locator("#law")).to_contain_text("已申报调整")
    look("second-version", page)
    page = desk.page(DRAWER, f"/laws?q={LAW}")
    expect(page.get_by_role("row", name=re.compile(f"《{LAW}》"))).to_contain_text("已修改")
    look("laws", page)

    # the case goes on as it was opened
    page = desk.page("sj-intake", f"/cases?q={case}")
    page.locator("[data-row]", has_text=case).get_by_role("link").first.click()
    page.wait_for_url(re.compile(r"/cases/\d+$"))
    expect(page.get_by_role("main")).to_contain_text("按立案时的第 1 版办理")
    look("case", page)
    page = desk.page(HEAD, at(page.url))
    with page.expect_download() as download:
        page.get_by_role("button", name="导出案卷").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        told = archive.read("item.json").decode()
    assert '"number": 1' in told
    assert '"effective_on": "2025-10-20"' in told
    assert '"until": "2025-12-01"' in told
