"""人员名册, 提醒, 证件, 名册导入 and 本机关标准 as people meet them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from desk import Desk
from playwright.sync_api import Page, expect
from running_server import RunningServer

Look = Callable[[Page, str], None]
ROSTER = (
    "机关代码,登录名,姓名,账号类型,岗位,证件种类,证号,有效期起,有效期止\n"
    "370400-04,hb-roster1,丙寅（演示）,,执法办案岗,行政执法证,演示名册-0001,2026-01-01,2029-12-31\n"
)


@pytest.fixture(scope="module")
def server(serve_application: Callable[..., RunningServer]) -> RunningServer:
    """A demonstration of its own: people lose certificates, and an agency sets thresholds."""
    return serve_application()


@pytest.fixture
def desk(new_page: Callable[..., Page], server: RunningServer) -> Desk:
    return Desk(new_page, server)


@pytest.fixture
def look(axe: Callable[[Page], None], shot: Callable[..., None]) -> Look:
    def check(page: Page, name: str) -> None:
        page.wait_for_load_state("networkidle")
        page.evaluate("scrollTo(0, 0)")
        shot(f"people-{name}", page)
        axe(page)
        before = page.viewport_size
        page.set_viewport_size({"width": 360, "height": 740})
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} scrolls sideways"
        page.set_viewport_size(before)

    return check


def test_a_certificate_is_withheld_and_the_head_is_told(desk: Desk, look: Look):
    admin = desk.page("sf-admin", "/admin/accounts?q=hb-officer2")
    admin.locator("main table a").first.click()
    admin.locator("summary", has_text="暂扣").first.click()
    admin.get_by_label("理由和决定文号").first.fill("演示决定1号")
    look(admin, "account")
    admin.get_by_role("button", name="暂扣，立即生效").first.click()
    expect(admin.locator("main")).to_contain_text("已暂扣证件")
    head = desk.page("hb-head", "/inbox")
    expect(head.locator("main")).to_contain_text("条关于人员、证件的新提醒")
    head.get_by_role("link", name="查看提醒").click()
    expect(head.locator("main")).to_contain_text("自今日起暂扣")
    look(head, "notices")
    head.goto("/staff")
    look(head, "staff")
    head.locator("main table a").first.click()
    look(head, "officer")
    head.goto("/staff/refusals")
    look(head, "refusals")


def test_a_roster_is_checked_then_entered(desk: Desk, look: Look, tmp_path: Path):
    file = tmp_path / "名册.csv"
    file.write_text(ROSTER, encoding="utf-8-sig")
    admin = desk.page("sf-admin", "/admin/roster")
    look(admin, "roster")
    admin.get_by_label("名册文件").set_input_files(file)
    admin.get_by_role("button", name="核对，不录入").click()
    expect(admin.locator("main")).to_contain_text("将变更 1 行")
    admin.get_by_label("名册文件").set_input_files(file)
    admin.get_by_role("button", name="录入", exact=True).click()
    expect(admin.locator("main")).to_contain_text("一次性密码")
    look(admin, "roster-entered")
    file.write_text(ROSTER.replace("执法办案岗", "没有这个岗"), encoding="utf-8-sig")
    admin.get_by_label("名册文件").set_input_files(file)
    admin.get_by_role("button", name="核对，不录入").click()
    expect(admin.locator(".error-summary")).to_contain_text("第 2 行：岗位“没有这个岗”不存在")
    look(admin, "roster-wrong")


def test_a_head_sets_a_lower_threshold(desk: Desk, look: Look):
    head = desk.page("hb-head", "/inbox/thresholds")
    look(head, "thresholds")
    table = head.locator("section", has=head.get_by_role("heading", name="达到本机关重大执法决定标准"))
    table.locator("summary").click()
    table.get_by_label("对公民罚款（低于 10,000 元）").fill("20000")
    table.get_by_label("依据文件").fill("演示目录〔2026〕1号")
    table.get_by_label("理由").fill("会议决定（演示）")
    table.get_by_role("button", name="登记这次规定").click()
    expect(head.locator(".error-summary")).to_contain_text("应低于 10,000 元")
    look(head, "thresholds-wrong")
    amount = table.get_by_label("对公民罚款（低于 10,000 元）")
    expect(amount).to_have_value("20000")
    amount.fill("5000")
    table.get_by_role("button", name="登记这次规定").click()
    expect(head.locator("main")).to_contain_text("标准已登记")
    expect(table).to_contain_text("5,000 元以上")
    look(head, "thresholds-set")
