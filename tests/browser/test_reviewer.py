"""The legal reviewer's workbench in real Chromium: a whole review by keyboard, a second one with its changes marked."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from desk import Desk
from playwright.sync_api import Page, expect
from running_server import RunningServer

from app.kernel import postgres
from app.kernel.settings import ROOT

Look = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def second(server: RunningServer) -> int:
    """A case that waits for its second review (`prepare_review.py`)."""
    here = Path(__file__).parent
    environment = os.environ | {
        "DATABASE_URL": postgres.address(server.home),
        "XQ_HOME": str(server.home),
        "PYTHONPATH": os.pathsep.join(str(path) for path in (here.parent, here, ROOT)),
    }
    program = [sys.executable, str(here / "prepare_review.py")]
    done = subprocess.run(program, check=True, env=environment, capture_output=True, text=True)
    return int(done.stdout.split()[-1])


@pytest.fixture
def look(axe: Callable[[Page], None], shot: Callable[..., None]) -> Look:
    """At both widths by the eyes of axe, and on pictures."""

    def check(page: Page, name: str) -> None:
        page.wait_for_load_state("networkidle")
        page.evaluate("scrollTo(0, 0)")
        shot(name, page)
        axe(page)
        before = page.viewport_size
        page.set_viewport_size({"width": 360, "height": 740})
        axe(page)
        page.set_viewport_size(before)

    return check


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, selector: str, most: int = 80) -> None:
    """Press Tab until the focus is on what this selects."""
    for _ in range(most):
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {selector}")


def test_a_whole_review_by_keyboard_alone(desk: Desk, look: Look):
    page = desk.page("hb-legal", "/inbox?box=positions")
    press(page, "j", "Enter")
    page.wait_for_url("**/work/*")
    tab_to(page, "[data-primary]")
    press(page, "Enter")
    expect(page.locator("form[data-form]")).to_be_visible()
    page.evaluate("document.querySelector('#main').focus()")
    tab_to(page, "a[href*='/review/legal/']")
    press(page, "Enter")
    page.wait_for_url("**/review/legal/*")
    expect(page.get_by_role("tab", name="决定书草案")).to_have_attribute("aria-selected", "true")
    look(page, "legal-draft")

    # the tabs, each looked at
    for number, name in ((2, "noticed"), (3, "discretion"), (4, "checked"), (5, "opinion")):
        press(page, str(number))
        expect(page.locator(f"#panel-{name}")).to_be_visible()
        look(page, f"legal-{name}")

    # a remark on part of a passage of the draft, and one on the file
    press(page, "1")
    tab_to(page, "#panel-draft [data-passage]")
    press(page, *["ArrowDown"] * 8, "Enter")
    expect(page.locator("#remark-dialog")).to_be_visible()
    look(page, "legal-remark")
    quote = page.locator("#remark-quote")
    whole = quote.input_value()
    press(page, "Shift+Tab", "Shift+Tab", "Shift+Tab")
    expect(quote).to_be_focused()
    press(page, "Control+Home", *["Shift+ArrowRight"] * 6)
    tab_to(page, "[name=kind]")
    press(page, "ArrowRight")  # 修改建议
    tab_to(page, "#remark-point")
    press(page, "ArrowDown")
    tab_to(page, "#remark-text")
    page.keyboard.type("写明超标的具体时间。")
    tab_to(page, "#remark-dialog .primary")
    press(page, "Enter")
    expect(page.locator("#remark-dialog")).to_be_hidden()
    mark = page.locator("#panel-draft mark[data-number='1']")
    expect(mark).to_have_text(whole[:6])
    assert page.evaluate("document.activeElement.matches('[data-passage]')")

    # its words into the opinion, the points, the conclusion
    press(page, "5")
    tab_to(page, "[data-insert]")
    press(page, "Enter")
    expect(page.locator("[name=opinion]")).to_be_focused()
    expect(page.locator("[name=opinion]")).to_have_value(re.compile("写明超标的具体时间"))
    expect(page.locator("[data-unsaid]")).to_be_hidden()
    page.locator("#heading-opinion").evaluate("(e) => { e.tabIndex = -1; e.focus(); }")
    tab_to(page, "[name=grounds]")
    press(page, "Space")
    tab_to(page, "[name='materials.0.name']")
    page.keyboard.type("案件卷宗")
    for point in ("subject", "facts", "law", "procedure", "power", "document", "crime"):
        tab_to(page, f"[name={point}]")
        press(page, "Space")
    tab_to(page, "[name=conclusion]")
    press(page, "Space", "ArrowDown")  # 修改后同意
    expect(page.locator("[name=conclusion]:checked")).to_have_value("修改后同意")
    expect(page.locator(".draft-status")).to_contain_text("已自动保存")
    look(page, "legal-filled")
    tab_to(page, "[data-primary]")
    press(page, "Enter")
    page.wait_for_url("**/cases/*done=*")
    expect(page.locator("[data-focus]")).to_contain_text(
        re.compile("重大执法决定法制审核意见书.*法审〔2026〕")
    )


def test_the_second_review_marks_what_changed(desk: Desk, look: Look, second: int):
    page = desk.page("cg-legal", "/review/legal")
    look(page, "legal-index")
    row = page.locator("[data-row]", has_text="擅自挖掘城市道路").first
    row.get_by_role("link").first.click()
    page.wait_for_url("**/review/legal/*")
    expect(page.locator("main")).to_contain_text("第 2 次审核")
    page.get_by_role("tab", name="上次以来").click()
    expect(page.locator("#panel-again")).to_contain_text("22平方米对应20至50平方米一档")
    look(page, "legal-again")
    page.get_by_role("tab", name="裁量和类案").click()
    expect(page.locator("#panel-discretion tbody tr")).not_to_have_count(0)
    look(page, "legal-like-cases")

    # the words of the old remark are found in the file
    page.get_by_role("tab", name="上次以来").click()
    page.locator("#panel-again a", has_text="属一般阶次").click()
    old = page.locator("mark.mark-earlier", has_text="属一般阶次")
    expect(old).to_be_in_viewport()

    # words selected with the mouse
    where = page.locator("[data-pane=file] [data-passage]", has_text="属一般阶次").first
    where.dblclick()
    page.get_by_role("button", name="写批注").click()
    expect(page.locator("#remark-quote")).not_to_have_value("")
    page.locator("#remark-dialog .primary").click()
    expect(page.locator("[data-problem]")).to_contain_text("请写明问题")
    page.locator("#remark-text").fill("分档对应关系已经说明。")
    page.get_by_label("佐证").check()
    page.locator("#remark-point").select_option("law")
    page.locator("#remark-dialog .primary").click()
    expect(page.locator("mark.mark-support")).to_have_count(1)
    page.get_by_role("tab", name="审核意见").click()
    look(page, "legal-second-opinion")

    # earlier findings are confirmed one by one, or changed
    expect(page.locator("input[type=radio][name=subject]:checked")).to_have_count(0)
    page.locator("[data-carry=subject]").click()
    expect(page.locator("[name=subject]:checked")).to_have_value("符合")
    page.locator("[data-carry=law]").click()
    expect(page.locator("[name=law_note]")).to_have_value(re.compile("面积分档"))
    page.locator("[name=law][value=符合]").check()

    # the remark is changed and taken back
    page.locator("[data-change]").click()
    page.locator("#remark-text").fill("改过的话。")
    page.locator("#remark-dialog .primary").click()
    expect(page.locator("#remarks")).to_contain_text("改过的话。")
    page.locator("[data-remove]").click()
    expect(page.locator("mark.mark-support")).to_have_count(0)

    # as it will print
    page.get_by_role("tab", name="决定书草案").click()
    page.get_by_role("button", name="打印样式").click()
    expect(page.locator(".draft-page").first).to_be_visible()
    look(page, "legal-print")


def test_a_review_that_is_refused_keeps_what_was_typed(desk: Desk, look: Look, second: int):
    page = desk.page("cg-legal", "/review/legal")
    page.locator("[data-row]", has_text="擅自挖掘城市道路").first.get_by_role("link").first.click()
    page.wait_for_url("**/review/legal/*")
    page.get_by_role("tab", name="审核意见").click()
    page.locator("[name=opinion]").fill("只写了意见。")
    page.locator("[data-primary]").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.locator("[name=opinion]")).to_have_value("只写了意见。")
    page.locator("[data-panels]").evaluate(
        "(e) => { e.scrollTop = 0; }"
    )  # no control half below the bar of the button
    look(page, "legal-errors")


def test_the_handlers_read_the_remarks(desk: Desk, look: Look, second: int):
    page = desk.page("cg-officer1", f"/review/legal/cases/{second}/remarks")
    expect(page.locator("main")).to_contain_text("裁量理由没有说明与裁量基准面积分档的对应关系")
    look(page, "legal-told")
