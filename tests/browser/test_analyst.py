"""An analyst's whole work, in real Chromium: copy the penalty procedure, put a step in, break a rule and see how, mend it,
design form and paper, try it, send it in; the legal office approves, an officer works on it, running cases follow."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from desk import Desk, form, submit
from drawing_board import Board
from filling import fill
from playwright.sync_api import Page, expect
from running_server import RunningServer
from without_runs import drop_runs

from app.kernel import postgres
from app.people import demo as city

ITEM = "对易产生扬尘的物料未设置围挡或者未有效覆盖的处罚"
STEP = "裁量复核"
AFTER, WAY = "pre_gw", "f_pre_gw_outcome_gw"
PASSED = "f_legal_result_gw_collective_merge"
PUT_INTO = """
const flow = e.get('elementRegistry').get(a[0]);
const shape = e.get('elementFactory').createShape({ type: 'bpmn:UserTask' });
const [ one, two ] = flow.waypoints.slice(-2);
return e.get('modeling').createShape(shape, { x: (one.x + two.x) / 2, y: (one.y + two.y) / 2 }, flow).id;
"""
"""A task dropped on a flow, as the mouse does it."""


@pytest.fixture(scope="module")
def server(serve_application: Callable[..., RunningServer]) -> Iterator[RunningServer]:
    """A demonstration of this module's own, with a worker: what is published here concerns nobody else."""
    running = serve_application(XQ_WORKER="1")
    yield running
    running.close()


def saved(page: Page) -> None:
    expect(page.locator("[data-save-state]")).to_have_text("已保存")


def verdict(page: Page, words: str) -> None:
    expect(page.locator("[data-verdict]")).to_contain_text(words)


def draw(board: Board) -> None:
    """A step between the case review and the notice, with everything a step needs but its form."""
    made = board.run(PUT_INTO, [WAY])
    new, before, after = board.element(made), board.element(AFTER), board.element("outcome_gw")
    assert new
    assert before
    assert after
    gaps = (new["x"] - before["x"] - before["width"], after["x"] - new["x"] - new["width"])
    assert min(gaps) >= 30, "it has room between its neighbours"
    board.select(made)
    panel = board.panel
    panel.get_by_label("名称").fill(STEP)
    panel.get_by_label("名称").blur()
    panel.get_by_role("group", name="法定环节").get_by_role("button", name="选择").click()
    dialog = board.page.get_by_role("dialog")
    dialog.get_by_role("combobox").fill("case.review")
    board.page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    limit = panel.get_by_role("group", name="办理时限")
    limit.get_by_role("textbox").fill("1")
    limit.get_by_role("textbox").blur()
    duty = panel.get_by_label("工作职责")
    duty.fill("复核裁量档次和处罚幅度是否适当")
    duty.blur()
    verb = panel.get_by_label("按钮文字")
    verb.fill("提交复核")
    verb.blur()
    found = board.element(made)
    assert found
    assert found["xq"]["limit"] == "1wd"
    assert found["lane"], "a step stands with a position"
    board.saved()


def break_and_mend(board: Board, shot: Callable[..., None]) -> None:
    """Let cases pass that the legal reviewer has sent back; the proof shows the way; take it back."""
    page = board.page
    page.get_by_role("tab", name="证明").click()
    board.select(PASSED)
    page.get_by_role("tab", name="属性").click()
    board.panel.get_by_role("button", name="用文字编辑").click()
    text = board.panel.get_by_label("条件（文字写法）")
    text.fill("fine >= 0")
    text.blur()
    page.get_by_role("tab", name="证明").click()
    verdict(page, "阻断")
    finding = page.locator("[data-rule=P18]").first
    expect(finding).to_contain_text("法制审核未通过的案件")
    finding.click()
    expect(page.locator(".trace-values")).to_contain_text("法制审核通过：否")
    expect(page.locator(".djs-element.trace-current").first).to_be_visible()
    shot("analyst-counter-example", page)
    board.tool("撤销").click()
    expect(page.locator("[data-rule=P18]")).to_have_count(0)


