"""Running cases moved in batches, in the browser: an analyst prepares, a head decides, a worker carries it out."""

import re
from collections.abc import Callable

import psycopg
import pytest
from desk import Desk
from playwright.sync_api import Page, expect
from running_server import RunningServer

from app.kernel import postgres

Look = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def server(busy_server: RunningServer) -> RunningServer:
    return busy_server


@pytest.fixture
def look(axe: Callable[[Page], None], shot: Callable[..., None]) -> Look:
    def check(page: Page, name: str) -> None:
        page.evaluate("scrollTo(0, 0)")
        shot(name, page)
        axe(page)

    return check


def database(server: RunningServer) -> psycopg.Connection:
    address = postgres.address(server.home).replace("postgresql+psycopg://", "postgresql://")
    return psycopg.connect(address, autocommit=True)


def test_prepared_decided_carried_out_and_moved_back(desk: Desk, look: Look, server: RunningServer):
    analyst = desk.page("sf-analyst", "/studio/moving")
    expect(analyst.get_by_role("link", name="在办迁移")).to_be_visible()
    look(analyst, "moving")
    row = analyst.locator("tbody tr", has_text="枣庄市生态环境局").first
    row.get_by_role("link", name=re.compile("提出迁移")).click()
    analyst.get_by_role("button", name="提出并核对").click()
    expect(analyst.locator("[data-error-summary]")).to_contain_text("请填写提出迁移的理由")
    look(analyst, "moving-errors")
    analyst.get_by_label("理由").fill("新版本更正了任务名称。")
    analyst.get_by_role("button", name="提出并核对").click()
    expect(analyst.get_by_text("已提出。平台正在逐件核对")).to_be_visible()
    expect(analyst.get_by_text("待负责人决定")).to_be_visible(timeout=60_000)
    expect(analyst.get_by_text("案件停留的“线索核查”在新版本中不存在")).to_be_visible()
    expect(analyst.get_by_role("heading", name="案件名单")).to_have_count(0)
    expect(analyst.get_by_role("button", name=re.compile("批准"))).to_have_count(0)
    look(analyst, "moving-batch-analyst")
    address = analyst.url.partition("?")[0]

    officer = desk.page("hb-officer1")
    assert officer.goto(address).status == 403
    expect(officer.get_by_role("link", name="在办迁移")).to_have_count(0)

    head = desk.page("hb-head", address)
    expect(head.get_by_role("heading", name="案件名单")).to_be_visible()
    look(head, "moving-batch-head")
    head.get_by_label("决定的理由").fill("")
    head.get_by_role("button", name=re.compile("批准迁移")).click()
    expect(head.locator("[data-error-summary]")).to_contain_text("请填写决定迁移的理由")
    head.get_by_label("决定的理由").fill("同意，名称以新版本为准。")
    head.get_by_role("button", name=re.compile("批准迁移")).click()
    expect(head.get_by_text("执行完毕")).to_be_visible(timeout=60_000)
    look(head, "moving-batch-done")
    with database(server) as connection:
        [(moved,)] = connection.execute("select count(*) from case_move where status = 'moved'").fetchall()
        [(recorded,)] = connection.execute(
            "select count(*) from record_entry where kind = 'case.migrated'"
        ).fetchall()
    assert moved == recorded >= 10

    head.get_by_label("移回的理由").fill("名称仍有争议，先移回。")
    head.get_by_role("button", name=re.compile("提出移回")).click()
    expect(head.get_by_role("button", name=re.compile(f"批准移回 {moved} 件"))).to_be_visible(timeout=60_000)
    head.get_by_role("button", name=re.compile("批准移回")).click()
    expect(head.get_by_text("执行完毕")).to_be_visible(timeout=60_000)
    look(head, "moving-batch-back")
    head.goto(address)
    expect(head.get_by_text("其中已移回")).to_be_visible()
