"""The page of an item's own tiers by keyboard, and the pages on deviations and thresholds, on the running demonstration."""

from collections.abc import Callable

import pytest
from desk import Desk
from playwright.sync_api import Page, expect

Look = Callable[[Page, str], None]
ITEM = "对含挥发性有机物废气的生产和服务活动未密闭"


@pytest.mark.requirement("S0-8", part="自拟裁量档次的页面")
def test_tiers_are_drawn_up_by_keyboard_and_told_at_their_row(
    desk: Desk, both_widths: Look, shot: Callable[..., None]
):
    page = desk.page("hb-review", "/items")
    page.get_by_role("link", name=ITEM).click()
    page.get_by_role("link", name="变更要素").click()
    page.get_by_role("button", name="建立变更草稿").click()
    page.wait_for_url("**/draw/basics")
    page.goto(page.url.replace("/basics", "/discretion"))
    page.get_by_label("不收费").check()
    page.get_by_label("自拟裁量档次，随本事项送审").check()
    page.get_by_role("button", name="保存并继续").click()
    page.wait_for_url("**/tiers")
    expect(page.get_by_label("法定上限（元或者倍）")).to_have_value("200000")
    page.get_by_label("事实性质情节社会影响（必填）").fill("面积（演示）")
    rows = (
        ("面积（平方米） < 10", "20000", "60000", "不属于本档"),
        ("10 ≤ 面积（平方米） < 100", "70000", "120000", "不属于本档"),
        ("面积（平方米） ≥ 100", "120000", "200000", "属于本档"),
    )
    for n, (condition, low, high, last) in enumerate(rows):
        row = page.locator(f"#tier-{n}")
        row.get_by_label("条件", exact=True).fill(condition)
        row.get_by_label("下限（元）", exact=True).fill(low)
        row.get_by_label("上限（元）", exact=True).fill(high)
        row.get_by_label("上限数额").select_option(label=last)
    expect(page.locator('[data-findings="1"]')).to_contain_text("60000 至 70000 元之间没有档次")
    expect(page.locator("[data-tiers-status]")).to_contain_text("已存为草稿，有 1 处须改正")
    page.get_by_role("button", name="保存裁量档次").press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    both_widths(page, "item-tiers-errors")
    page.locator("#tier-1").get_by_label("条件", exact=True).press("Alt+ArrowUp")
    expect(page.locator("#tier-0")).to_be_focused()
    expect(page.locator("#tier-0").get_by_label("下限（元）", exact=True)).to_have_value("70000")
    page.locator("#tier-0").get_by_label("条件", exact=True).press("Alt+ArrowDown")
    expect(page.locator("#tier-1")).to_be_focused()
    page.locator("#tier-1").get_by_label("下限（元）", exact=True).fill("60000")
    expect(page.locator("[data-tiers-status]")).to_contain_text("没有须改正的地方")
    page.goto(page.url.partition("?")[0])
    expect(page.locator("#tier-1").get_by_label("下限（元）", exact=True)).to_have_value("60000")
    page.get_by_role("button", name="检查", exact=True).click()
    expect(page.get_by_text("检查完毕，没有须改正的地方")).to_be_focused()
    both_widths(page, "item-tiers")
    page.get_by_role("button", name="保存裁量档次").click()
    page.wait_for_url("**/send")
    expect(page.get_by_role("table", name="变化")).to_contain_text("裁量档次：“从轻”档")
    shot("item-tiers-send", page)
    page.get_by_role("button", name="放弃草稿").click()


@pytest.mark.parametrize(
    ("name", "login", "path"),
    [
        ("deviations", "sf-super", "/supervision/deviations?q=没有这样的案件"),
        ("deviations-head", "hb-head", "/supervision/deviations"),
        ("region-thresholds", "sf-suplead", "/supervision/thresholds"),
    ],
)
def test_pages_of_supervision(desk: Desk, both_widths: Look, name: str, login: str, path: str):
    page: Page = desk.page(login, "/inbox" if login.startswith("hb") else "/items")
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    if name == "region-thresholds":
        page.get_by_text("规定重大执法决定标准").first.click()
        page.get_by_role("button", name="登记这次规定").first.click()
        expect(page.locator(".error-summary")).to_be_focused()
    both_widths(page, name)
