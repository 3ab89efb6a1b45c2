"""The pages of power items on the running demonstration: accessible, lawful under the policy, and they fit a phone."""

import re
from collections.abc import Callable

import pytest
from desk import Desk
from playwright.sync_api import Page, expect

Look = Callable[[Page, str], None]


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
def test_lists(desk: Desk, both_widths: Look, name: str, login: str, path: str):
    page = desk.page(login, "/inbox" if login.startswith("hb") else "/items")
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    both_widths(page, name)


def test_an_item_from_its_page_to_the_sending_in(desk: Desk, both_widths: Look):
    page = desk.page("hb-review", "/items")
    page.get_by_role("link", name="对含挥发性有机物废气的生产和服务活动未密闭").click()
    both_widths(page, "item")
    page.get_by_role("link", name="划转").click()
    both_widths(page, "item-transfer")
    page.get_by_role("button", name="填写理由和生效日期").click()
    expect(page.locator(".error-summary")).to_be_focused()
    both_widths(page, "item-transfer-errors")
    page.go_back()
    page.go_back()
    page.get_by_role("link", name="变更要素").click()
    page.get_by_role("button", name="建立变更草稿").click()
    for step in ("basics", "basis", "subject", "running", "discretion"):
        page.wait_for_url(f"**/draw/{step}")
        both_widths(page, f"item-draw-{step}")
        page.get_by_role("navigation", name="编制步骤").locator('[aria-current="page"] + a').click()
    page.wait_for_url("**/send")
    both_widths(page, "item-send")
    page.get_by_role("button", name="送审", exact=True).click()
    expect(page.locator("[data-focus]").first).to_be_focused()
    both_widths(page, "item-send-errors")
    page.get_by_role("button", name="放弃草稿").click()
    page.wait_for_url(re.compile(r"/items/\d+$"))
    page.locator("ol.plain-list a").first.click()
    page.wait_for_url("**/items/versions/*")
    both_widths(page, "item-version")
