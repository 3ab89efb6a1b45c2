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


def test_training_is_asked_for_brought_and_seen(desk: Desk, look: Look, tmp_path: Path):
    head = desk.page("hb-head", "/staff/training")
    expect(head.get_by_role("heading", name="培训要求")).to_be_visible()
    form = head.locator("form", has_text="规定本机关的要求")
    form.get_by_label("每年学时").fill("40")
    form.get_by_label("依据文件和理由").fill("演示文件5号")
    form.get_by_role("button", name="规定要求").click()
    expect(head.locator("main")).to_contain_text("不得少于上级要求的 60 学时")
    look(head, "training-refused")
    form.get_by_label("每年学时").fill("80")
    form.get_by_role("button", name="规定要求").click()
    expect(head.get_by_text("已规定。")).to_be_visible()
    look(head, "training")
    admin = desk.page("sf-admin", "/admin/roster/training")
    file = tmp_path / "training.csv"
    name = head.locator("main table").first.locator("tbody tr td a").first.inner_text()
    login = "hb-officer1"
    file.write_text(
        "登录名,姓名,培训日期,培训内容,组织单位,学时,考试结果,计入年度\n"
        + f"{login},{name},那天,演示,演示,8,,\n",
        encoding="utf-8",
    )
    admin.get_by_label("名册文件").set_input_files(file)
    admin.get_by_role("button", name="核对，不录入").click()
    expect(admin.get_by_role("alert")).to_contain_text("培训日期应为日期")
    look(admin, "training-roster")


def test_accounts_are_examined_in_a_file(desk: Desk, look: Look):
    supervisor = desk.page("sf-super", "/supervision")
    supervisor.get_by_role("link", name="账号审计导出").click()
    expect(supervisor.get_by_role("heading", name="账号审计导出")).to_be_visible()
    supervisor.get_by_role("button", name="导出账号审计").click()
    expect(supervisor.get_by_role("alert")).to_contain_text("请写明导出的用途")
    look(supervisor, "account-audit")
    supervisor.get_by_label("用途").fill("演示检查3号")
    with supervisor.expect_download() as waiting:
        supervisor.get_by_role("button", name="导出账号审计").click()
    assert waiting.value.suggested_filename.endswith(".xlsx")


def test_lights_and_completeness_of_items(desk: Desk, look: Look):
    supervisor = desk.page("sf-super", "/supervision/items")
    expect(supervisor.get_by_role("heading", name="事项预警")).to_be_visible()
    look(supervisor, "foresight")
    supervisor.get_by_role("link", name="公开完整度").click()
    expect(supervisor.get_by_role("heading", name="各层级")).to_be_visible()
    look(supervisor, "completeness")
    supervisor.locator("main section").nth(1).locator("tbody a").first.click()
    expect(supervisor.locator("main")).to_contain_text("缺项列表")
    look(supervisor, "completeness-agency")


def test_an_administrator_reads_who_may_call_what(desk: Desk, look: Look):
    page = desk.page("sf-admin", "/admin/permissions")
    expect(page.get_by_role("link", name="权限矩阵")).to_have_attribute("aria-current", "page")
    row = page.get_by_role("row", name="案件 执法机关")
    expect(row.get_by_role("cell").nth(2)).to_have_text("查看、办理")
    expect(row.get_by_role("cell").nth(5)).to_have_text("—")
    page.get_by_text("执法监督：").click()
    expect(page.locator("[data-rule='GET /supervision']")).to_be_visible()
    look(page, "permissions")