def design_form(page: Page, address: str) -> None:
    page.goto(f"{address}/forms")
    page.get_by_label("表单名称").fill(STEP)
    page.get_by_label("表单标识").fill("discretion_check")
    page.get_by_role("button", name="新建表单").click()
    page.wait_for_url("**/forms/discretion_check")
    page.locator(".dz-palette").get_by_role("button", name="是否", exact=True).click()
    side = page.get_by_role("region", name="属性")
    side.get_by_label("名称", exact=True).fill("裁量适当")
    side.get_by_label("标识", exact=True).fill("suitable")
    side.get_by_label("标识", exact=True).press("Tab")
    expect(page.get_by_role("form", name="表单预览")).to_contain_text("裁量适当")
    saved(page)


def design_paper(page: Page, address: str) -> None:
    page.goto(f"{address}/documents/JD-01")
    expect(page.locator(".paper-pages img").first).to_be_visible()
    page.get_by_role("button", name="自定义此文书").click()
    page.locator(".dz-item-name", has_text="经查明").click()
    editor = page.get_by_role("region", name="编辑", exact=True)
    editor.get_by_role("textbox", name="文字").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("上述裁量已经复核。")
    saved(page)


def send_in(page: Page, address: str) -> None:
    page.goto(f"{address}/publish")
    expect(page.get_by_text("可以送审")).to_be_visible()
    page.get_by_label("流程变动的依据").fill("《中华人民共和国行政处罚法》第三十四条")
    page.get_by_label("变动理由").fill("增加裁量复核，规范行使裁量权。")
    page.get_by_label("拟施行日期").fill("2099-01-01")
    page.get_by_role("button", name="送审", exact=True).click()
    expect(page.locator(".notice.ok")).to_contain_text("“填报送审”已办结")


def take(desk: Desk, login: str, name: str) -> Page:
    page = desk.page(login, "/inbox?box=positions")
    page.locator("[data-row]", has_text="流程变动审核").get_by_role("link", name=name).click()
    page.get_by_role("button", name="签收办理").click()
    return page


def approve(desk: Desk, analyst: Page) -> None:
    """Department review, collective deliberation, application, legal review: in force from today."""
    review = take(desk, "sf-review", "部门会审")
    review.get_by_role("link", name="查看流程图、证明报告、试运行和全部变化").click()
    expect(review.locator("main")).to_contain_text(STEP)
    review.go_back()
    checked: dict[str, Any] = {
        "checked": ["流程环节和先后次序", "证明报告和试运行"],
        "departments": [{"name": "执法监督科", "opinion": "同意"}],
        "opinion": {"stance": "agree", "text": ""},
    }
    fill(review, form("publication_initial"), checked)
    submit(review)
    head = take(desk, "sf-head", "集体讨论")
    held = {
        "held_at": "2026-01-05T09:30",
        "place": "三楼会议室",
        "host": next(a.name for a in city.demo_accounts() if a.login == "sf-head"),
        "attendees": "局领导班子成员",
        "discussion": "一致同意。",
        "conclusion": "通过",
    }
    fill(head, form("publication_collective"), held)
    submit(head)
    analyst.goto("/inbox")
    analyst.locator("[data-row]", has_text="流程变动审核").get_by_role("link", name="申报审核").click()
    analyst.get_by_label("拟施行日期").fill("2099-01-01")
    submit(analyst)
    legal = take(desk, "sf-legal", "合法性审核")
    points = ("subject", "authority", "power", "procedure", "limits", "burden", "papers")
    today = legal.evaluate("new Date().toLocaleDateString('sv-SE', { timeZone: 'Asia/Shanghai' })")
    audit = {
        **dict.fromkeys(points, "符合"),
        "conclusion": "审核通过",
        "opinion": "同意公布。",
        "effective_on": today,
    }
    fill(legal, form("publication_audit"), audit)
    submit(legal)


