"""The page frame and its components: lawful under the policy, accessible, by keyboard and on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from running_server import RunningServer

PAGES = {"specimen": "/specimen", "specimen-list": "/specimen/list"}


@pytest.fixture(scope="module")
def specimen(serve_application: Callable[..., RunningServer]) -> RunningServer:
    return serve_application(XQ_SERVE_TARGET="specimen:app")


@pytest.fixture
def base_url(specimen: RunningServer) -> str:
    return specimen.url


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_fits(page: Page, axe, shot, name: str):
    page.goto(PAGES[name])
    page.wait_for_load_state("networkidle")
    axe(page)
    shot(name)
    page.set_viewport_size({"width": 360, "height": 740})
    axe(page)


@pytest.mark.parametrize("wish", ["contrast=high", "size=large"])
def test_the_display_modes_are_accessible_and_fit(page: Page, axe, shot, wish: str):
    page.goto(f"/display?{wish}&next=/specimen")
    page.wait_for_load_state("networkidle")
    axe(page)
    shot(f"specimen-{wish.partition('=')[2]}")


def test_the_display_switch_works_in_place_and_is_kept(page: Page):
    page.goto("/specimen")
    page.get_by_text("演示·甲", exact=True).first.click()
    page.get_by_role("button", name="高对比度").click()
    expect(page.locator("html")).to_have_attribute("data-contrast", "high")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-contrast", "high")


def test_lists_by_keyboard(page: Page):
    page.goto("/specimen/list")
    for key in ("j", "j", "k", "j"):
        page.keyboard.press(key)
    expect(page.locator("[data-row]").nth(1).get_by_role("link")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.type("j?")
    expect(page.locator("[data-search]")).to_have_value("j?")
    page.locator("[data-search]").blur()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="键盘操作")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/specimen")
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url("**/specimen/list")


def test_the_diagram_shows_the_state_and_leads_to_what_happened(page: Page):
    page.goto("/specimen")
    drawing = page.locator("[data-diagram]")
    expect(drawing.locator(".is-current[data-element-id=t3]")).to_be_visible()
    expect(drawing.locator(".is-passed[data-element-id=t2]")).to_be_visible()
    expect(drawing.get_by_role("group", name="当前环节：法制审核")).to_be_visible()
    drawing.locator("[data-element-id=t1] .djs-hit").click()
    expect(page.locator("#node-t1")).to_be_focused()
    for name in ("放大", "缩小", "全图", "原大"):
        drawing.get_by_role("button", name=name).click()


def test_a_refused_form_takes_the_focus_to_the_reason(page: Page):
    page.goto("/specimen")
    page.get_by_role("button", name="提交审核意见").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.locator("[data-error-summary]")).to_contain_text("请说明理由")


@pytest.mark.parametrize("status", [404, 409, 422])
def test_error_pages_say_what_to_do(page: Page, axe, shot, status: int):
    page.goto(f"/specimen/error/{status}")
    axe(page)
    shot(f"error-{status}")


def test_pages_print_without_the_frame(page: Page):
    page.goto("/specimen")
    page.emulate_media(media="print")
    expect(page.locator(".topbar")).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_pages_work_without_script(new_page):
    page = new_page(java_script_enabled=False)
    page.goto("/specimen/list")
    page.get_by_role("link", name="法制审核").first.click()
    expect(page.get_by_role("heading", name="办理经过")).to_be_visible()
