"""The inbox in real Chromium: by mouse, by keyboard alone, without script, and on a phone."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect
from prepare_desk import ASKED, COPIED, POOL, REASON, URGED
from running_server import RunningServer

from app.kernel import postgres
from app.kernel.settings import ROOT
from app.people import demo as city

Look = Callable[[Page, str], None]
BOXES = ("mine", "positions", "opinions", "urged", "copied", "initiated", "watched", "done")


@pytest.fixture(scope="module")
def desks(serve_application: Callable[..., RunningServer]) -> RunningServer:
    """A demonstration with what the inbox shows (`prepare_desk.py`)."""
    running = serve_application(XQ_WORKER="0")
    here = Path(__file__).parent
    environment = os.environ | {
        "DATABASE_URL": postgres.address(running.home),
        "XQ_HOME": str(running.home),
        "PYTHONPATH": os.pathsep.join(str(path) for path in (here.parent, ROOT)),
    }
    subprocess.run([sys.executable, here / "prepare_desk.py"], check=True, env=environment)
    return running


@pytest.fixture
def base_url(desks: RunningServer) -> str:
    return desks.url


@pytest.fixture
def database(desks: RunningServer) -> Iterator[psycopg.Connection]:
    address = postgres.address(desks.home).replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


@pytest.fixture
def back(database: psycopg.Connection) -> None:
    """The pool as it was."""
    database.execute(
        "update work_item set assignee_id = null, claimed_at = null where node = 'check' and status = 'open'"
    )
    database.execute("delete from inbox_default; delete from inbox_filter; delete from inbox_columns")


@pytest.fixture
def look(axe: Callable[[Page], None], shot: Callable[..., None]) -> Look:
    """Look at a page as it stands: at both widths by the eyes of axe, and on pictures."""

    def check(page: Page, name: str) -> None:
        page.wait_for_load_state("networkidle")
        shot(f"desk-{name}", page)
        axe(page)
        before = page.viewport_size
        page.set_viewport_size({"width": 360, "height": 740})
        axe(page)
        page.set_viewport_size(before)

    return check


def enter(page: Page, login: str = "hb-officer1", path: str = "/inbox") -> Page:
    page.goto("/sign-in")
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码").fill(city.password())
    page.get_by_role("button", name="登录系统").click()
    page.wait_for_url(re.compile(r"(?<!/sign-in)$"))
    page.goto(path)
    return page


def rows(page: Page):
    return page.locator("#inbox tbody tr[data-row]")


@pytest.mark.parametrize("box", BOXES)
def test_every_box(page: Page, look: Look, back: None, box: str):
    enter(page, path=f"/inbox?box={box}&f=none" if box != "initiated" else "/inbox?box=initiated")
    expect(page.get_by_role("heading", level=1)).to_have_text("工作台")
    expect(page.locator(".tabs [aria-current]")).to_have_count(1)
    look(page, box)


def test_what_came_back_says_why_and_what_was_said_stands_there(page: Page, back: None):
    enter(page)
    notes = page.locator(".row-notes")
    expect(notes.filter(has_text=REASON).first).to_contain_text("退回")
    page.goto("/inbox?box=urged")
    expect(notes.first).to_contain_text("催办 2 次")
    expect(notes.first).to_contain_text(URGED)
    page.goto("/inbox?box=opinions")
    expect(notes.first).to_contain_text(ASKED)


def test_a_copy_is_read_by_opening_it(page: Page, database: psycopg.Connection):
    database.execute("update involvement set read_at = null where part = 'copy'")
    enter(page, path="/inbox?box=copied")
    expect(rows(page).first).to_contain_text("未读")
    expect(page.locator(".row-notes").first).to_contain_text(COPIED)
    rows(page).first.locator(".main-cell a").click()
    page.wait_for_url("**/cases/*")
    page.goto("/inbox?box=copied")
    expect(rows(page).first).not_to_contain_text("未读")


def test_filters_by_mouse(page: Page, look: Look, back: None):
    enter(page, path="/inbox?box=positions")
    before = rows(page).count()
    assert before >= POOL
    page.get_by_role("link", name="筛选", exact=True).click()
    panel = page.get_by_role("region", name="筛选")
    expect(panel).to_be_visible()
    expect(panel).to_contain_text("时限")
    look(page, "facets")
    group = panel.locator(".facet").filter(has=page.get_by_role("heading", name="时限"))
    group.get_by_role("button", name=re.compile("^排除")).first.click()
    chip = page.get_by_role("link", name=re.compile("^去掉条件：排除时限"))
    expect(chip).to_be_visible()
    assert "not.light=" in page.url
    look(page, "chips")
    expect(panel).to_be_visible()
    chip.click()
    expect(chip).to_have_count(0)
    expect(rows(page)).to_have_count(before)
    page.get_by_label("自").first.fill("2040-01-01")
    page.get_by_role("button", name="按日期筛选").click()
    expect(page.locator(".empty")).to_contain_text("没有符合所选条件的任务")
    look(page, "nothing-fits")
    page.go_back()
    expect(rows(page)).to_have_count(before)


def test_a_saved_filter_applies_by_itself(page: Page, look: Look, shot: Callable[..., None], back: None):
    enter(page, path="/inbox?box=positions&two=yes")
    page.get_by_role("link", name="保存为筛选").click()
    page.get_by_role("button", name="保存筛选").click()
    expect(page.locator(".error-summary")).to_contain_text("请填写筛选的名称")
    expect(page.locator(".error-summary")).to_be_focused()
    look(page, "save-filter-wrong")
    page.get_by_label("名称").fill("须两人办理的")
    page.get_by_label("打开“本岗待签收”时自动使用").check()
    page.get_by_role("button", name="保存筛选").click()
    page.goto("/inbox?box=positions")
    expect(page.locator(".chips")).to_contain_text("默认筛选“须两人办理的”")
    page.get_by_text("已保存的筛选").click()
    shot("desk-saved-menu", page)
    page.get_by_role("link", name="管理筛选").click()
    look(page, "filters")
    page.get_by_role("button", name="取消默认").click()
    page.goto("/inbox?box=positions")
    expect(page.locator(".chips")).to_have_count(0)


def test_a_head_shares_a_filter(page: Page, new_page: Callable[..., Page], look: Look, back: None):
    enter(page, "hb-head", "/inbox/filters/new?box=mine&returned=yes")
    page.get_by_label("名称").fill("退回重办的")
    page.get_by_label("共享给本机关").check()
    look(page, "share-filter")
    page.get_by_role("button", name="保存筛选").click()
    officer = enter(new_page())
    officer.get_by_text("已保存的筛选").click()
    officer.get_by_role("link", name=re.compile("退回重办的")).click()
    expect(officer.locator(".chips")).to_contain_text("退回重办：是")


def test_columns(page: Page, look: Look, back: None):
    enter(page, path="/inbox?box=positions")
    page.get_by_role("link", name="列", exact=True).click()
    look(page, "columns")
    page.get_by_label("事项", exact=True).check()
    page.get_by_label("案号", exact=True).uncheck()
    page.get_by_label("事项的次序").fill("1")
    page.get_by_role("button", name="保存列设置").click()
    expect(page.locator("#inbox thead")).to_contain_text("事项")
    heads = page.locator("#inbox thead th").all_inner_texts()
    assert "案号" not in heads
    assert "事项" in heads
    look(page, "other-columns")


def test_many_at_once_with_one_refused(page: Page, look: Look, back: None, database: psycopg.Connection):
    enter(page, path="/inbox?box=positions")
    page.get_by_label("全选本页").check()
    expect(page.locator("[data-picked]")).to_have_text(re.compile(r"已选 \d+ 项"))
    look(page, "picked")
    total = rows(page).count()
    page.get_by_role("button", name="签收", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"签收 {total} 项任务")
    expect(dialog.get_by_role("heading")).to_be_focused()
    look(page, "dialog")
    taken = int(rows(page).first.locator("[data-pick]").get_attribute("value").split(".")[0])
    other = "(select o.id from officer o join account a on a.officer_id = o.id where a.login = 'hb-officer2')"
    database.execute(f"update work_item set assignee_id = {other} where id = {taken}".encode())  # noqa: S608
    dialog.get_by_role("button", name=f"签收 {total} 项").click()
    expect(dialog).to_contain_text(f"完成 {total - 1} 项，未办理 1 项")
    expect(dialog).to_contain_text("这项任务已由其他人员承办")
    look(page, "outcome")
    dialog.get_by_role("link", name="返回列表").click()
    expect(page.locator(".empty")).to_contain_text("本岗位没有待签收的任务")
    assert page.url.endswith("box=positions")


def test_the_whole_inbox_by_keyboard_alone(page: Page, back: None):
    enter(page, path="/account")
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url("**/inbox")
    page.keyboard.press("]")
    page.wait_for_url("**box=positions*")
    expect(page.locator("[data-swap='tab-positions']")).to_be_focused()
    page.keyboard.press("j")
    expect(rows(page).nth(0).locator(".main-cell a")).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.locator("[data-picked]")).to_have_text("已选 3 项")
    kept = rows(page).nth(3).get_attribute("data-key")
    page.get_by_role("button", name="签收", exact=True).focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("签收 3 项任务")
    dialog.get_by_role("button", name="签收 3 项").focus()
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("完成 3 项")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(rows(page).first).to_have_attribute("data-key", kept)
    page.keyboard.press("f")
    expect(page.locator("#facets a").first).to_be_focused()
    page.keyboard.press("f")
    expect(page.locator("#facets")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("选中或者不选所在的一行")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("没有这样的案件")
    page.keyboard.press("Enter")
    expect(page.locator(".empty")).to_contain_text("没有找到与“没有这样的案件”相符的任务")


def test_words_in_texts(page: Page, look: Look):
    enter(page, path="/inbox?box=done")
    page.get_by_label("查找范围").select_option(label="意见和文书")
    page.locator("#q").fill("扬尘")
    page.get_by_role("button", name="查找").click()
    expect(page.locator("mark").first).to_have_text("扬尘")
    look(page, "texts")


def test_the_badge_follows_without_a_new_page(page: Page, back: None, database: psycopg.Connection):
    enter(page)
    badge = page.locator("[data-badge]")
    expect(badge).to_be_visible()
    first = int(re.match(r"\d+", badge.inner_text())[0])
    expect(page).to_have_title(re.compile(rf"^\({first}\) 工作台"))
    me = "(select officer_id from account where login = 'hb-officer1')"
    database.execute(
        f"update work_item set assignee_id = {me} where id = (select max(id) from work_item"  # noqa: S608
        " where node = 'check' and status = 'open' and assignee_id is null)".encode()
    )
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page).to_have_title(re.compile(rf"^\({first + 1}\) "))
    assert badge.get_attribute("aria-label").startswith(f"待办 {first + 1} 项")
    page.goto("/account")
    expect(page.locator("[data-badge]")).to_be_visible()


def test_sheets_to_print(page: Page, look: Look, back: None):
    enter(page, path="/inbox?box=positions")
    rows(page).nth(0).locator("[data-pick]").check()
    rows(page).nth(1).locator("[data-pick]").check()
    with page.expect_popup() as opened:
        page.get_by_role("button", name="打印", exact=True).click()
    sheets = opened.value
    expect(sheets.locator(".task-sheet")).to_have_count(2)
    sheets.close()


def test_everything_works_without_script(
    browser: Browser, browser_context_args: dict, desks: RunningServer, back: None
):
    context = browser.new_context(base_url=desks.url, java_script_enabled=False, **browser_context_args)
    page = enter(context.new_page(), path="/inbox?box=positions")
    page.get_by_role("link", name="筛选", exact=True).click()
    page.get_by_role("region", name="筛选").get_by_role("button", name=re.compile("^排除")).first.click()
    page.locator(".chips").get_by_role("link", name="全部清除").click()
    page.locator("[data-pick]").first.check()
    page.get_by_role("button", name="签收", exact=True).click()
    page.get_by_role("button", name="签收 1 项").click()
    expect(page.locator("main")).to_contain_text("完成 1 项")
    page.get_by_role("link", name="返回列表").click()
    assert "box=positions" in page.url
    context.close()


def test_on_a_phone(new_page: Callable[..., Page], back: None, axe: Callable[[Page], None]):
    page = enter(
        new_page(viewport={"width": 360, "height": 740}, has_touch=True), path="/inbox?box=positions"
    )
    page.get_by_role("link", name="筛选", exact=True).tap()
    expect(page.get_by_role("region", name="筛选")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="筛选", exact=True).tap()
    rows(page).first.locator("[data-pick]").check()
    page.get_by_role("button", name="签收", exact=True).tap()
    page.get_by_role("button", name="签收 1 项").tap()
    expect(page.get_by_role("dialog")).to_contain_text("完成 1 项")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
