"""The pages of power items on the running demonstration: accessible, lawful under the policy, and they fit a phone."""

import re
from collections.abc import Callable

import pytest
from desk import Desk
from playwright.sync_api import Page, expect
from running_server import RunningServer

Look = Callable[[Page, str], None]


@pytest.fixture
def desk(new_page: Callable[..., Page], server: RunningServer) -> Desk:
    return Desk(new_page, server)


@pytest.fixture
def look(axe: Callable[[Page], None], shot: Callable[..., None]) -> Look:
    """A page at both widths by the eyes of axe, and on pictures."""

    def check(page: Page, name: str) -> None:
        page.wait_for_load_state("networkidle")
        shot(name, page)
        axe(page)
        before = page.viewport_size
        page.set_viewport_size({"width": 360, "height": 740})
        axe(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, f"{name} needs {wide} pixels on a phone"
        page.set_viewport_size(before)

    return check


@pytest.mark.parametrize(
    ("name", "login", "path"),
    [
        ("items", "hb-review", "/items"),
        ("items-region", "sf-super", "/items"),
        ("items-none", "hb-review", "/items?q=没有这样的事项"),
        ("items-coverage", "sf-super", "/items/coverage"),
        ("items-new", "hb-review", "/items/new"),
    ],
)
def test_lists(desk: Desk, look: Look, name: str, login: str, path: str):
    page = desk.page(login, "/inbox" if login.startswith("hb") else "/items")
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    look(page, name)


def test_an_item_from_its_page_to_the_sending_in(desk: Desk, look: Look):
    page = desk.page("hb-review", "/items")
    page.get_by_role("link", name="对含挥发性有机物废气的生产和服务活动未密闭").click()
    look(page, "item")
    page.get_by_role("link", name="划转").click()
    look(page, "item-transfer")
    page.get_by_role("button", name="填写理由和生效日期").click()
    expect(page.locator(".error-summary")).to_be_focused()
    look(page, "item-transfer-errors")
    page.go_back()
    page.go_back()
    page.get_by_role("link", name="变更要素").click()
    page.get_by_role("button", name="建立变更草稿").click()
    for step in ("basics", "basis", "subject", "running", "discretion"):
        page.wait_for_url(f"**/draw/{step}")
        look(page, f"item-draw-{step}")
        page.get_by_role("navigation", name="编制步骤").locator('[aria-current="page"] + a').click()
    page.wait_for_url("**/send")
    look(page, "item-send")
    page.get_by_role("button", name="送审", exact=True).click()
    expect(page.locator("[data-focus]").first).to_be_focused()
    look(page, "item-send-errors")
    page.get_by_role("button", name="放弃草稿").click()
    page.wait_for_url(re.compile(r"/items/\d+$"))
    page.locator("ol.plain-list a").first.click()
    page.wait_for_url("**/items/versions/*")
    look(page, "item-version")
