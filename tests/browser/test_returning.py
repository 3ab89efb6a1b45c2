"""退回 and 撤回 in the browser: what becomes void is read before the click, and seen on the case afterwards."""

from collections.abc import Callable

import psycopg
import pytest
from desk import Desk
from playwright.sync_api import Page, expect
from running_server import RunningServer

from app.cases import demo_content
from app.kernel import postgres

Look = Callable[[Page, str], None]


@pytest.fixture
def look(axe: Callable[[Page], None], shot: Callable[..., None]) -> Look:
    """At both widths by the eyes of axe, and on pictures."""

    def check(page: Page, name: str) -> None:
        page.wait_for_load_state("networkidle")
        shot(name, page)
        axe(page)
        page.set_viewport_size({"width": 360, "height": 740})
        axe(page)
        page.set_viewport_size({"width": 1280, "height": 800})

    return check


def test_a_case_is_returned_and_what_fell_is_struck(
    new_page: Callable[..., Page], server: RunningServer, look: Look
):
    desk = Desk(new_page, server)
    address = postgres.address(server.home).replace("postgresql+psycopg://", "postgresql://")
    party = demo_content.case_of("dust-heap")["party"]["name"]
    with psycopg.connect(address, autocommit=True) as database:
        asked = 'select w.id, w.case_id from work_item w join "case" c on c.id = w.case_id'
        chosen = f"{asked} where c.title like %s and w.node = 'pre_review' and w.status = 'open'"
        work_id, case_id = database.execute(chosen, [f"%{party}%"]).fetchone()
    page = desk.page("hb-review", f"/work/{work_id}")
    desk.take(page)
    page.goto(f"/work/{work_id}/acts/return")
    look(page, "return")
    page.get_by_role("button", name="退回", exact=True).click()
    expect(page.locator(".error-summary")).to_be_focused()
    look(page, "return-errors")
    page.get_by_role("radio", name="调查终结报告").check()
    page.get_by_label("理由").fill("照片与现场笔录的时间不一致，请补充。")
    page.get_by_role("button", name="退回", exact=True).click()
    expect(page.locator(".notice.ok")).to_contain_text("已退回到“调查终结报告”")
    expect(page.get_by_text("已退回作废").first).to_be_visible()
    look(page, "returned-case")
    page.goto(f"/cases/{case_id}/replay")
    expect(page.locator("main")).to_contain_text("退回“业务审核”")
    officer = desk.page("hb-officer1", f"/cases/{case_id}")
    officer.locator("#node-report a.button").click()
    expect(officer.locator("[name=proposal]")).not_to_have_value("")
    look(officer, "returned-task")