def running_cases_follow(desk: Desk, analyst: Page, server: RunningServer) -> None:
    """The analyst proposes, the agency's head decides, the worker moves them."""
    analyst.goto("/studio/moving")
    row = analyst.locator("tbody tr", has_text="枣庄市生态环境局").first
    row.get_by_role("link", name=re.compile("提出迁移")).click()
    analyst.get_by_label("理由").fill("在办案件增加裁量复核。")
    analyst.get_by_role("button", name="提出并核对").click()
    expect(analyst.get_by_text("待负责人决定")).to_be_visible(timeout=60_000)
    head = desk.page("hb-head", analyst.url.partition("?")[0])
    head.get_by_label("决定的理由").fill("同意。")
    head.get_by_role("button", name=re.compile("批准迁移")).click()
    expect(head.get_by_text("执行完毕")).to_be_visible(timeout=60_000)
    address = postgres.address(server.home).replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address) as connection:
        moved = connection.execute(
            'select count(*) from "case" c join procedure_version v on v.id = c.procedure_id'
            " where v.key = 'penalty/ordinary' and v.number = 2"
        ).fetchone()
        recorded = connection.execute(
            "select count(*) from record_entry where kind = 'case.migrated'"
        ).fetchone()
    assert moved
    assert recorded
    assert moved[0] == recorded[0] + 1 > 1, "the new case, and those that were moved, each on record"


def test_an_analyst_from_a_copy_to_cases_that_run_on_it(
    desk: Desk, server: RunningServer, new_page: Callable[..., Page], axe: Any, shot: Any
):
    board = Board(new_page()).start()
    analyst = board.page
    desk.windows["sf-analyst"] = analyst
    address = re.sub(r"^https?://[^/]+", "", analyst.url)
    verdict(analyst, "已证明：可以发布")
    drop_runs(analyst, address)
    draw(board)
    break_and_mend(board, shot)
    axe(analyst)
    board.saved()
    design_form(analyst, address)
    design_paper(analyst, address)

    board.open(address)
    made = board.run(
        "return e.get('elementRegistry').find((s) => s.businessObject.name === a && s.type === 'bpmn:UserTask').id",
        STEP,
    )
    board.select(made)
    board.panel.get_by_label("表单", exact=True).select_option("discretion_check")
    board.saved()
    verdict(analyst, "已证明：可以发布")
    shot("analyst-drawn", analyst)

    analyst.goto(f"{address}/try")
    analyst.get_by_label("开始日期").fill("2026-03-02")
    analyst.get_by_role("button", name="开始试运行").click()
    # twenty-five acts with all their documents: on a busy machine longer than a page may take elsewhere
    analyst.get_by_role("button", name="以示例内容走到底").click(timeout=60_000)
    expect(analyst.get_by_role("heading", name="已办结", level=2)).to_be_visible()
    expect(analyst.locator(".trying-acts")).to_contain_text(STEP)
    analyst.get_by_label("用例名称").fill("普通程序走到底")
    analyst.get_by_role("button", name="保存用例").click()
    expect(analyst.get_by_role("status").filter(has_text="已保存用例")).to_be_visible()

    send_in(analyst, address)
    approve(desk, analyst)
    analyst.goto(f"{address}/publish")
    expect(analyst.get_by_text("已公布").first).to_be_visible()

    case_no = desk.open_case("hb-intake", ITEM)
    officer = desk.windows["hb-intake"]
    officer.locator(".crumbs").get_by_role("link", name=case_no).click()
    expect(officer.locator(".diagram .djs-container").first).to_be_visible()  # what is above has its height
    officer.locator(".diagram.internal").first.evaluate(
        "drawing => drawing.scrollIntoView({ block: 'center' })"
    )
    expect(officer.locator(".diagram.internal .djs-container").first).to_be_visible()
    expect(officer.locator(".diagram.internal").first).to_contain_text(STEP)
    shot("analyst-case", officer)
    running_cases_follow(desk, analyst, server)
